"""The help pages about providers, made from the adapters."""

import pytest

from dashboard.providers.registry import adapters
from tests.helpers import page, text


def test_everybody_finds_every_provider(app):
    shown = page(app.test_client().get("/docs/providers"))

    links = {link["href"]: text(link.strong) for link in shown.select("main .cards a")}
    assert links == {f"/docs/providers/{name}": one.guide.title for name, one in adapters().items()}


@pytest.mark.parametrize("name", sorted(adapters()))
def test_page_tells_the_clicks_the_words_and_the_keys(app, name):
    guide = adapters()[name].guide

    shown = page(app.test_client().get(f"/docs/providers/{name}"))

    assert text(shown.h1) == guide.title
    assert [text(one.p) for one in shown.select(".clicks li")] == list(guide.steps)
    rows = [tuple(text(cell) for cell in row.find_all(["th", "td"])) for row in shown.select("tbody tr")]
    assert rows == [(theirs, ours) for theirs, ours in guide.words]
    assert guide.keys_hint in shown.main.get_text()
    assert f"simulate {name}" in shown.main.get_text()


@pytest.mark.parametrize("name", ["pigeon", "api", "SendGrid", "base", "registry"])
def test_what_is_no_provider_is_not_there(app, name):
    assert app.test_client().get(f"/docs/providers/{name}").status_code == 404
