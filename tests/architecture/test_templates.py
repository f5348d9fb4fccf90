"""All templates compile, all names of templates exist, and nothing in them needs more than the strict policy allows."""

import ast
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from jinja2 import meta

import dashboard

FOLDER = Path(dashboard.__file__).parent / "templates"
NAMES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.html"))
JINJA = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)


def elements(name):
    """Return the elements of a template, with everything of Jinja's taken out."""
    text = JINJA.sub(" ", (FOLDER / name).read_text())
    return BeautifulSoup(text, "html.parser").find_all(True)


def attributes(name):
    return [(element.name, attribute) for element in elements(name) for attribute in element.attrs]


@pytest.mark.parametrize("name", NAMES)
def test_template_compiles_and_refers_to_others_that_exist(app, name):
    tree = app.jinja_env.parse((FOLDER / name).read_text())

    app.jinja_env.get_template(name)

    assert set(meta.find_referenced_templates(tree)) <= set(NAMES)


def test_every_template_named_in_the_program_exists(sources_of_the_program):
    named = {
        node.value
        for text in sources_of_the_program.values()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.endswith(".html")
        and "://" not in node.value
    }

    assert named
    assert named <= set(NAMES)


def test_every_template_is_used(app, sources_of_the_program):
    used = {name for name in NAMES for text in sources_of_the_program.values() if f'"{name}"' in text}
    for name in NAMES:
        used |= set(meta.find_referenced_templates(app.jinja_env.parse((FOLDER / name).read_text())))

    assert set(NAMES) - used == set()


@pytest.mark.parametrize("name", NAMES)
def test_scripts_are_files_or_data_in(name):
    inline = [
        element
        for element in elements(name)
        if element.name == "script" and not element.get("src") and element.get("type") != "application/json"
    ]

    assert inline == []


@pytest.mark.parametrize("name", NAMES)
def test_no_style_stands_in(name):
    assert [one for one in attributes(name) if one[1] == "style"] == []
    assert [element for element in elements(name) if element.name == "style"] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_handler_stands_in(name):
    assert [one for one in attributes(name) if one[1].startswith(("on", "hx-on"))] == []


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_would_be_evaluated_stands_in(name):
    text = (FOLDER / name).read_text()

    assert re.findall(r"\bjs:|javascript:|hx-vals=|hx-trigger=\"[^\"]*\[", text) == []


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_fetched_from_elsewhere_by(name):
    loaded = [
        element.get("src") or element.get("href")
        for element in elements(name)
        if element.name in {"script", "link", "img", "iframe", "use"}
    ]

    assert [address for address in loaded if address and address.startswith(("http", "//"))] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_form_that_writes_carries_its_token_in(name):
    text = (FOLDER / name).read_text()

    forms = re.findall(r'<form[^>]*method="post".*?</form>', text, re.DOTALL)

    assert [form for form in forms if "token()" not in form] == []


def test_a_fragments_name_begins_with_an_underscore_and_it_extends_nothing():
    extending = [name for name in NAMES if "{% extends" in (FOLDER / name).read_text()]

    assert [name for name in extending if Path(name).name.startswith("_")] == []
