"""The secret of a webhook decides the company; what the body says only tells whose secrets to try."""

import json

import pytest

from dashboard.providers.signatures import sign_hex
from tests.factories import make_source
from tests.helpers import Sender, update
from tests.reported import everything, paths, sent

pytestmark = pytest.mark.usefixtures("sums_agree")


def refuses(response):
    return (response.status_code, response.json["error"]["code"]) == (401, "bad_signature")


def test_another_companys_slug_signed_with_acmes_secret_is_401(sender, engines, cast, vault):
    make_source(engines, vault, cast.rival)
    before = everything(engines)

    response = sender.post({"companyId": "rival"} | update())

    assert refuses(response)
    assert everything(engines) == before


@pytest.mark.parametrize(
    "slug", ["nobody", "", " ", "ACME", "acme ", "acme\n", "a", "\0", "\ud800", "x" * 5000, "1", "'--"], ids=ascii
)
def test_an_unknown_slug_is_401_like_a_wrong_signature(sender, engines, slug):
    before = everything(engines)

    response = sender.post({"companyId": slug} | update())

    assert refuses(response)
    assert everything(engines) == before


def test_a_stranger_cannot_tell_which_companies_exist(app, engines, cast, vault, sender):
    stranger = Sender(app, "a secret of nobody's")

    answers = [stranger.post({"companyId": slug} | update()) for slug in ("acme", "rival", "nobody", "x y")]

    assert len({(answer.status_code, answer.data) for answer in answers}) == 1
    assert refuses(answers[0])


@pytest.mark.parametrize("company", [7, 1.5, True, None, [], ["acme"], {}, {"slug": "acme"}], ids=repr)
def test_a_company_of_another_type_is_told_to_the_signer_only(sender, engines, company):
    report = {"companyId": company} | update()
    before = everything(engines)

    told = sender.post(report)
    untold = sender.post(report, signature="00" * 32)

    assert told.status_code == 422
    assert paths(told) == ["companyId"]
    assert refuses(untold)
    assert everything(engines) == before


@pytest.mark.parametrize("report", [update(), {"updates": [update()]}], ids=["one", "list"])
def test_a_report_names_its_company(sender, engines, report):
    before = everything(engines)

    response = sender.post(report)

    assert response.status_code == 422
    assert response.json["error"]["fields"] == [{"path": "companyId", "message": "is missing"}]
    assert everything(engines) == before


def test_two_companies_with_one_secret_are_told_apart_by_what_the_body_says(app, engines, cast, vault):
    for company in (cast.acme, cast.rival):
        make_source(engines, vault, company, secret="the same")
    sender = Sender(app, "the same")

    sender.post({"companyId": "rival"} | update(sent=1))
    unnamed = sender.post(update(sent=2))

    assert sent(engines, cast.acme) == {}
    assert list(sent(engines, cast.rival).values()) == [1]
    assert unnamed.status_code == 422


def test_the_last_of_two_company_ids_is_the_one_of_both_steps(sender, engines, cast, vault):
    make_source(engines, vault, cast.rival)
    text = json.dumps(update())[:-1]

    acme = sender.post((text + ', "companyId": "rival", "companyId": "acme"}').encode())
    rival = sender.post((text + ', "companyId": "acme", "companyId": "rival"}').encode())

    assert acme.status_code == 200
    assert refuses(rival)
    assert sent(engines, cast.rival) == {}


def test_elements_do_not_name_companies(sender):
    response = sender.post({"companyId": "acme", "updates": [update() | {"companyId": "rival"}]})

    assert response.status_code == 422
    assert paths(response) == ["updates[0].companyId"]


def test_the_day_is_that_of_the_signers_company(app, engines, cast, clock, vault, sender):
    _, shared = make_source(engines, vault, cast.rival)
    clock.move(hours=12)  # 23 November 01:00 in Berlin, 22 November 19:00 in New York

    berlin = sender.post({"companyId": "acme"} | update(day="2026-11-24"))
    york = Sender(app, shared.secret).post({"companyId": "rival"} | update(day="2026-11-24"))

    assert (berlin.status_code, york.status_code) == (200, 422)
    assert paths(york) == ["date"]


def test_a_signature_does_not_open_the_api(app, sender):
    body = json.dumps(update()).encode()

    response = app.test_client().post(
        "/api/analytics", data=body, headers={"x-webhook-signature": sign_hex(body, sender.secret)}
    )

    assert response.status_code == 401
