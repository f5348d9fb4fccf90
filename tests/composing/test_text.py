"""The plain text of a mail."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.composing.text import make_text, measure


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<div>One</div><div>Two</div>", "One\nTwo"),
        ("One<br>two<br/><br>three", "One\ntwo\n\nthree"),
        ("  a \n b&nbsp;c &amp; d ", "a b c & d"),
        ("<b>bo</b>ld", "bold"),
        ('<a href="https://a.test/x">Go</a>!', "Go (https://a.test/x)!"),
        ('<a href="https://a.test">https://a.test</a>', "https://a.test"),
        ('<a href="mailto:a@b.test">a@b.test</a>', "a@b.test"),
        ('<a href="https://a.test"><img src=x alt="Logo"></a>', "Logo (https://a.test)"),
        ('<a href="https://a.test"><img src=x></a>', "https://a.test"),
        ('<a href="#top">Up</a>', "Up"),
        ("<ul><li>a</li><li>b<ol><li>x<li>y</ol></li></ul>end", "- a\n- b\n  1. x\n  2. y\n\nend"),
        ("<table><tr><td>1</td><td>2</td></tr><tr><th>3</th><th></th></tr></table>", "1 | 2\n3"),
        ("a<hr>b", f"a\n\n{'-' * 40}\n\nb"),
        ("<pre>a  b\n  c</pre>", "a  b\n  c"),
        ("<style>p{}</style><script>x</script><title>t</title><!-- c -->a", "a"),
        ("1 < 2 <b", "1 < 2"),
        ("", ""),
    ],
)
def test_html_becomes_text(html, text):
    assert make_text(html) == text


@given(st.text(alphabet="<>/abpliuotdr=\"'&; \n\0"))
def test_any_html_becomes_text_without_two_empty_lines(html):
    assert "\0" in html or not make_text(html).startswith("\n")


def test_text_is_measured():
    size = measure("Zoë goes\n")

    # ë has two bytes
    assert (size.characters, size.words, size.bytes) == (9, 2, 10)
