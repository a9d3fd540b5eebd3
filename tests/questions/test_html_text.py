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
        ("<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>", "a b\n\n1 2"),
        ("<script>alert(1)</script><style>p {}</style>text", "text"),
        ("<p>unclosed <b>tags", "unclosed **tags"),
    ],
)
def test_html_becomes_plain_markdown(html, markdown):
    assert from_html(html)[0] == markdown


def test_html_of_an_option_is_one_paragraph():
    assert from_html("<p>a</p><pre>x = 1\ny = 2</pre><p>b<br>c</p>", inline=True)[0] == "a `x = 1 y = 2` b c"


def test_text_of_moodle_is_html_only_when_it_looks_like_it():
    assert converted("if a <b and b> c", "moodle_auto_format") == (r"if a \<b and b> c", [])
    assert converted("<p>a</p>", "moodle_auto_format") == ("a", [])


@given(st.text(st.sampled_from("<>/&;pbrcode\\()$`*_ \n=\"'"), max_size=60))
def test_html_converter_takes_any_text(source):
    converted(source, "html")
    converted(source, "html", inline=True)


@given(
    st.text(st.sampled_from("\\`*_{}[]()<>#+-.!|~$&;:=\"'/ \n1ab") | st.characters(categories=["L", "N"]), max_size=40)
)
@example("#")
@example("-")
@example("1.")
def test_plain_text_shows_as_it_stands(text):
    if "$$" in text or "\\(" in text or "\\[" in text:  # maths
        return
    shown = re.sub(r"<[^>]*>", " ", markup.render(converted(text, "plain_text")[0]))
    assert "".join(html.unescape(shown).split()) == "".join(text.split())
