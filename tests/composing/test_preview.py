"""Hostile HTML in the preview: nothing in it runs, loads, sends or leads away."""

import time

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.composing.preview import POLICY, make_preview

ADDRESSES = {
    "href",
    "src",
    "srcset",
    "action",
    "formaction",
    "background",
    "poster",
    "data",
    "ping",
    "xlink:href",
    "cite",
    "longdesc",
}
FORBIDDEN_NAMES = (
    "script iframe frame object embed form input button select textarea base link svg math video audio template applet"
)
FORBIDDEN = FORBIDDEN_NAMES.split()


def assert_inert(document):
    page = BeautifulSoup(document, "html.parser")
    metas = page.find_all("meta")
    own = [meta.get("http-equiv") for meta in metas]
    assert page.find_all(FORBIDDEN) == []
    assert own == [None, "Content-Security-Policy", None, None]
    assert metas[1]["content"] == POLICY
    for element in page.find_all(True):
        for name, value in element.attrs.items():
            assert not name.startswith("on"), element
            assert name not in ADDRESSES or value == "#nowhere" or value.startswith("data:image/"), element
            assert name != "target"
    return page


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<SCRIPT SRC=//evil.test/x.js></SCRIPT>",
        "<scr<script>ipt>alert(1)</scr</script>ipt>",
        "<img src=x onerror=alert(1)>",
        "<img/src='x'/onerror='alert(1)'>",
        "<a href='javascript:alert(1)' target=_top ping=//evil.test>x</a>",
        "<a href=' java\nscript:alert(1)'>x</a>",
        "<svg onload=alert(1)><a xlink:href='javascript:alert(1)'>x</a></svg>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style>",
        "<svg><style><img src=x onerror=alert(1)>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe><object data=x></object><embed src=x>",
        "<form action=//evil.test><input name=a><button formaction=//evil.test>x</button></form>",
        "<meta http-equiv=refresh content='0;url=//evil.test'><base href=//evil.test>",
        "<link rel=stylesheet href=//evil.test><link rel=dns-prefetch href=//evil.test>",
        "<body onload=alert(1) background=//evil.test/x.png bgcolor=red>",
        "<img srcset='//evil.test/x 2x' src=//evil.test/x><video poster=//evil.test/x src=//evil.test/y></video>",
        "<img src='data:image/svg+xml,<svg onload=alert(1)>'><img src='data:text/html;base64,AAAA'>",
        "<textarea></textarea><script>alert(1)</script>",
        "<title></title><script>alert(1)</script>",
        "<!--><script>alert(1)</script>-->",
        "<!--[if mso]><script>alert(1)</script><![endif]-->",
        "<style></style><script>alert(1)</script>",
        "<style>@import '//evil.test/x.css';</style>",
        '<p style="x" title=\'"><script>alert(1)</script>\'>',
        "</body></html><script>alert(1)</script>",
        "<template><script>alert(1)</script></template>",
        "<a href=x\0 onclick\0=alert(1)>x</a><\0script>alert(1)</script>",
    ],
)
def test_hostile_html_is_inert(html):
    assert_inert(make_preview(html))


PARTS = "< > </ /> <!-- --> <! <? script style a img svg title table body textarea \" ' = javascript:x data:image/png;base64, &lt; &#60; x"


@settings(deadline=None, max_examples=300)
@given(
    st.lists(
        st.sampled_from([*PARTS.split(), " ", "\0", " href=", " src=", " onclick=", " style=", *PARTS.split()[:4]]),
        max_size=60,
    ).map("".join)
)
def test_any_html_is_inert(html):
    assert_inert(make_preview(html))


def test_markup_of_the_author_is_kept():
    html = (
        "<html><head><style>p{color:red}</style></head><body bgcolor='#eee'><table width=600 cellpadding=0><tr><td align=center>"
        "<p style='margin:0' class=a>1 &lt; 2 &amp; 3</p></td></tr></table></body></html>"
    )

    page = assert_inert(make_preview(html))

    assert page.select_one("table[width='600'] td[align=center] p.a")["style"] == "margin:0"
    assert page.select_one("p").text == "1 < 2 & 3"
    assert page.select("style")[1].text == "p{color:red}"
    assert page.select_one("[bgcolor='#eee']")


def test_links_lead_nowhere_and_say_where_they_would():
    link = assert_inert(make_preview("<a href='https://a.test/?x=1&y=2'>go</a>")).a

    assert (link["href"], link["title"], link.text) == ("#nowhere", "https://a.test/?x=1&y=2", "go")


def test_images_from_elsewhere_are_a_box_with_their_text():
    page = assert_inert(
        make_preview('<img src="https://a.test/x.png" alt="Logo" width="60"><img src="data:image/png;base64,AA==">')
    )

    remote, own = page.select("img")

    assert (remote.get("src"), remote["alt"], remote["width"]) == (None, "Logo", "60")
    assert own["src"] == "data:image/png;base64,AA=="


@pytest.mark.parametrize(
    "part",
    [
        "<div>",
        "<a ",
        "<!--",
        "</",
        "<?",
        "<![CDATA[",
        '<a b="',
        "<a x=",
        "<b><p>",
        "<table>",
        "&amp",
        "<style>",
        "<svg><style>",
    ],
)
def test_preview_takes_no_longer_for_hostile_text(part):
    began = time.monotonic()

    make_preview((part * 200_000)[:500_000])

    assert time.monotonic() - began < 10
