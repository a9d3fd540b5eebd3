"""The words that no visible string may use: `python -m config.words`, a step of `./dev check`.

Read are templates and e-mails (text, and the attributes that people see or hear), every sentence in Python code and
in our scripts. Comments and docstrings are not; neither is the catalog, which `questions/catalog_style.py` reads.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent

# Nouns that are counted: after a number that may be 1 they need their singular, too.
COUNTED = r"(?:questions|answers|interviews|topics|points|minutes|days|reviews|members|words|marks|attempts|lines|rows)"

# What is wrong, how it looks, and what to write.
RULES = [
    (name, re.compile(pattern), advice)
    for name, pattern, advice in [
        ("bell", r"(?i)\bthe bell\b", "time is up"),
        ("peace", r"(?i)\bin peace\b", "take your time"),
        ("for nothing", r"(?i)\bfor nothing\b", "say what it does not do"),
        ("surer", r"(?i)\bsurer\b(?<!you’re surer)", "more certain"),
        ("figure", r"(?i)(?<!/)\bfigures?\b(?! out|:|/)", "number, or image"),
        ("stand", r"(?i)\b(?:stands?|stood)\b(?! (?:for|out)\b)", "is, are, appears"),
        ("one", r"(?i)\bone[’']s\b|\boneself\b|\b(?:if|when|how|what|where) one (?:can|may|must|has|is)\b", "you"),
        ("clipped", r"(?i)\bof this copy\b|\bkept how long\b|\bhow long what\b|\bwithout a net\b", "a whole clause"),
        ("hand in", r"(?i)\bhand(?:s|ed|ing)? (?:it |them |this )?in\b|\bhand over\b", "submit, share"),
        ("email", r"(?i)\be[-‑]mails?\b|(?<!/)\bmails?\b(?! server)", "email"),
        ("log in", r"(?i)\bsign(?:s|ed|ing)?[ -](?:in|out)\b|\blog(?:ged|ging)? (?:on|off)\b", "log in, log out"),
        ("log-in", r"\b[Ll]og(?:in|out)\b(?![_/-])", "log in (verb), log-in (noun)"),
        ("sign up", r"(?i)\bsignup\b(?![_/-])|\bregister(?:ed)? (?:for )?an account\b", "sign up"),
        ("percent", r"(?:[\d}…]|^) %(?![\w(])", "80%, without a space"),
        ("practise", r"(?i)\bto practice\b|\bpractice (?:it|these|this|them)\b|\bof practise\b", "-ise: verb"),
        ("American", r"\b[Cc]olors?\b(?!-)|\b[Bb]ehaviors?\b|\b[Ff]avorites?\b|\b[Aa]nalyze[ds]?\b", "British"),
        ("American", r"\b(?:[Rr]ecogn|[Oo]rgan|[Ss]ummar|[Rr]eal)iz(?:e[ds]?|ing)\b", "British"),
        ("12 hours", r"(?i)\b\d{1,2}(?::\d\d)? ?[ap]\.?m\b", "17:30"),
        ("date", r"\bj F\b|%-?d %B", "1 Dec 2026: j M Y, %-d %b %Y"),
        ("exclamation", r"[\w)”]!(?=\s|$)", "no exclamation marks"),
    ]
]  # fmt: skip
SINGULAR = re.compile(
    rf"\b1 {COUNTED}\b"
    rf"|(?<!of )(?<!of \{{)\{{[^{{}}]*(?:count|length|total|left|number|len\([^{{}}]*\)) *\}}+ {COUNTED}\b"
)
FILLED_IN = re.compile(r"\{+[^{}]*\}+")

# What people see or hear of a tag.
ATTRIBUTES = re.compile(r"""(?:\b|-)(?:alt|title|aria-label|placeholder|label|say|caption|yes|no|first)="([^"]*)\"""")
INVISIBLE = re.compile(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}|<(script|style|code|kbd)\b.*?</\1>", re.DOTALL)
SCRIPT_STRINGS = re.compile(
    r"""(?<![:\w])//[^\n]*|/\*.*?\*/|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)""", re.DOTALL
)


class Finding(NamedTuple):
    place: str
    rule: str
    text: str
    advice: str


def findings_in(text: str, place: str) -> Iterator[Finding]:
    """The rules that one visible text breaks. What is filled into it is not read, but as a number before a noun."""
    rules = [*RULES, ("singular", SINGULAR, "1 question")]
    for name, pattern, advice in rules:
        read = text if pattern is SINGULAR else FILLED_IN.sub("…", text)
        if match := pattern.search(read):
            around = read[max(0, match.start() - 40) : match.end() + 40]
            yield Finding(place, name, " ".join(around.split()), advice)


def template_texts(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of what a template shows, a filter's date format included."""

    def blank(match: re.Match) -> str:
        return "\x00" + "\n" * match[0].count("\n")

    source = INVISIBLE.sub(blank, source)
    for number, line in enumerate(source.splitlines(), 1):
        for match in re.finditer(r'\bdate:"([^"]*)"', line):
            yield number, match[1]
        for match in ATTRIBUTES.finditer(line):
            yield number, match[1]
    shown = re.sub(r"<[^<>]*>", blank, re.sub(r"\{%.*?%\}", blank, source, flags=re.DOTALL))
    for number, line in enumerate(shown.splitlines(), 1):
        for text in line.split("\x00"):
            yield number, text


def python_texts(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of every literal that reads as words; what is filled into one stays in braces."""
    tree = ast.parse(source)
    inside = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}  # docstrings
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            inside.update(id(part) for part in node.values)
            parts = [p.value if isinstance(p, ast.Constant) else f"{{{ast.unparse(p.value)}}}" for p in node.values]
            yield node.lineno, "".join(parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield node.lineno, node.value


def script_texts(source: str) -> Iterator[tuple[int, str]]:
    for match in SCRIPT_STRINGS.finditer(source):
        if match[1]:
            yield source.count("\n", 0, match.start()) + 1, match[1][1:-1]


def findings() -> Iterator[Finding]:
    """Everything that the site says, read once. Commands speak to operators, in a terminal."""
    sources = [("templates", "html", template_texts), ("templates", "txt", template_texts)]
    sources += [("static/js", "js", script_texts)]
    sources += [(app, "py", python_texts) for app in ("accounts", "interviews", "questions")]
    for folder, extension, texts in sources:
        for path in sorted((ROOT / folder).rglob(f"*.{extension}")):
            name = path.relative_to(ROOT).as_posix()
            if any(part in name for part in ("/migrations/", "/vendor/", "/management/")):
                continue
            for line, text in texts(path.read_text(encoding="utf-8")):
                if texts is template_texts or " " in text.strip() or "%" in text:
                    yield from findings_in(text, f"{name}:{line}")


def main() -> int:
    found = list(findings())
    for place, rule, text, advice in found:
        sys.stdout.write(f"{place}: {rule}: “{text}”. Write: {advice}\n")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
