"""Templates in a real browser: written with a live preview, hostile ones without effect, versions compared."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from dashboard.database.engine import Mode
from dashboard.database.session import open_session
from dashboard.services import templates
from dashboard.services.resources import Change
from dashboard.vocabulary.roles import Role
from tests.journeys.checks import SIZES, Watch, find_faults, overhang
from tests.templates import make_template, make_values

pytestmark = pytest.mark.browser

HOSTILE = """<html><head><title>x</title>
<meta http-equiv="refresh" content="0;url=https://evil.test/refresh">
<base href="https://evil.test/">
<link rel="stylesheet" href="https://evil.test/sheet.css"><link rel="prefetch" href="https://evil.test/prefetch">
<style>@import "https://evil.test/import.css"; @font-face { font-family: x; src: url(https://evil.test/font.woff2) }
body { background: url(https://evil.test/background.png); font-family: x } </style>
<script src="https://evil.test/script.js"></script><script>alert("script"); parent.document.title = "taken"</script>
</head><body onload="alert('onload')">
<img src="http://evil.test/image.png" onerror="alert('onerror')" srcset="https://evil.test/set.png 2x">
<img src="x" onerror="fetch('https://evil.test/fetch')"><svg onload="alert('svg')"><image href="https://evil.test/svg"/></svg>
<div style="background-image: url(https://evil.test/inline.png)">inline</div>
<table background="https://evil.test/table.png"><tr><td>cell</td></tr></table>
<video src="https://evil.test/video.mp4" poster="https://evil.test/poster.png" autoplay></video>
<iframe src="https://evil.test/frame"></iframe><object data="https://evil.test/object"></object>
<embed src="https://evil.test/embed"><iframe srcdoc="<script>alert('srcdoc')</script>"></iframe>
<form action="https://evil.test/form" id="f"><input name="password" autofocus onfocus="alert('focus')"><button>Go</button></form>
<a href="javascript:alert('link')" id="script">script</a> <a href="https://evil.test/link" target="_top" id="top">top</a>
<a href="https://evil.test/ping" ping="https://evil.test/pinged" download id="download">ping</a>
<p>still here {{ contact.first_name }}</p></body></html>"""


@pytest.fixture(scope="module")
def people(house):
    """A user, and a guest of the same company; the company has two templates in three versions."""
    house.person("tess", "mails", role=Role.USER)
    house.person("tim", "mails", role=Role.GUEST)
    company, now = house.company("mails"), datetime.now(UTC)
    with open_session(house.engines, Mode.WRITE, company.id) as session, session.begin():
        for name in ("Card", "Letter"):
            row = make_template(session, company, name=name, key=name.lower(), category="Post")
            for days, text in ((9, "<p>Second</p>"), (2, "<p>Third</p>\n<p>and more</p>")):
                change = Change(company, "tess@journeys.test", now - timedelta(days=days))
                values = make_values(name=name, key=name.lower(), category="Post", content=text)
                templates.edit_template(session, change, row.id, values, revision=None)
        return row.id


@pytest.fixture
def page(open_page, people):
    """The templates of a company, as a user sees them."""
    page = open_page("tess@journeys.test")
    page.goto("/c/mails/templates")
    return page


def framed(page):
    """Return the newest frame."""
    return page.frame_locator(".frames iframe >> nth=-1")


@pytest.fixture
def evil():
    """A server that is not ours: its address, and everything that ever reached it."""
    reached = []

    class Listener(ThreadingHTTPServer):
        def verify_request(self, request, client_address):
            reached.append(client_address)
            return super().verify_request(request, client_address)

    server = Listener(("127.0.0.1", 0), SimpleHTTPRequestHandler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", reached
    server.shutdown()
    server.server_close()


def test_template_is_written_with_a_live_preview_and_declared_while_typing(page):
    watch = Watch(page)
    page.goto("/c/mails/templates/new")

    page.get_by_label("Name", exact=True).fill("Greeting")
    page.get_by_label("Subject", exact=True).fill("Hi {{ contact.first_name }}")
    page.get_by_label("HTML body").fill("<h1>Hello</h1>\n<p></p>")
    framed(page).get_by_role("heading", name="Hello").wait_for()
    steps = page.evaluate("history.length")
    page.get_by_label("HTML body").evaluate("field => { field.focus(); field.setSelectionRange(18, 18); }")
    page.get_by_role("button", name="contact.first_name").click()
    framed(page).get_by_text("Alex").wait_for()

    assert page.get_by_label("HTML body").input_value() == "<h1>Hello</h1>\n<p>{{ contact.first_name }}</p>"
    assert page.evaluate("history.length") == steps
    page.get_by_text("It cannot be active so.").wait_for()
    page.get_by_role("button", name="Declare").click()
    page.get_by_text("It cannot be active so.").wait_for(state="detached")
    page.get_by_label("Sample value of contact.first_name").fill("Zoë")
    framed(page).get_by_text("Zoë").wait_for()
    assert page.evaluate("document.activeElement.id") == "sample-contact.first_name"
    page.get_by_label("Active", exact=True).check()
    page.get_by_role("button", name="Make the template").click()
    page.get_by_text("Greeting was made.").wait_for()
    framed(page).get_by_text("Zoë").wait_for()
    assert watch.complaints == []


def test_fault_is_shown_in_place_and_what_was_typed_stays(page):
    page.goto("/c/mails/templates/new")
    page.get_by_label("Name", exact=True).fill("Broken")
    page.get_by_label("HTML body").fill("<p>{{ nobody }}</p>")
    page.get_by_label("Active", exact=True).check()

    page.get_by_role("button", name="Make the template").click()
    page.get_by_role("alert").wait_for()

    assert page.url.endswith("/templates/new")
    assert page.evaluate("document.activeElement.id") == "error-summary"
    assert page.get_by_label("HTML body").input_value() == "<p>{{ nobody }}</p>"
    framed(page).get_by_text("[nobody]").wait_for()
    assert find_faults(page) == []


def test_hostile_html_neither_runs_nor_reaches_out(page, evil):
    address, reached = evil
    opened, dialogs, left = [], [], []
    page.context.on("page", lambda page: opened.append(page.url))
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.on("framenavigated", lambda frame: left.append(frame.url) if address in frame.url else None)
    page.goto("/c/mails/templates/new")

    page.get_by_label("Name", exact=True).fill("Hostile")
    page.get_by_label("HTML body").fill(HOSTILE.replace("https://evil.test", address))
    frame = framed(page)
    frame.get_by_text("still here Alex").wait_for()
    page.get_by_text("Phone", exact=True).click()  # as large as it is, so that clicks hit
    for link in frame.locator("a").all():
        link.click()
    page.get_by_role("button", name="Make the template").click()
    page.get_by_text("Hostile was made.").wait_for()
    framed(page).get_by_text("still here Alex").wait_for()
    document = page.locator(".frames iframe").get_attribute("src")
    page.goto(document)  # by itself, without the frame's sandbox
    page.get_by_text("still here Alex").wait_for()
    for link in page.locator("a").all():
        link.click()
    page.wait_for_timeout(500)

    assert reached == []
    assert (dialogs, opened, left) == ([], [], [])
    assert page.url.partition("#")[0].endswith(document)
    assert page.title() == "Preview"


def test_a_server_that_is_not_ours_would_be_seen(page, evil):
    address, reached = evil

    page.goto(f"{address}/anything")

    assert reached


def test_sizes_of_the_preview_and_the_text_are_chosen(page):
    page.get_by_role("link", name="Letter").click()
    page.get_by_role("link", name="Content", exact=True).click()
    frame = page.locator(".frames iframe")
    wide = frame.bounding_box()["width"]

    page.get_by_text("Phone", exact=True).click()
    assert frame.bounding_box()["width"] == 375 < wide
    page.get_by_text("Text", exact=True).click()
    assert page.locator("pre.plaintext").inner_text() == "Third\n\nand more"
    assert not frame.is_visible()


def test_plain_text_is_made_from_the_html(page):
    page.goto("/c/mails/templates/new")
    page.get_by_label("HTML body").fill("<h1>Big</h1><p>small {{ x }}</p>")

    page.get_by_role("button", name="Make it from the HTML").click()

    page.wait_for_function("() => document.querySelector('#text').value !== ''")
    assert page.get_by_label("Plain text", exact=True).first.input_value() == "Big\n\nsmall {{ x }}"
    assert page.url.endswith("/new")


def test_versions_are_compared_and_restored(page):
    page.get_by_role("link", name="Card").click()
    page.get_by_role("link", name="Versions").click()
    page.get_by_label("Version 1 on the left").check()
    page.get_by_role("button", name="Compare the two chosen").click()

    page.get_by_role("heading", name="HTML body").wait_for()
    assert "<p>and more</p>" in page.locator(".diff .new").all_inner_texts()
    page.get_by_role("button", name="Restore version 1").click()
    page.get_by_text("Version 1 is restored, as version 4.").wait_for()


def test_editor_works_without_script(open_page, people):
    page = open_page("tess@journeys.test", java_script_enabled=False)
    page.goto("/c/mails/templates/new")

    page.get_by_label("Name", exact=True).fill("Plain")
    page.get_by_label("HTML body").fill("<p>Dear {{ contact.first_name }}</p>")
    page.get_by_role("button", name="Preview").click()
    page.frame_locator(".frames iframe").get_by_text("Dear Alex").wait_for()
    page.get_by_role("button", name="Make the template").click()

    page.get_by_text("Plain was made.").wait_for()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_faults_and_nothing_hangs_over(page, people, size, scheme):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(SIZES[size])
    one = f"/c/mails/templates/{people}"

    for place in (
        "/c/mails/templates", one, f"{one}/content", f"{one}/edit", f"{one}/versions", f"{one}/versions/compare?left=1",
        "/c/mails/templates/new", "/c/mails/templates/import",
    ):  # fmt: skip
        page.goto(place)
        assert (place, find_faults(page)) == (place, [])
        assert (place, max(0, overhang(page))) == (place, 0)
        if place.endswith("/edit") and size == "phone":
            page.get_by_text("Preview", exact=True).first.click()
            assert find_faults(page) == []
