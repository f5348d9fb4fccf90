"""CSS written into the elements, with the Liquid left as it was."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.composing.export import inline_styles
from dashboard.errors import Invalid


def refusal(source):
    with pytest.raises(Invalid) as refused:
        inline_styles(source)
    return refused.value.fields[0].message


def test_styles_are_written_into_elements_and_media_queries_stay():
    html = inline_styles("<style>p{color:red}@media (max-width:9px){p{color:blue}}</style><p>x</p>")

    assert '<p style="color: red;">x</p>' in html
    assert "@media (max-width:9px){p{color:blue}}" in html
    assert "p{color:red}" not in html


def test_linked_style_sheets_are_neither_read_nor_kept():
    html = inline_styles(
        '<link rel="stylesheet" href="http://127.0.0.1:1/x.css"><link rel=stylesheet href="file:///etc/passwd"><p>x</p>'
    )

    assert "link" not in html
    assert "root:" not in html


@pytest.mark.parametrize(
    "liquid",
    [
        '{{ a | default: "x & <y>" }}',
        "{% if a > 3 and b < 2 %}<i>y</i>{% endif %}",
        "<table>{% for i in b %}<tr><td>{{ i }}</td></tr>{% endfor %}</table>",
        "<table><tr>{% for i in b %}<td>{{ i }}</td>{% endfor %}</tr></table>",
        '<a href="{{ url | append: "?a=b&c" }}" title=\'{{ t }}\'>x</a>',
        "{% raw %}{{ <b> }}{% endraw %}",
        "<!--{{ a }}-->",
    ],
)
def test_liquid_is_kept_as_it_was(liquid):
    html = inline_styles(f"<style>p{{color:red}}</style><body>{liquid}<p>x</p></body>")

    assert liquid.replace("'", '"') in html.replace("'", '"').replace("<tbody>", "").replace("</tbody>", "")
    assert '<p style="color: red;">x</p>' in html


def test_liquid_in_a_value_of_css_goes_with_it():
    html = inline_styles("<title>{{ t }}</title><style>p{color:{{ brand.color }}}</style><p>x</p>")

    assert '<p style="color: {{ brand.color }};">' in html
    assert "<title>{{ t }}</title>" in html


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("a\n<td {% if a %}class=x{% endif %}>", "Line 2: Liquid between the attributes"),
        ("<style>{% if a %}p{color:red}{% endif %}</style><p>x</p>", "Line 1: Liquid that no element uses"),
        ("{% if a %}<div class=a>{% else %}<div class=b>{% endif %}x</div>", "A block of Liquid opens an element"),
        ("<svg><style>" + "<b>" * 5_000, "<svg> cannot be exported"),
        ("<select><style></select>" + "<b>" * 5_000, "<select> cannot be exported"),
        ("<tr><li><dt></tr>" * 600, "nested deeper than 150"),
        ("<dd></head><head><li>" * 600, "nested deeper than 150"),
        ("<dt></noscript></dd><noscript>" * 600, "nested deeper than 150"),
        ("<p>{{", "Line 1"),
        ("<div>" * 151, "nested deeper than 150"),
        ("<div>" * 90_000, "nested deeper than 150"),
        ("".join(f"<font size={size}>" for size in range(140)) + "<p>x</p>" * 2_000, "never closed"),
        ("<p><b></p>" * 40_000, "nested deeper than 150"),
        ("<style>" + "div p{color:red}" * 3_000 + "</style>" + "<p>x</p>" * 3_000, "too many rules"),
        ("x" * 500_001, "500,000 bytes"),
    ],
)
def test_what_would_break_or_grow_is_refused(source, message):
    assert message in refusal(source)


def test_many_unclosed_paragraphs_and_rows_are_exported():
    html = inline_styles("<style>td{color:red}</style><table>" + "<tr><td>x<td>y" * 500 + "</table>" + "<p>z" * 500)

    assert html.count('<td style="color: red;">') == 1_000


PARTS = (
    "<p>|</p>|<table>|<tr>|<td>|</table>|<b>|</b>|<style>|</style>|p{color:red}|{{ a }}|{% if a %}|{% endif %}|<a href='|'>|x|<!--|-->|"
    "@media x{|}|{|<svg>|<select>|</div>|<div>|zzliquid0w"
)


@settings(deadline=None, max_examples=150)
@given(
    st.lists(
        st.sampled_from([*PARTS.split("|"), "<p>", "{{ a }}"]),
        max_size=40,
    ).map("".join)
)
def test_any_text_is_exported_with_all_its_liquid_or_refused(source):
    try:
        html = inline_styles(source)
    except Invalid:
        return

    assert html.count("{{ a }}") >= source.count("{{ a }}")
    assert html.count("{% if a %}") >= source.count("{% if a %}")
