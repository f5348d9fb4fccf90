"""What holds for every page: no faults that axe can find, no complaints, never wider than the screen."""

import hashlib
import re

import pytest

from tests.journeys.checks import AXE, SIZES, VENDOR, Watch, find_faults, overhang
from tests.journeys.conftest import BROWSER
from tests.journeys.watching import goto_drawn

pytestmark = pytest.mark.browser

# name: who looks, at what
PLACES = {
    "sign-in": (None, "/login"),
    "companies": ("ada@acme.test", "/companies"),
    "overview": ("ada@acme.test", "/c/acme/"),
    "overview of a guest": ("gil@acme.test", "/c/acme/?type=mailbox&unit=rate&range=90"),
    "overview without mail": ("ada@acme.test", "/c/acme/?range=custom&start=2020-01-01&end=2020-01-02"),
    "first steps": ("fay@fresh.test", "/c/fresh/"),
    "first steps of a guest": ("flo@fresh.test", "/c/fresh/"),
    "analytics": ("ada@acme.test", "/c/acme/analytics"),
    "one resource": ("ada@acme.test", "/c/acme/analytics?resource=product-news&basis=event"),
    "reported": ("ada@acme.test", "/c/acme/reported"),
    "nothing reported": ("fay@fresh.test", "/c/fresh/reported"),
    "exports": ("ada@acme.test", "/c/acme/exports"),
    "sources": ("ada@acme.test", "/c/acme/sources"),
    "sources of a guest": ("gil@acme.test", "/c/acme/sources"),
    "no sources": ("fay@fresh.test", "/c/fresh/sources"),
    "no sources for a guest": ("flo@fresh.test", "/c/fresh/sources"),
    "connect": ("ada@acme.test", "/c/acme/sources/connect"),
    "connect SendGrid": ("ada@acme.test", "/c/acme/sources/connect/sendgrid"),
    "connect Postmark": ("ada@acme.test", "/c/acme/sources/connect/postmark"),
    "connect Amazon SES": ("ada@acme.test", "/c/acme/sources/connect/ses"),
    "source": ("ada@acme.test", "/c/acme/sources/{source}"),
    "source of a guest": ("gil@acme.test", "/c/acme/sources/{source}"),
    "test of a source": ("ada@acme.test", "/c/acme/sources/{source}/test"),
    "connected source": ("ada@acme.test", "/c/acme/sources/{source}/done"),
    "delete a source": ("ada@acme.test", "/c/acme/sources/{source}/delete"),
    "history of a source": ("ada@acme.test", "/c/acme/sources/{source}/history"),
    "deliveries": ("pia@post.test", "/c/post/sources/{mail}/deliveries"),
    "no such deliveries": ("pol@post.test", "/c/post/sources/{mail}/deliveries?state=pending"),
    "no deliveries": ("ada@acme.test", "/c/acme/sources/{source}/deliveries?state=held"),
    "delivery": ("pia@post.test", "/c/post/sources/{mail}/deliveries/{counted}"),
    "delivery read in part": ("pia@post.test", "/c/post/sources/{mail}/deliveries/{partly}"),
    "unreadable delivery": ("pol@post.test", "/c/post/sources/{mail}/deliveries/{unreadable}"),
    "rejected delivery": ("pia@post.test", "/c/post/sources/{mail}/deliveries/{rejected}"),
    "messages": ("pia@post.test", "/c/post/messages"),
    "messages found": ("pol@post.test", "/c/post/messages?q=ann"),
    "no messages found": ("pol@post.test", "/c/post/messages?q=nobody"),
    "no messages": ("fay@fresh.test", "/c/fresh/messages"),
    "message": ("pia@post.test", "/c/post/messages/{message}"),
    "unmatched message": ("pia@post.test", "/c/post/messages/{unmatched}"),
    "recipients": ("pia@post.test", "/c/post/recipients"),
    "recipients of a kind": ("pol@post.test", "/c/post/recipients?kind=soft&q=eve"),
    "no recipients": ("fay@fresh.test", "/c/fresh/recipients"),
    "rules": ("ada@acme.test", "/c/acme/rules"),
    "rules of a guest": ("gil@acme.test", "/c/acme/rules"),
    "a new rule": ("ada@acme.test", "/c/acme/rules/new"),
    "campaigns": ("ada@acme.test", "/c/acme/campaigns"),
    "campaigns of a guest": ("gil@acme.test", "/c/acme/campaigns?sort=sent&dir=desc"),
    "no such campaigns": ("ada@acme.test", "/c/acme/campaigns?q=nothing"),
    "no campaigns": ("fay@fresh.test", "/c/fresh/campaigns"),
    "keys that name nothing": ("fay@fresh.test", "/c/fresh/campaigns/seen"),
    "campaign": ("ada@acme.test", "/c/acme/campaigns/{campaign}?machines=shown"),
    "breakdown of a campaign": ("gil@acme.test", "/c/acme/campaigns/{campaign}/breakdown"),
    "activity of a campaign": ("gil@acme.test", "/c/acme/campaigns/{campaign}/activity"),
    "keys of a campaign": ("ada@acme.test", "/c/acme/campaigns/{campaign}/keys"),
    "settings of a campaign": ("ada@acme.test", "/c/acme/campaigns/{campaign}/edit"),
    "pause a campaign": ("ada@acme.test", "/c/acme/campaigns/{campaign}/move/pause"),
    "delete a campaign": ("ada@acme.test", "/c/acme/campaigns/{campaign}/delete"),
    "a new campaign": ("ada@acme.test", "/c/acme/campaigns/new"),
    "compared campaigns": ("gil@acme.test", "/c/acme/campaigns/compare?id={campaign}"),
    "templates": ("ada@acme.test", "/c/acme/templates"),
    "templates of a guest": ("gil@acme.test", "/c/acme/templates?category=News"),
    "no templates": ("fay@fresh.test", "/c/fresh/templates"),
    "template": ("gil@acme.test", "/c/acme/templates/{template}"),
    "content of a template": ("gil@acme.test", "/c/acme/templates/{template}/content"),
    "versions of a template": ("ada@acme.test", "/c/acme/templates/{template}/versions"),
    "editor of a template": ("ada@acme.test", "/c/acme/templates/{template}/edit"),
    "a new template": ("ada@acme.test", "/c/acme/templates/new"),
    "import of a template": ("ada@acme.test", "/c/acme/templates/import"),
    "mailboxes": ("ada@acme.test", "/c/acme/mailboxes"),
    "mailboxes of a guest": ("gil@acme.test", "/c/acme/mailboxes?sort=limit&dir=desc"),
    "no mailboxes": ("fay@fresh.test", "/c/fresh/mailboxes"),
    "mailbox": ("gil@acme.test", "/c/acme/mailboxes/{mailbox}"),
    "warm-up of a mailbox": ("ada@acme.test", "/c/acme/mailboxes/{mailbox}/warm-up"),
    "settings of a mailbox": ("ada@acme.test", "/c/acme/mailboxes/{mailbox}/edit"),
    "suspend a mailbox": ("ada@acme.test", "/c/acme/mailboxes/{mailbox}/move/suspend"),
    "a new mailbox": ("ada@acme.test", "/c/acme/mailboxes/new"),
    "import mailboxes": ("ada@acme.test", "/c/acme/mailboxes/import"),
    "domains": ("ada@acme.test", "/c/acme/domains"),
    "domains of a guest": ("gil@acme.test", "/c/acme/domains?status=verified"),
    "no domains": ("fay@fresh.test", "/c/fresh/domains"),
    "domain": ("gil@acme.test", "/c/acme/domains/{domain}"),
    "records of a domain": ("ada@acme.test", "/c/acme/domains/{domain}/records"),
    "checks of a domain": ("gil@acme.test", "/c/acme/domains/{domain}/history"),
    "settings of a domain": ("ada@acme.test", "/c/acme/domains/{domain}/edit"),
    "a new domain": ("ada@acme.test", "/c/acme/domains/new"),
    "files": ("ada@acme.test", "/c/acme/files"),
    "no files": ("flo@fresh.test", "/c/fresh/files"),
    "providers": (None, "/docs/providers"),
    "provider": (None, "/docs/providers/ses"),
    "account": ("ada@acme.test", "/account"),
    "api": (None, "/api/docs"),
    "nothing there": ("ada@acme.test", "/nothing"),
    "forbidden": ("gil@acme.test", "/c/acme/exports"),
    "wrong address": ("ada@acme.test", "/c/acme/?range=12&type=letter"),
}


