"""Every payload file of every provider is read as its file says."""

import pytest

from dashboard.providers.base import Unreadable
from dashboard.providers.registry import adapters
from tests.providers.harness import Case, as_plain, load_cases, normal

CASES = load_cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.provider}-{case.name}")
def test_payload_is_read(case: Case):
    adapter = adapters()[case.provider]

    if "refused" in case.expected:
        with pytest.raises(Unreadable, match=case.expected["refused"]):
            adapter.parse(case.delivery)
        return
    parsed = adapter.parse(case.delivery)

    assert [as_plain(event) for event in parsed.events] == [normal(event) for event in case.expected["events"]]
    unreadable = case.expected.get("unreadable", [])
    assert [place for place, _ in parsed.unreadable] == [place for place, _ in unreadable]
    for (_, reason), (_, part) in zip(parsed.unreadable, unreadable, strict=True):
        assert part in reason


@pytest.mark.parametrize("name", list(adapters()))
def test_every_provider_has_payloads(name):
    assert sum(case.provider == name for case in CASES) >= 12
