import html
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from questions import markup
from questions.exchange.html_text import converted, from_html


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>one</p>\n<p>two<br>lines</p>", "one\n\ntwo\\\nlines"),
        ("<ul><li>a<ol><li>b</li><li>c</li></ol></li><li><p>d</p></li></ul>", "- a\n   1. b\n   2. c\n- d"),
        ("<b>bold </b>and <i>italic</i>", "**bold** and *italic*"),
        ("2 * 3 * 4, a_b, _x_ and `tick`", r"2 \* 3 \* 4, a_b, \_x\_ and \`tick\`"),
        ("&lt;script&gt; &amp;amp; $5", r"\<script> \&amp; \$5"),
        ("<p># no heading</p><p>1. no list</p><p>- no list</p>", "\\# no heading\n\n1\\. no list\n\n\\- no list"),
        ("x \\(a_1 < b_2\\) y", "x $a_1 < b_2$ y"),
        (
            "<a href='https://example.com/a'>this</a> <a href='javascript:alert(1)'>that</a>",
            "[this](https://example.com/a) that",
        ),
        (
            "x<table><caption>c</caption><tr><th>a</th><th>b|c</th></tr> <tr><td>1</td><td><p>2</p>3</table>y",
            "xc\n\n| a | b\\|c |\n| --- | --- |\n| 1 | 2 3 |\n\ny",
        ),
        (
            "<table><tr><td>1</td></tr><tr><td>2</td><td>3</td></tr></table>",
            "|  |  |\n| --- | --- |\n| 1 |  |\n| 2 | 3 |",
        ),
        ("x<sup>2</sup>, CO<sub>2</sub>, y<sub>10</sub>, e<sup>a/b</sup>", "x², CO₂, y₁₀, e^(a/b)"),
        ("<h2>Head</h2>text <s>struck</s> <u>under</u>", "## Head\n\ntext ~~struck~~ *under*"),
        (r"<p>\(\)Let $f(x)$ be $x + y$ for $5.</p>", "Let $f(x)$ be $x + y$ for \\$5."),
        (r"\(  \) $x$", " $x$".strip()),
        ("$x_1$ for $5–$10, US$5 and US$10", r"$x_1$ for \$5–\$10, US\$5 and US\$10"),
        ("<script>alert(1)</script><style>p {}</style>text", "text"),
        ("<p>unclosed <b>tags", "unclosed **tags"),
    ],
)
def test_html_becomes_plain_markdown(html, markdown):
    assert from_html(html)[0] == markdown


def test_html_of_an_option_is_one_paragraph():
    assert from_html("<p>a</p><pre>x = 1\ny = 2</pre><p>b<br>c</p>", inline=True)[0] == "a `x = 1 y = 2` b c"


def test_text_of_moodle_is_html_only_when_it_looks_like_it():
    assert converted("if a <b and b> c", "moodle_auto_format") == (r"if a \<b and b> c", [], [])
    assert converted("<p>a</p>", "moodle_auto_format") == ("a", [], [])


@pytest.mark.parametrize(
    ("text", "format", "became", "note"),
    [
        (
            "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>",
            "html",
            "a, b; c",
            "a table became one line",
        ),
        ("<table><tr><td colspan='2'>a</td></tr></table>", "html", "a", "merged cells of a table are taken apart"),
        ("<ul><li>a</li><li>b</li></ul>", "html", "• a • b", "several lines became one"),
        ("<p>a</p><p>b</p>", "html", "a b", "several lines became one"),
        ("a\nb", "plain", "a b", "several lines became one"),
        ("<pre>a\nb</pre>", "html", "`a b`", "several lines became one"),
        ("$x + y$", "html", r"\$x + y\$", "$x + y$ keeps its dollars: write maths as \\(…\\)"),
        ("$x^2$", "plain", "$x^2$", "$x^2$ was read as maths"),
        ("<a href='@@PLUGINFILE@@/a.pdf'>a</a>", "html", "a", "a link to “@@PLUGINFILE@@/a.pdf” is dropped"),
        ("<math><mi>x</mi></math>", "html", "x", "a formula in MathML became plain text"),
        ("<span style='color: red'>x</span>", "html", "x", "colours are dropped"),
        ("<input type='text'>x", "html", "x", "a form field is dropped"),
        ("a <b>b</b>", "markdown", "a <b>b</b>", "HTML inside Markdown stays as it is written"),
    ],
)
def test_every_loss_in_an_option_leaves_a_note(text, format, became, note):
    option = converted(text, format, inline=True)
    assert option.text == became
    assert note in option.notes


@pytest.mark.parametrize(
    ("text", "format", "became", "lack"),
    [
        ('Which?<img src="@@PLUGINFILE@@/roc.png" alt="">', "html", "Which?[image “roc.png”]", "image “roc.png”"),
        ('<img src="x.png?a=1" alt="a\n curve">', "html", "[image “a curve”]", "image “a curve”"),
        ("<svg><text>x</text></svg> a", "html", "[drawing] a", "drawing"),
        ("<video src='a/b.mp4'></video>", "html", "[video “b.mp4”]", "video “b.mp4”"),
        ("See ![](@@PLUGINFILE@@/roc.png).", "markdown", "See [image “roc.png”].", "image “roc.png”"),
    ],
)
def test_what_cannot_be_shown_is_named_where_it_stood(text, format, became, lack):
    prompt = converted(text, format)
    assert (prompt.text, prompt.lacks) == (became, [lack])


@pytest.mark.parametrize(
    ("written", "became"),
    [
        (r"\\(x\\) and \(y_1\) and \\[z\\]", "$x$ and $y_1$ and $$z$$"),
        (r"\[1\] and \(see below\)", r"\[1\] and \(see below\)"),
        ("`\\(x\\)`\n\n```\nre.compile('\\(x^2\\)')\n```", "`\\(x\\)`\n\n```\nre.compile('\\(x^2\\)')\n```"),
    ],
)
def test_maths_of_moodles_markdown_becomes_ours_and_code_stays(written, became):
    assert converted(written, "markdown").text == became


def test_text_over_50_kb_is_refused_before_it_is_converted():
    with pytest.raises(ValueError, match="50 kB"):
        converted("\\(" * 30_000, "html")


@given(st.text(st.sampled_from("<>/&;pbrcode\\()$`*_ \n=\"'thsu"), max_size=60))
def test_html_converter_takes_any_text(source):
    converted(source, "html")
    converted(source, "html", inline=True)
    converted(source, "markdown", inline=True)


@given(
    st.text(st.sampled_from("\\`*_{}[]()<>#+-.!|~$&;:=\"'/ \n1ab") | st.characters(categories=["L", "N"]), max_size=40)
)
@example("#")
@example("-")
@example("1.")
def test_plain_text_shows_as_it_stands(text):
    if text.count("$") > 1 or "\\(" in text or "\\[" in text:  # maths
        return
    shown = re.sub(r"<[^>]*>", " ", markup.render(converted(text, "plain_text")[0]))
    assert "".join(html.unescape(shown).split()) == "".join(text.split())
