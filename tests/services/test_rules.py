"""Changing mapping rules: once each, in their order, audited, and never over somebody else's change."""

from threading import Barrier, Thread
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from dashboard.counting.rules import Rule
from dashboard.errors import Conflict, Invalid, NotFound
from dashboard.models import AuditEntry, CompanyState, MappingRule
from dashboard.queries import rules as queries
from dashboard.services import rules
from tests.inbox import NOON


def a_rule(number=1):
    return Rule("campaign", "tag", "", f"news {number}*", f"k{number}")


WHO = {"actor": "ada@acme.test", "now": NOON}


@pytest.fixture
def add(seed, cast):
    """Add rules and return their ids."""

    def added(*wanted):
        ids = [uuid4() for _ in wanted]
        with seed(cast.acme) as session:
            for rule_id, rule in zip(ids, wanted, strict=True):
                rules.add_rule(session, cast.acme.id, rule_id, rule, **WHO)
        return ids

    return added


@pytest.fixture
def stored(seed, cast):
    """Return what the company's rules say, in their order."""

    def read(company=None):
        with seed(company or cast.acme) as session:
            return [row.rule.resource_key for row in queries.list_rules(session)]

    return read


def move(seed, company, rule_id, direction, place):
    with seed(company) as session:
        return rules.move_rule(session, company.id, rule_id, direction, place=place, **WHO)


def test_new_rule_stands_behind_all_others(add, stored):
    add(a_rule(1), a_rule(2))
    add(a_rule(3))

    assert stored() == ["k1", "k2", "k3"]


def test_rule_that_is_sent_twice_is_made_once(seed, cast, stored):
    rule_id = uuid4()
    with seed(cast.acme) as session:
        made = [rules.add_rule(session, cast.acme.id, rule_id, a_rule(), **WHO) for _ in range(2)]

    assert made == [True, False]
    assert stored() == ["k1"]


