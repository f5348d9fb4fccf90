"""authenticateAndAuthorize: who may enter a company, and with which role, on its pages.

Nobody signed in is led to the sign-in page; a stranger hears 404, whether the company exists or not. Somebody who
is not known here, or has no address, cannot sign in at all; so has everybody whose company was deleted.
"""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from dashboard import permissions
from dashboard.database.engine import Mode
from dashboard.database.session import open_session
from dashboard.queries import identity
from dashboard.services import identity as people
from dashboard.vocabulary.people import COOKIE_TOKEN
from dashboard.vocabulary.roles import Role
from tests.helpers import Browser
from tests.reference.recorded import Case, Group, groups
from tests.reference.stage import Stage
from tests.reference.worlds import World

FILE = "authorize.json"

ADMIN_PAGE = "exports"
RIGHTS = {role.slug: f"for the test:{role.slug}" for role in Role}  # one right for each lowest role

# Ids that name no company. An empty one has no address; it gets a slug that nobody has.
NO_COMPANY = {"": "no-company", "nonsense": "nonsense", "@gone": "gone"}

IN, FORBIDDEN, STRANGER, SIGNED_OUT = "in", "forbidden", "stranger", "signed out"


class Visitors:
    """The browsers of the people who ask, each signed in once, and the answers that they got."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._browsers: dict[str, Browser] = {}
        self._answers: dict[tuple[str, str], TestResponse] = {}

    def visit(self, case: Case, page: str = "") -> TestResponse:
        """Return the answer to a page of the company that is asked for."""
        slug = self.world.bound(NO_COMPANY.get(case["args"]["companyId"], case["args"]["companyId"]))
        address, who = f"/c/{slug}/{page}", address_of(case)
        if (who, address) not in self._answers:
            self._answers[who, address] = self._browser(who, case).get(address)
        return self._answers[who, address]

    def _browser(self, who: str, case: Case) -> Browser:
        """Return that person's browser, signed in where the person is known; whoever is not, cannot sign in."""
        if who not in self._browsers:
            browser = self._browsers[who] = Browser(self.world.app)
            if self.is_known(who):
                with browser.client.session_transaction() as cookie:
                    cookie[COOKIE_TOKEN] = self._open_session(who)
            elif case["identity"] is not None:
                assert browser.sign_in(who).status_code == 422
        return self._browsers[who]

    def _open_session(self, who: str) -> str:
        """Sign somebody in without the form, whose hash of the password is slow on purpose."""
        known = identity.find_password(self.world.engines, who.lower())
        assert known is not None
        with open_session(self.world.engines, Mode.WRITE, directory=True) as session:
            token = people.sign_in(session, known[0], user_agent="", address="", now=self.world.now)
            session.commit()
        return token

    def is_known(self, who: str) -> bool:
        return identity.find_password(self.world.engines, who.lower()) is not None

    def role(self, case: Case) -> Role:
        """Return the person's role in the company that is asked for."""
        known = identity.find_password(self.world.engines, address_of(case).lower())
        assert known is not None
        company = self.world.companies[case["args"]["companyId"].removeprefix("@")]
        homes = identity.list_companies(self.world.engines, known[0])
        (role,) = [one.role for one in homes if one.company == company]
        return role


@pytest.fixture(scope="module")
def visitors(stage: Stage) -> Visitors:
    return Visitors(stage.show("open-a"))


@pytest.fixture
def rights(monkeypatch: pytest.MonkeyPatch) -> None:
    """Declare a right for each role, as the product's actions are."""
    for role in Role:
        monkeypatch.setitem(permissions.LOWEST_ROLE, RIGHTS[role.slug], role)


def address_of(case: Case) -> str:
    """Return the address with which the person signs in; an identity without one has none to give."""
    return case["identity"].get("email", "") if case["identity"] is not None else "(signed out)"


def outcome(visitors: Visitors, case: Case) -> str:
    """Return how far the person comes: to the page, and to a right that needs the asked role."""
    answer, required = visitors.visit(case), case["args"].get("requiredRole")
    if answer.status_code == 303:
        assert answer.location.startswith("/login")
        return SIGNED_OUT
    if answer.status_code == 404:
        return STRANGER
    assert answer.status_code == 200
    if required is None:
        return IN
    is_allowed = permissions.may(visitors.role(case), RIGHTS[required])
    if required == Role.ADMIN.slug:
        assert visitors.visit(case, ADMIN_PAGE).status_code == (200 if is_allowed else 403)
    return IN if is_allowed else FORBIDDEN


def answers_as_recorded(visitors: Visitors, case: Case) -> None:
    found = outcome(visitors, case)

    if case["ok"]:
        assert (found, visitors.role(case).slug) == (IN, case["result"]["role"])
    elif not visitors.is_known(address_of(case)):
        assert found == SIGNED_OUT
    else:
        assert case["error"]["kind"] == "forbidden"
        homes = visitors.world.homes(case["identity"])
        assert found == (FORBIDDEN if case["args"]["companyId"].removeprefix("@") in homes else STRANGER)


def members_enter_by_our_order(visitors: Visitors, case: Case) -> None:
    """B1: a person enters each of several companies. J3: a role may do what those below it may."""
    homes = visitors.world.homes(case["identity"])
    company, required = case["args"]["companyId"].removeprefix("@"), case["args"].get("requiredRole", "guest")

    found = outcome(visitors, case)

    if company in homes:
        assert found == (IN if homes[company] >= Role.named(required) else FORBIDDEN)
    else:
        assert found == STRANGER


def nobody_has_an_empty_address(visitors: Visitors, case: Case) -> None:
    """C2: an empty address met a person without one."""
    assert outcome(visitors, case) == SIGNED_OUT


def is_role(name: str) -> bool:
    try:
        Role.named(name)
    except KeyError:
        return False
    return True


def roles_that_do_not_exist_open_nothing(visitors: Visitors, case: Case) -> None:
    """J2, J4: an empty role let everybody in, and a mistyped one admins; with us no right can ask for one."""
    assert visitors.visit(case).status_code == 200

    assert not is_role(case["args"]["requiredRole"])


BETTER = {
    "B1": members_enter_by_our_order,
    "C2": nobody_has_an_empty_address,
    "J2": roles_that_do_not_exist_open_nothing,
    "J3": members_enter_by_our_order,
    "J4": roles_that_do_not_exist_open_nothing,
}


@pytest.mark.usefixtures("rights")
@pytest.mark.parametrize("group", groups(FILE, "equal"), ids=str)
def test_people_enter_as_recorded(visitors: Visitors, group: Group) -> None:
    group.hold(answers_as_recorded, visitors)


@pytest.mark.usefixtures("rights")
@pytest.mark.parametrize("group", groups(FILE, "either"), ids=str)
def test_people_enter_however_their_address_is_written(visitors: Visitors, group: Group) -> None:
    group.hold(members_enter_by_our_order, visitors)


@pytest.mark.usefixtures("rights")
@pytest.mark.parametrize("group", groups(FILE, "differ"), ids=str)
def test_people_do_not_meet_defects(visitors: Visitors, group: Group) -> None:
    group.hold(BETTER[group.see], visitors)
