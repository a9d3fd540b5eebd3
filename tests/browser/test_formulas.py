"""Every formula of the shipped catalog parses in the KaTeX that the pages load."""

import json
import re
from pathlib import Path

from questions import catalog_files, markup

KATEX = Path(__file__).resolve().parents[2] / "static" / "vendor" / "katex" / "katex.min.js"
MATHS = re.compile(r'class="math[^"]*">(.*?)</(?:span|div)>', re.S)


def formulas() -> list[tuple[str, str]]:
    """(slug, TeX source without its dollars) of everything that a page may render."""
    found = []
    for entry in catalog_files.read().questions:
        texts = [entry["prompt"], entry["model_answer"]]
        texts += [part for option in entry.get("options") or [] for part in (option["text"], option["why"])]
        texts += [point["point"] for point in entry.get("rubric") or []]
        texts += [
            part for wrong in entry.get("misconceptions") or [] for part in (wrong["statement"], wrong["correction"])
        ]
        texts += list(entry.get("steps") or [])
        for html in map(markup.render, texts):
            for source in MATHS.findall(html):
                plain = source.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
                found.append((entry["slug"], plain.strip().strip("$").strip()))
    return found


def test_every_formula_of_the_catalog_parses(page):
    all_formulas = formulas()
    assert len(all_formulas) > 300
    page.set_content("<!doctype html><title>Formulas</title>")
    page.evaluate(KATEX.read_text())
    wrong = page.evaluate(
        """formulas => formulas.flatMap(([slug, tex]) => {
            try { katex.renderToString(tex, {throwOnError: true, strict: 'error'}); return []; }
            catch (error) { return [`${slug}: ${error.message}`]; }
        })""",
        json.loads(json.dumps(all_formulas)),
    )
    assert wrong == []
