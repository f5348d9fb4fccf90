"""Drafts: what they come to, and what keeps them from being used."""

from dashboard.composing.drafts import Draft, find_obstacles, look_at


def test_look_has_all_parts_with_samples():
    draft = Draft("Hi {{ a }}", "<p>{{ b }}</p>", "{{ c }} & more", ["a", "d"], {"b": "<b>"})

    look = look_at(draft)

    assert (look.subject, look.text, look.is_text_made) == ("Hi [a]", "[c] & more", False)
    assert "<p>&lt;b&gt;</p>" in look.document
    assert (look.comparison.used, look.comparison.unused, look.comparison.undeclared) == (("a",), ("d",), ("b", "c"))
    assert look.samples == {"a": "[a]", "b": "<b>", "c": "[c]", "d": "[d]"}


def test_text_is_made_of_the_html_where_none_is_written():
    look = look_at(Draft("s", "<p>one</p><p>two</p>", " \n"))

    assert (look.text, look.is_text_made) == ("one\n\ntwo", True)
    assert "no_text" in [one.kind for one in look.findings]


def test_faults_name_the_fields_of_the_editor():
    look = look_at(Draft("{{", "{% if", "{% nope %}"))

    assert [fault.path for fault in look.faults] == ["subject", "content", "text"]
    assert look.document == ""


def test_fault_while_rendering_leaves_the_variables_known():
    look = look_at(Draft("s", "{% for i in (1..100000) %}{{ name }}{% endfor %}", "", ["name"]))

    assert [fault.path for fault in look.faults] == ["content"]
    assert look.comparison.used == ("name",)


def test_obstacles_are_what_cannot_be_read_or_is_not_declared():
    assert find_obstacles(Draft("{{ a.b }}", "{{ c }}", "{{ d }}", ["a", "c", "d"])) == []
    assert [one.path for one in find_obstacles(Draft("", "{% if %}"))] == ["content"]
    (fault,) = find_obstacles(Draft("{{ a }}", "", "{{ b }}"))
    assert (fault.path, fault.message) == ("variables", "Used, but not declared: a, b.")