def test_rules_that_are_sent_twice_at_once_are_made_once(seed, cast, stored):
    rule_id, barrier = uuid4(), Barrier(2)

    def send():
        barrier.wait()
        with seed(cast.acme) as session:
            rules.add_rule(session, cast.acme.id, rule_id, a_rule(), **WHO)

    threads = [Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert stored() == ["k1"]


def test_same_id_in_another_company_is_another_rule(add, seed, cast, stored):
    (rule_id,) = add(a_rule())
    with seed(cast.rival) as session:
        is_new = rules.add_rule(session, cast.rival.id, rule_id, a_rule(2), **WHO)

    assert is_new
    assert (stored(), stored(cast.rival)) == (["k1"], ["k2"])


def test_rule_that_could_never_decide_is_refused(add, seed, cast):
    add(a_rule(1))
    same = Rule("campaign", "tag", "", "NEWS 1*", "other")

    with seed(cast.acme) as session, pytest.raises(Invalid) as refused:
        rules.add_rule(session, cast.acme.id, uuid4(), same, **WHO)

    assert [(one.path, one.message[:6]) for one in refused.value.fields] == [("pattern", "Rule 1")]


def test_two_hundred_rules_are_the_most(add, seed, cast, stored):
    add(*(a_rule(number) for number in range(200)))

    with seed(cast.acme) as session, pytest.raises(Invalid):
        rules.add_rule(session, cast.acme.id, uuid4(), a_rule(200), **WHO)

    assert len(stored()) == 200


@pytest.mark.parametrize(
    ("which", "direction", "order"),
    [(1, "up", "213"), (0, "down", "213"), (2, "up", "132"), (1, "down", "132"), (0, "up", "123"), (2, "down", "123")],
)
def test_rule_changes_places_with_its_neighbour(add, seed, cast, stored, which, direction, order):
    ids = add(a_rule(1), a_rule(2), a_rule(3))

    is_moved = move(seed, cast.acme, ids[which], direction, which + 1)

    assert stored() == [f"k{number}" for number in order]
    assert is_moved == (order != "123")


def test_rule_moves_once_when_the_button_is_pressed_twice(add, seed, cast, stored):
    ids = add(a_rule(1), a_rule(2), a_rule(3))

    moved = [move(seed, cast.acme, ids[0], "down", 1) for _ in range(2)]

    assert moved == [True, False]
    assert stored() == ["k2", "k1", "k3"]


def test_rules_in_one_position_can_be_moved(add, seed, cast, stored):
    ids = add(a_rule(1), a_rule(2), a_rule(3))
    with seed(cast.acme) as session:
        session.execute(sa.update(MappingRule).values(position=0))
    first = {str(one): number for number, one in enumerate(sorted(ids), 1)}

    move(seed, cast.acme, sorted(ids)[2], "up", 3)

    with seed(cast.acme) as session:
        assert [first[str(row.id)] for row in queries.list_rules(session)] == [1, 3, 2]


def test_changed_rule_keeps_its_place(add, seed, cast, stored):
    ids = add(a_rule(1), a_rule(2))
    with seed(cast.acme) as session:
        rules.change_rule(session, cast.acme.id, ids[0], a_rule(7), seen=rules.fingerprint(a_rule(1)), **WHO)

    assert stored() == ["k7", "k2"]


def test_change_over_somebody_elses_is_refused(add, seed, cast, stored):
    (rule_id,) = add(a_rule(1))
    seen = rules.fingerprint(a_rule(1))
    with seed(cast.acme) as session:
        rules.change_rule(session, cast.acme.id, rule_id, a_rule(2), seen=seen, **WHO)

    with seed(cast.acme) as session, pytest.raises(Conflict):
        rules.change_rule(session, cast.acme.id, rule_id, a_rule(3), seen=seen, **WHO)
    with seed(cast.acme) as session:  # a form that is sent twice
        rules.change_rule(session, cast.acme.id, rule_id, a_rule(2), seen=seen, **WHO)

    assert stored() == ["k2"]


def test_rule_of_another_company_is_not_there(add, seed, cast, stored):
    (rule_id,) = add(a_rule(1))

    with seed(cast.rival) as session, pytest.raises(NotFound):
        rules.change_rule(session, cast.rival.id, rule_id, a_rule(2), seen="", **WHO)
    with pytest.raises(NotFound):
        move(seed, cast.rival, rule_id, "up", 1)
    with seed(cast.rival) as session:
        assert not rules.delete_rule(session, cast.rival.id, rule_id, **WHO)

    assert stored() == ["k1"]


def test_rule_is_deleted_once(add, seed, cast, stored):
    ids = add(a_rule(1), a_rule(2))
    with seed(cast.acme) as session:
        gone = [rules.delete_rule(session, cast.acme.id, ids[0], **WHO) for _ in range(2)]

    assert gone == [True, False]
    assert stored() == ["k2"]


def test_every_change_is_audited_and_raises_the_version(add, seed, cast):
    with seed(cast.acme) as session:
        before = session.scalar(sa.select(CompanyState.version))
    ids = add(a_rule(1), a_rule(2))
    move(seed, cast.acme, ids[1], "up", 2)
    with seed(cast.acme) as session:
        seen = rules.fingerprint(a_rule(1))
        rules.change_rule(session, cast.acme.id, ids[0], a_rule(3), seen=seen, **WHO)
        rules.delete_rule(session, cast.acme.id, ids[1], **WHO)

    with seed(cast.acme) as session:
        entries = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)).all()
        after = session.scalar(sa.select(CompanyState.version))
    assert [one.action for one in entries] == ["rule.add", "rule.add", "rule.move", "rule.change", "rule.delete"]
    assert {(one.actor, one.subject_type) for one in entries} == {("ada@acme.test", "rule")}
    assert [UUID(one.subject_key) for one in entries] == [ids[0], ids[1], ids[1], ids[0], ids[1]]
    assert (entries[3].details["old"]["resource_key"], entries[3].details["new"]["resource_key"]) == ("k1", "k3")
    assert after - before == 5
