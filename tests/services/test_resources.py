"""Two at once, keys that wander, and many rows: what holds for all registered resources."""

from contextlib import contextmanager
from dataclasses import replace
from uuid import uuid4

import pytest

from dashboard.database.engine import Mode
from dashboard.database.session import open_session
from dashboard.errors import Invalid
from dashboard.models import Template
from dashboard.queries import keys
from dashboard.queries import resources as queries
from dashboard.services import campaigns, resources, templates
from dashboard.services.campaigns import CampaignValues
from dashboard.services.resources import Change, Overtaken
from dashboard.services.templates import TemplateValues
from dashboard.vocabulary.analytics import ResourceType
from tests.factories import make_campaign, register

CAMPAIGN, TEMPLATE = ResourceType.CAMPAIGN, ResourceType.TEMPLATE


@pytest.fixture
def change(cast, clock):
    return Change(cast.acme, "uma@acme.test", clock())


@pytest.fixture
def spring(seed, cast):
    with seed(cast.acme) as session:
        return make_campaign(session, key="spring", name="Spring")


@pytest.fixture
def merged(seed, cast, change, spring):
    """Spring, which was merged into summer; summer let its key go again."""
    with seed(cast.acme) as session:
        summer = make_campaign(session, key="summer", name="Summer")
        resources.merge(session, change, CAMPAIGN, spring.id, summer.id)
        resources.remove_key(session, change, CAMPAIGN, summer.id, "spring")
    return spring


def names_of(session, id_):
    return [one.key for one in keys.list_keys(session, CAMPAIGN, id_)]


@contextmanager
def waiting(engines, company, kind, id_):
    """Open a session that read a resource and then had to wait for others, with the row as it was."""
    with open_session(engines, Mode.WRITE, company.id) as session:
        row = queries.get_resource(session, kind, id_)
        session.refresh(row, ["content"] if kind is TEMPLATE else None)
        session.commit()  # so that SQLite lets the others write; what was read stays
        yield session, row


def test_edit_that_waited_for_another_is_refused(engines, cast, seed, change, spring):
    with waiting(engines, cast.acme, CAMPAIGN, spring.id) as (session, row):
        values, seen = campaigns.values_of(row), row.revision
        with seed(cast.acme) as other:
            campaigns.edit_campaign(other, change, spring.id, replace(values, daily_limit=777), revision=seen)

        with pytest.raises(Overtaken) as refused:
            campaigns.edit_campaign(session, change, spring.id, replace(values, name="Autumn"), revision=seen)

    assert refused.value.row.daily_limit == 777


def test_text_that_was_read_before_is_read_again_once_its_template_is_locked(engines, cast, seed, change):
    with seed(cast.acme) as session:
        made = register(session, TEMPLATE, Template(key="t", name="T", subject="Old", content="<p>old</p>", text=""))
    with waiting(engines, cast.acme, TEMPLATE, made.id) as (session, row):
        before = row.content
        with seed(cast.acme) as other:
            values = TemplateValues("T", "t", "Old", "<p>new</p>")
            templates.edit_template(other, change, made.id, values, revision=1)

        locked = resources.open_row(session, change, TEMPLATE, made.id)

        assert (before, locked.content, locked.version) == ("<p>old</p>", "<p>new</p>", 2)


def test_key_of_a_merged_campaign_stays_its_own_when_the_other_lets_it_go(seed, cast, change, merged):
    values = CampaignValues("Other", "spring", 100, "UTC")

    with seed(cast.acme) as session, pytest.raises(Invalid) as refused:
        campaigns.create_campaign(session, change, uuid4(), values)

    assert [(one.path, one.message) for one in refused.value.fields] == [("key", "This key belongs to Spring already.")]


def test_key_made_of_a_name_is_not_that_of_a_merged_campaign(seed, cast, change, merged):
    with seed(cast.acme) as session:
        made, _ = campaigns.create_campaign(session, change, uuid4(), CampaignValues("spring", "", 100, "UTC"))

        assert made.key == "spring-2"


def test_campaign_that_comes_back_is_named_by_its_key_again(seed, cast, change, merged):
    with seed(cast.acme) as session:
        resources.unarchive(session, change, CAMPAIGN, merged.id)

    with seed(cast.acme) as session:
        assert names_of(session, merged.id) == ["spring"]


def test_key_seen_in_mail_names_the_campaign_again_that_was_made_with_it(seed, cast, change, merged):
    with seed(cast.acme) as session:
        adopted = campaigns.adopt_keys(session, change, ["spring"])

    assert [one.id for one in adopted] == [merged.id]
    with seed(cast.acme) as session:
        assert names_of(session, merged.id) == ["spring"]


def test_key_that_was_let_go_can_be_added_again(seed, cast, change, merged):
    with seed(cast.acme) as session:
        summer = queries.find_by_own_key(session, CAMPAIGN, "summer")
        resources.add_key(session, change, CAMPAIGN, summer.id, "spring")

    with seed(cast.acme) as session:
        assert set(names_of(session, summer.id)) == {"summer", "spring"}


def test_more_rows_are_found_than_a_statement_takes_values(seed, cast, spring):
    # PostgreSQL takes 65,535 values
    with seed(cast.acme) as session:
        found = queries.list_by_ids(session, CAMPAIGN, [*(uuid4() for _ in range(70_000)), spring.id])

    assert [one.id for one in found] == [spring.id]
