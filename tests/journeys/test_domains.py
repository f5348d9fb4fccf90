"""A domain in a real browser: added, its records published in a DNS server on loopback, looked up, verified, lost."""

import pytest
import sqlalchemy as sa

from dashboard.database.engine import Mode
from dashboard.database.session import open_session
from dashboard.models import Domain
from dashboard.services.domains import records_of
from tests.dns_server import DnsServer
from tests.domains import NAME, publish
from tests.factories import PASSWORD
from tests.journeys.checks import SIZES, Watch, find_faults, overhang
from tests.journeys.conftest import BROWSER, open_house
from tests.journeys.servers import run
from tests.journeys.watching import sign_in

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def dns():
    with DnsServer() as running:
        yield running


@pytest.fixture(scope="module")
def own_house(chromium, folder, dns):
    """A server that asks the DNS on loopback."""
    instance = folder / "journeys-domains"
    run(instance, "db", "upgrade")
    yield from open_house(instance, PASSWORD, nameserver=dns.address)


@pytest.fixture
def open_own(chromium, own_house):
    """Open a page of an admin there."""
    contexts = []

    def opened(**options):
        context = chromium.new_context(**(BROWSER | {"base_url": own_house.server.url} | options))
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        contexts.append(context)
        page = context.new_page()
        sign_in(page, own_house.person("dora", "names"), PASSWORD)
        return page

    yield opened
    for context in contexts:
        context.close()


def find_all_faults(page):
    """Return what is wrong in both themes, on a screen and on a phone."""
    faults = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for name, size in SIZES.items():
            page.set_viewport_size(size)
            faults += [f"{scheme} {name}: {one}" for one in find_faults(page)]
            faults += [f"{name}: {overhang(page)} px too wide"] if overhang(page) > 0 else []
    page.set_viewport_size(SIZES["screen"])
    return faults


def publish_all(own_house, dns):
    with open_session(own_house.engines, Mode.READ, own_house.company("names").id) as session:
        publish(dns, records_of(session.scalars(sa.select(Domain).where(Domain.name == NAME)).one()))


def check_now(page):
    page.get_by_role("button", name="Check now").click()
    page.get_by_text("Its records are being looked up.").wait_for()
    page.get_by_text("Its records are being looked up.").wait_for(state="detached")


def test_domain_is_added_published_checked_and_verified(open_own, own_house, dns):
    page = open_own()

    page.goto("/c/names/domains/new")
    page.get_by_label("Domain", exact=True).fill("acme")
    page.get_by_label("Mailgun", exact=True).check()
    page.get_by_label("DKIM selectors of Mailgun").fill("mg")
    page.get_by_role("button", name="Add the domain").click()
    page.get_by_role("alert").get_by_text("it needs a dot").wait_for()
    faults, watch = find_all_faults(page), Watch(page)
    page.get_by_label("Domain", exact=True).fill(NAME)
    page.get_by_role("button", name="Add the domain").click()
    page.get_by_role("heading", name="Records to publish").wait_for()
    faults += find_all_faults(page)

    page.get_by_role("button", name="Copy the value of Proof of ownership").click()
    page.get_by_role("status").get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").startswith("sendscope-verification=")

    check_now(page)
    page.get_by_text("The proof that the domain is yours is not there.").wait_for()
    faults += find_all_faults(page)
    publish_all(own_house, dns)
    check_now(page)
    page.reload()
    page.locator("h1 .badge.verified").wait_for()
    assert page.get_by_text("The domain is proved to be yours.").count() == 1
    assert page.get_by_text("of 8 met").count() == 1
    faults += find_all_faults(page)

    page.get_by_role("link", name="Checks").click()
    page.get_by_text("The domain went from pending to verified.").wait_for()
    faults += find_all_faults(page)

    assert (faults, watch.complaints) == ([], [])


def test_domain_is_checked_without_script(open_own, own_house, dns):
    page = open_own(java_script_enabled=False)
    name = "plain.acme-post.com"

    page.goto("/c/names/domains/new")
    page.get_by_label("Domain", exact=True).fill(name)
    page.get_by_label("Your own servers", exact=True).check()
    page.get_by_role("button", name="Add the domain").click()
    page.get_by_role("button", name="Check now").click()
    for _ in range(50):
        if not page.get_by_role("link", name="Look again").count():
            break
        page.wait_for_timeout(200)
        page.get_by_role("link", name="Look again").click()

    assert page.get_by_text("The proof that the domain is yours is not there.").count() == 1
    assert page.get_by_role("link", name="Zone file").count() == 1