@pytest.fixture(scope="module", params=PLACES.values(), ids=PLACES)
def visit(request, chromium, house, cookies, fresh, post):
    """A page that was opened once for all the tests below, and what it has complained about since."""
    who, path = request.param
    state = {"storage_state": cookies(who)} if who else {}
    context = chromium.new_context(base_url=house.server.url, **(BROWSER | state))
    page = context.new_page()
    watch = Watch(page)
    page.goto(
        path.format(
            source=house.source("acme"), campaign=house.resource("acme", "campaign", "onboarding"),
            mailbox=house.resource("acme", "mailbox", "mia@mail.acme.test"),
            domain=house.resource("acme", "domain", "news.acme.test"),
            template=house.resource("acme", "template", "tpl-news"), **post,
        )
    )  # fmt: skip
    if page.locator("[data-chart]").count():
        page.locator("[data-chart][data-draws]").wait_for()
    yield page, watch
    context.close()


def test_page_complains_about_nothing(visit):
    page, watch = visit

    if page.locator("[data-live]").count():
        page.wait_for_event("response", lambda response: response.request.headers.get("hx-ptag"))

    assert watch.complaints == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_faults(visit, size, scheme):
    page, _ = visit
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(SIZES[size])

    faults = find_faults(page)

    assert faults == []


