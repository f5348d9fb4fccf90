"""Query strings: real dates, known names, each given once; anything else is refused with its name."""

import pytest

from tests.helpers import update
from tests.reported import paths

READS = ["/api/analytics", "/api/campaign-analytics", "/api/export?format=csv"]
PAGED = ["/api/analytics", "/api/analytics/recent"]
# As they stand in an address.
NO_DAYS = [
    "2024-02-30", "2024-2-5", "20240205", "31.12.2030", "2024", "2024-01", "yesterday", "%202024-01-01", "NaN", "%00",
    "2024-01-01T00:00:00Z", "%D9%A2%D9%A0%D9%A2%D9%A4-01-01", "0000-00-00", "1969-12-31", "2024-01-01%0A",
]  # fmt: skip
NO_LIMITS = [
    "0", "1001", "-1", "1.5", "abc", "1e2", "%2B5", "%205", "5%20", "NaN", "0x10", "1_0", "%D9%A5", "9" * 400, "00",
]  # fmt: skip
every_read = pytest.mark.parametrize("address", [*READS, "/api/analytics/recent"])


def fetch(program, address, query):
    return program.client.get(f"{address}{'&' if '?' in address else '?'}{query}", headers=program.headers)


@pytest.mark.parametrize("address", READS)
@pytest.mark.parametrize("name", ["startDate", "endDate"])
def test_a_bound_is_a_day_of_the_calendar(program, address, name):
    for day in NO_DAYS:
        response = fetch(program, address, f"{name}={day}")

        assert response.status_code == 422, day
        assert paths(response) == [name]


@pytest.mark.parametrize("address", PAGED)
def test_a_limit_is_a_whole_number_from_1_to_1000(program, address):
    for limit in NO_LIMITS:
        response = fetch(program, address, f"limit={limit}")

        assert response.status_code == 422, limit
        assert paths(response) == ["limit"]


@pytest.mark.parametrize("address", PAGED)
@pytest.mark.parametrize("limit", ["1", "1000", "007"])
def test_limits_within_are_taken(program, address, limit):
    response = fetch(program, address, f"limit={limit}")

    assert response.status_code == 200


@every_read
@pytest.mark.parametrize("value", ["", "1"])
def test_unknown_parameters_are_refused_with_or_without_a_value(program, address, value):
    for name in ("x", "", "start", "companyid", "limit%20", "apiKey", "__proto__", "%FF", "type[]"):
        response = fetch(program, address, f"{name}={value}")

        assert response.status_code == 422, name
        assert len(paths(response)) == 1


@every_read
def test_a_parameter_given_twice_is_refused(program, address):
    response = fetch(program, address, "basis=sent&basis=sent")

    assert response.status_code == 422
    assert response.json["fields"] == [{"path": "basis", "message": "is given more than once"}]


def test_a_parameter_given_twice_is_refused_though_one_is_empty(program):
    response = fetch(program, "/api/analytics", "type=&type=campaign")

    assert response.status_code == 422


@every_read
@pytest.mark.parametrize("basis", ["delivered", "SENT", "sent%20", "%00"])
def test_a_basis_is_one_of_two(program, address, basis):
    response = fetch(program, address, f"basis={basis}")

    assert response.status_code == 422
    assert paths(response) == ["basis"]


@pytest.mark.parametrize("address", ["/api/analytics", "/api/analytics/recent", "/api/export?format=csv"])
@pytest.mark.parametrize("kind", ["Campaign", "all", "campaign,template", "%00", "%FF"])
def test_a_type_is_one_that_exists(program, address, kind):
    response = fetch(program, address, f"type={kind}")

    assert response.status_code == 422
    assert paths(response) == ["type"]


def test_all_bad_parameters_are_named_at_once(program):
    response = fetch(program, "/api/analytics", "type=x&startDate=y&limit=z&w=1")

    assert set(paths(response)) == {"type", "startDate", "limit", "w"}


@pytest.mark.parametrize("query", ["", "format=xml", "format=CSV", "format=", "columns=all"])
def test_an_export_names_its_format(program, query):
    response = program.client.get(f"/api/export?{query}", headers=program.headers)

    assert response.status_code == 422
    assert paths(response) == ["format"]


def test_an_export_has_six_columns_or_all(program):
    response = fetch(program, "/api/export?format=csv", "columns=most")

    assert response.status_code == 422
    assert paths(response) == ["columns"]


def test_a_body_on_a_read_is_passed_over(program):
    program.post("/api/analytics", update())

    response = program.client.get("/api/analytics", headers=program.headers, data=b"{")

    assert response.status_code == 200
