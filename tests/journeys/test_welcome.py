"""The very first page: nobody can sign in yet."""

import pytest

from tests.conftest import empty_tables
from tests.factories import PASSWORD
from tests.journeys.checks import SIZES, Watch, find_faults, overhang
from tests.journeys.conftest import open_house
from tests.journeys.servers import run
from tests.journeys.watching import sign_in

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def empty_house(chromium, folder):
    """A server with an empty store."""
    instance = folder / "journeys-empty"
    run(instance, "db", "upgrade")
    yield from open_house(instance, PASSWORD)


@pytest.fixture
def page(chromium, empty_house):
    context = chromium.new_context(base_url=empty_house.server.url)
    yield context.new_page()
    context.close()
    empty_tables(empty_house.engines)


@pytest.mark.parametrize("size", SIZES)
def test_welcome_has_no_faults(page, size):
    watch = Watch(page)
    page.set_viewport_size(SIZES[size])
    page.goto("/login")  # and from there to the welcome

    light = find_faults(page)
    page.emulate_media(color_scheme="dark")

    assert page.get_by_role("heading", level=1).inner_text() == "Welcome to Sendscope"
    assert light + find_faults(page) == []
    assert overhang(page) <= 0
    assert watch.complaints == []


def test_first_admin_of_a_first_company_sees_the_first_steps(page, empty_house):
    email = empty_house.person("first", "beginners")

    sign_in(page, email, PASSWORD)

    page.wait_for_url("/c/beginners/")
    assert "Connect the first source" in page.locator("main").inner_text()