@pytest.mark.parametrize("size", SIZES)
def test_page_is_not_wider_than_the_screen(visit, size):
    page, _ = visit
    page.set_viewport_size(SIZES[size])

    assert overhang(page) <= 0


def test_axe_finds_no_faults_in_what_opens(open_page):
    page = open_page("ada@acme.test")
    goto_drawn(page, "/c/acme/")
    faults = []

    for name in ("#card-opened .rate", ".league .why button >> nth=0", "#numbers summary", "button:has-text('Custom')"):
        page.locator(name).click()
        faults += find_faults(page)

    assert faults == []


def test_axe_finds_no_faults_in_a_refused_form(open_page):
    page = open_page("ada@acme.test")
    page.goto("/account")

    page.get_by_role("button", name="Change password").click()
    page.get_by_role("alert").wait_for()

    assert find_faults(page) == []


def test_axe_is_the_one_written_down():
    (digest,) = re.findall(r"`([0-9a-f]{64})`", (VENDOR / "VERSIONS.md").read_text())

    assert hashlib.sha256(AXE.read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("size", SIZES)
def test_columns_of_a_list_are_chosen_within_the_screen(open_page, size):
    page = open_page("ada@acme.test")
    page.set_viewport_size(SIZES[size])
    page.goto("/c/acme/campaigns")

    page.get_by_text("Columns", exact=True).click()
    page.get_by_label("Opened", exact=True).uncheck()
    box = page.locator(".chooser form").bounding_box()
    faults = find_faults(page)
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_url("**columns=**")

    assert box["x"] >= 0
    assert box["x"] + box["width"] <= SIZES[size]["width"]
    assert box["width"] > 100
    assert (faults, overhang(page)) == ([], min(0, overhang(page)))
    assert page.locator("th", has_text="Opened").count() == 0
