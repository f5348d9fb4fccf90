"""Hostile templates: each ends soon, with a sentence or a result, and with nothing but the own error."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.composing.limits import BoundedEnvironment, LimitReached, weigh
from dashboard.composing.liquid import SOURCE_BYTES, find_variables, render
from dashboard.errors import Invalid

# A second of parsing and one of rendering, and what a busy machine adds.
TOO_LONG = "takes longer than"
SECONDS = 10

DOUBLED = "{% assign a = a | append: a %}" * 40
REFUSED = {
    "long range": ("{% for i in (1..100000000) %}x{% endfor %}", "A range may have"),
    "long range backwards": ("{% for i in (1..100000000) reversed %}x{% endfor %}", "A range may have"),
    "range to a variable": ("{% assign n = 999999999 %}{% for i in (1..n) %}{% endfor %}", "A range may have"),
    "range in a filter": ("{{ (1..100000000) | join: ',' }}", "A range may have"),
    "range in a condition": ("{% if (1..100000000) contains 'x' %}{% endif %}", "A range may have"),
    "nested loops": ("{% for i in (1..1000) %}" * 3 + "{% endfor %}" * 3, "Loops may have"),
    "rows of a table": ("{% tablerow i in (1..1000) cols: 1 %}" * 3 + "{% endtablerow %}" * 3, "Loops may have"),
    "silent loop": ("{% for i in (1..10000) %}" + "{% if 1 %}{% endif %}" * 20_000 + "{% endfor %}", "takes longer"),
    "loops in a row": ("{% for i in (1..9999) %}{{ 'x' | upcase | size }}{% endfor %}" * 100, "takes longer"),
    "doubled text": ("{% assign a = 'xxxxxxxx' %}" + DOUBLED, "A text may have"),
    "doubled list": (
        "{% assign a = 'x,x' | split: ',' %}" + "{% assign a = a | concat: a %}" * 40,
        "A list may have",
    ),
    "list of long texts": (
        "{% assign t = 'xxxxxxxx' %}" + "{% assign t = t | append: t %}" * 16 + "{% assign a = t | split: '-' %}"
        "{% assign a = a | concat: a %}{% assign a = a | concat: a %}{{ a | join: t }}",
        "A list may have",
    ),
    "long separator": (
        "{% assign t = 'xxxxxxxx' %}" + "{% assign t = t | append: t %}" * 16 + "{{ (1..1000) | join: t }}",
        "A text may have",
    ),
    "replaced by itself": ("{% assign a = 'xxxx' %}" + "{% assign a = a | replace: 'x', a %}" * 40, "A text may have"),
    "split to letters": (
        "{% assign a = 'xxxxxxxx' %}" + "{% assign a = a | append: a %}" * 12 + "{{ a | split: '' }}",
        "A list",
    ),
    "squared number": ("{% assign a = 99999 %}" + "{% assign a = a | times: a %}" * 40, "A number may have"),
    "long output": (
        "{% assign a = 'xxxxxxxxxxxxxxxx' %}{% for i in (1..9999) %}{{ a }}{{ a }}{{ a }}{{ a }}{{ a }}{{ a }}{{ a }}{% endfor %}",
        "The result may have",
    ),
    "growing capture": (
        "{% for i in (1..9999) %}{% capture a %}{{ a }}{{ a }}x{% endcapture %}{% endfor %}",
        "may have",
    ),
    "many names": ("".join(f"{{% assign a{index} = 1 %}}" for index in range(1_001)), "names"),
    "deep blocks": ("{% if a %}" * 25 + "{% endif %}" * 25, "nested 20 deep"),
    "open blocks": ("{% if a %}" * 40_000, "nested 20 deep"),
    "deep path": ("{{ a" + "[a" * 2_000 + " }}", "deep"),
    "long expression": ("{{ " + "(" * 400_000 + " }}", "One tag or output"),
    "parentheses": (("{{ " + "(" * 4_900 + " }}") * 90, "Expected"),
    "brackets": (("{% if " + "[" * 4_900 + " %}") * 90, "deep"),
    "braces": ("{" * 400_000, "never closed"),
    "open raw": ("{% raw %}" * 50_000, "never closed"),
    "tags in a comment": ("{% comment %}" + "{% {{ %}" * 50_000, "no name"),
    "open comment": ("{% comment %}" * 30_000, "Line 1"),
    "strip of open tags": (
        "{% assign a = '<a ' %}" + "{% assign a = a | append: a %}" * 14 + "{{ a | strip_html }}",
        "strip_html",
    ),
    "long date": ("{% assign a = '1 ' %}" + "{% assign a = a | append: a %}" * 12 + "{{ a | date: '%Y' }}", "date"),
    "endless number": ("{{ '1e999' | plus: 1 | ceil }}", "cannot be read"),
    "too long": ("x" * (SOURCE_BYTES + 1), "bytes"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_hostile_template_is_refused_soon(name):
    source, message = REFUSED[name]
    began = time.monotonic()

    with pytest.raises(Invalid) as refused:
        render("", source, {})

    said = refused.value.fields[0]
    assert message in said.message or TOO_LONG in said.message  # on a slow machine time is over first
    assert said.path == "body"
    assert time.monotonic() - began < SECONDS


def test_large_honest_template_is_rendered():
    row = "<tr><td>{{ contact.name }}</td>{% if contact.vip %}<td>*</td>{% endif %}</tr>\n"

    rendered = render("", row * 2_000, {"contact": {"name": "Ada"}})

    assert rendered.html.count("Ada") == 2_000


def test_loop_over_a_list_of_products_is_rendered():
    products = [{"name": f"p{index}", "price": index} for index in range(1_000)]

    rendered = render(
        "", "{% for p in products %}{{ p.name }}={{ p.price | times: 2 }};{% endfor %}", {"products": products}
    )

    assert rendered.html.startswith("p0=0;p1=2;p2=4;")


@pytest.mark.parametrize(
    "values", [{"a": "x" * 1_000_001}, {"a": ["x"] * 2_001}, {"a": ["x" * 600_000, "y" * 600_000]}]
)
def test_values_have_limits(values):
    with pytest.raises(Invalid) as refused:
        render("", "", values)

    assert [fault.path for fault in refused.value.fields] == ["values"]


def test_time_is_over_when_the_clock_says_so():
    instants = iter([0.0, 0.5, 1.5])
    environment = BoundedEnvironment(autoescape=True, clock=lambda: next(instants))

    environment.check_time()

    with pytest.raises(LimitReached, match="longer than 1 second"):
        environment.check_time()


def test_weight_is_the_characters_within():
    # 2 + (1 + 3) + 1 for what is no text, and 7 is 0b111
    assert weigh(["ab", {"x": "a", "y": ["bcd"]}, None]) == 7
    assert weigh(7) == 3


WORDS = (
    "{{ }} {% %} {%- -%} {# a a.b [ ] (1..9) ' \" | : , 0 -1 1e9 if endif else elsif for endfor in assign = == capture endcapture "
    "raw endraw case when endcase liquid cycle echo tablerow endtablerow break comment endcomment append split join date times "
    "divided_by round sort map sum slice truncate default contains and limit offset reversed forloop now ü <b> doc enddoc #"
)
WORD = st.sampled_from([*WORDS.split(), " ", "\n", "\0", "\ud800"])
FILTERS = sorted(BoundedEnvironment(autoescape=True).filters)
ARGUMENT = st.sampled_from(
    ["a", "b", "'x'", "''", "-1", "1.5", "999999999999", "nil", "true", "(1..3)", "b.c", "'%Y %'", "'1e99999'"]
)
FILTERED = st.builds(
    lambda first, steps: (
        f"{{{{ {first} | "
        + " | ".join(f"{name}: {', '.join(given)}" if given else name for name, given in steps)
        + " }}"
    ),
    ARGUMENT,
    st.lists(st.tuples(st.sampled_from(FILTERS), st.lists(ARGUMENT, max_size=3)), min_size=1, max_size=4),
)
VALUES = {"a": "<x> 2026-01-02", "b": {"c": [1, None, "z", {"c": 2.5}], "a": True}}


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.one_of(st.text(), st.lists(WORD, max_size=40).map("".join), st.lists(WORD, max_size=40).map(" ".join), FILTERED)
)
def test_any_text_is_rendered_or_refused(source):
    messages = ["."]
    for act in (lambda: find_variables(source, source), lambda: render(source, source, VALUES)):
        try:
            act()
        except Invalid as refused:
            messages += [fault.message for fault in refused.fields]

    assert all(message.endswith((".", "?")) for message in messages)
