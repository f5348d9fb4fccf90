"""What authors write in Liquid: values, escaping, variables, and a sentence where it cannot be read."""

import pytest

from dashboard.composing.liquid import compare_variables, find_variables, render
from dashboard.composing.samples import sample_text, sample_texts, sample_values
from dashboard.errors import Invalid


def faults(subject, body, values=None):
    with pytest.raises(Invalid) as refused:
        render(subject, body, values or {})
    return {(fault.path, fault.message) for fault in refused.value.fields}


def test_values_stand_in_subject_and_body():
    values = {"contact": {"first_name": "Ada", "tags": ["a", "b"]}}

    rendered = render("Hi {{ contact.first_name }}", "<p>{{ contact.tags | join: '-' }}</p>", values)

    assert (rendered.subject, rendered.html, rendered.missing) == ("Hi Ada", "<p>a-b</p>", ())


def test_values_are_escaped_in_the_body_only():
    values = {"name": "<b>A & B</b>"}

    rendered = render("{{ name }}", "{{ name }}|{{ name | safe }}|{{ name | append: '!' }}", values)

    assert rendered.subject == "<b>A & B</b>"
    assert rendered.html == "&lt;b&gt;A &amp; B&lt;/b&gt;|<b>A & B</b>|&lt;b&gt;A &amp; B&lt;/b&gt;!"


def test_subject_is_one_line():
    assert render("a\r\nBcc: x@y.test\n\n{{ n }}", "", {"n": "b\nc"}).subject == "a Bcc: x@y.test b c"


def test_variables_without_a_value_are_empty_and_named():
    rendered = render(
        "{{ a }}", "[{{ b.c }}{{ list[0] }}{{ list[7] }}{{ list.size }}{{ list.first }}]", {"list": ["x"], "b": {}}
    )

    assert rendered.html == "[x1x]"
    assert rendered.missing == ("a", "b.c", "list.7")


@pytest.mark.parametrize(
    ("source", "paths"),
    [
        ("{{ contact.first_name }}", {"contact.first_name"}),
        ("{{ contact['last name'] }}{{ a[0].b }}", {"contact.last name", "a.0.b"}),
        ("{{ a[b.c].d }}", {"a", "b.c"}),
        ("{% assign x = y %}{{ x }}{% capture z %}{{ q }}{% endcapture %}{{ z }}", {"y", "q"}),
        ("{% for item in items %}{{ item.name }}{{ forloop.index }}{% endfor %}", {"items"}),
        ("{% for i in (1..n) limit: m %}{% endfor %}", {"n", "m"}),
        ("{% if a == b and c contains d %}{% elsif e %}{% endif %}", set("abcde")),
        ("{{ a | default: b | append: c }}", set("abc")),
        ("{% case a %}{% when b %}{% endcase %}{% unless c %}{% endunless %}", set("abc")),
        ("{% raw %}{{ a }}{% endraw %}{% comment %}{{ b }}{% endcomment %}", set()),
        ("{{ 'now' | date: '%Y' }}{{ now }}{{ 'text' }}{{ 12 }}", set()),
        ("plain", set()),
    ],
)
def test_variables_are_those_from_outside(source, paths):
    assert find_variables(source) == paths


def test_variables_come_from_the_subject_too():
    assert find_variables("{{ a }}", "{{ b }}") == {"a", "b"}


def test_variables_are_held_against_those_declared():
    found = compare_variables({"contact.first_name", "offer", "link"}, {"contact", "link", "code"})

    assert found.used == ("contact.first_name", "link")
    assert found.unused == ("code",)
    assert found.undeclared == ("offer",)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("a\n{{ x", "Line 2: “{{” is opened here and never closed with “}}”."),
        ("{% if x", "Line 1: “{%” is opened here and never closed with “%}”."),
        ("{% %}", "Line 1: “{%” is followed by no name of a tag."),
        ("\n\n{% raw %}{{ a }}", "Line 3: “{% raw %}” is never closed with “{% endraw %}”."),
        ("{{ }}", "Nothing stands between the braces."),
        ("a\n\n{{ x | shout }}", "Line 3: Unknown filter 'shout'."),
        ("{% include 'other' %}", "Line 1: “include” cannot be used: a template is one text."),
        ("{% render 'other' %}", "Line 1: “render” cannot be used: a template is one text."),
        ("{% nonsense %}", "Line 1: Unexpected tag 'nonsense'."),
        ("\0", "Line 1: The text has a NUL character in it."),
        ("\ud800", "The text has characters in it that are no characters."),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line(body, message):
    assert faults("", body) == {("body", message)}


def test_faults_of_both_texts_are_named():
    assert {path for path, _ in faults("{{", "{{")} == {"subject", "body"}


def test_nothing_is_read_from_disk():
    assert faults("", "{% include '/etc/passwd' %}")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("contact.first_name", "Alex"),
        ("email", "alex@example.com"),
        ("billing_city", "Lisbon"),
        ("unsubscribe_url", "https://example.com/unsubscribe"),
        ("contact.favourite", "[contact.favourite]"),
    ],
)
def test_samples_fit_the_name(path, text):
    assert sample_text(path) == text


def test_samples_are_nested_and_never_blank():
    paths = {"contact.first_name", "contact.email", "contact", "items", "broken", "empty"}
    given = {"contact.first_name": "Zoë", "items": '[{"name": "mug"}]', "broken": "[1,", "empty": "", "unknown": "x"}

    values = sample_values(paths, given)

    assert values["contact"] == {"first_name": "Zoë", "email": "alex@example.com"}
    assert (values["items"], values["broken"], values["empty"]) == ([{"name": "mug"}], "[1,", "[empty]")
    assert "unknown" not in values
    assert sample_texts({"b", "a"}, {"a": "1"}) == {"a": "1", "b": "[b]"}


def test_samples_leave_nothing_missing():
    body = "{{ a.b }}{{ c[0] }}{% for x in items %}{{ x.name }}{% endfor %}{{ a['d e'] }}"

    rendered = render("", body, sample_values(find_variables(body), {"items": '[{"name": "mug"}, {"name": "cup"}]'}))

    assert "mugcup" in rendered.html
    assert [path for path in rendered.missing if path != "c.0"] == []
