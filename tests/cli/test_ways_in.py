"""Making sources and API keys."""

import re

import pytest
import sqlalchemy as sa

from dashboard.models import ApiKey, AuditEntry, Source
from tests.helpers import Program, Sender, update

SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{43}=")


def add_source(run, *rest, provider="generic", name="Website", company="acme"):
    return run("source", "add", "--company", company, "--provider", provider, "--name", name, *rest)


def add_key(run, *rest, scopes=("read",), name="Program", company="acme"):
    words = [word for scope in scopes for word in ("--scope", scope)]
    return run("api-key", "add", "--company", company, "--name", name, *words, *rest)


def audit(seed, company):
    with seed(company) as session:
        rows = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)).all()
    return [(row.actor, row.action, row.subject_type) for row in rows]


def test_source_is_told_as_one_document(run, cast):
    document = add_source(run, "--json").document

    assert list(document) == ["id", "provider", "url_path", "token", "secret"]
    assert isinstance(document["id"], int)
    assert document["provider"] == "generic"
    assert document["url_path"] == f"/webhook/generic/{document['token']}"
    assert len(document["token"]) >= 32
    assert SECRET.fullmatch(document["secret"])


def test_source_is_told_in_words(run, cast):
    answer = add_source(run)

    assert answer.code == 0
    assert re.search(r"^address: /webhook/generic/\S{32}$", answer.out, re.MULTILINE)
    assert SECRET.search(answer.out)


@pytest.mark.parametrize("secret", ["my own secret", "whsec_bXkgb3duIHNlY3JldA=="])
def test_webhook_signed_with_the_secret_is_taken(run, app, cast, secret):
    shared = add_source(run, "--secret", secret, "--json").document

    answer = Sender(app, shared["secret"]).post({"companyId": "acme"} | update())

    assert shared["secret"] == secret
    assert answer.status_code == 200


@pytest.mark.parametrize("provider", [
    "sendgrid", "mailgun", "ses", "resend", "mandrill", "mailersend", "mailtrap", "postal", "unisender", "scaleway",
])  # fmt: skip
def test_source_of_a_provider_that_makes_its_own_secret_gets_none(run, cast, provider):
    document = add_source(run, "--json", provider=provider).document

    assert document["url_path"] == f"/webhook/{provider}/{document['token']}"
    assert document["secret"] == ""


@pytest.mark.parametrize("provider", ["postmark", "sparkpost", "brevo", "mailjet"])
def test_source_of_a_provider_that_takes_our_credentials_gets_some(run, cast, provider):
    document = add_source(run, "--json", provider=provider).document

    assert re.fullmatch(r"sendscope:[\w-]{32}", document["secret"])


def test_secret_and_public_key_of_a_provider_are_kept_sealed(run, app, cast, seed):
    add_source(run, "--secret", "from their page", "--public-key", "MFkw", provider="sendgrid")

    with seed(cast.acme) as session:
        sealed = session.scalar(sa.select(Source.sealed).where(Source.name == "Website"))
    opened = app.extensions["vault"].open(sealed)
    assert (opened.secret, opened.public_key) == ("from their page", "MFkw")
    assert b"from their page" not in sealed


@pytest.mark.parametrize("provider", ["pigeon", "api", "sync", "import", "Generic", ""])
def test_other_providers_are_refused(run, cast, seed, provider):
    answer = add_source(run, provider=provider)

    assert answer.code == 1
    assert f"provider: {provider!r} is not a provider. Known: ses, brevo, " in answer.err
    with seed(cast.acme) as session:
        assert session.scalars(sa.select(Source.name)).all() == ["API"]


@pytest.mark.parametrize("name", ["", "  ", "x" * 101])
def test_source_needs_a_name(run, cast, name):
    answer = add_source(run, name=name)

    assert (answer.code, "name: A name has 1 to 100 characters." in answer.err) == (1, True)


def test_name_of_a_source_is_taken_once_in_a_company(run, cast):
    add_source(run)

    again, elsewhere = add_source(run), add_source(run, company="rival")

    assert (again.code, again.err) == (1, "There is a source named 'Website' already.\n")
    assert elsewhere.code == 0


def test_key_is_told_once_as_one_document(run, cast):
    document = add_key(run, "--json", scopes=("export", "read")).document

    assert list(document) == ["id", "key"]
    assert isinstance(document["id"], int)
    assert re.fullmatch(r"ss_re_[A-Za-z0-9]{43}", document["key"])


@pytest.mark.parametrize(("scopes", "statuses"), [
    (("read",), [200, 403, 403]), (("write",), [403, 200, 403]), (("export",), [403, 403, 200]),
    (("read", "write", "export"), [200, 200, 200]), (("read", "read"), [200, 403, 403]),
])  # fmt: skip
def test_key_opens_what_its_scopes_say(run, app, cast, scopes, statuses):
    program = Program(app, add_key(run, "--json", scopes=scopes).document["key"])

    answers = [
        program.get("/api/analytics"), program.post("/api/analytics", update()), program.get("/api/export", format="csv"),
    ]  # fmt: skip

    assert [answer.status_code for answer in answers] == statuses


def test_key_is_told_in_words(run, cast):
    answer = add_key(run)

    assert re.search(r"^key: ss_r_[A-Za-z0-9]{43}$", answer.out, re.MULTILINE)
    assert "It is not shown again." in answer.out


def test_key_writes_to_the_source_it_is_bound_to(run, app, cast, seed):
    source_id = add_source(run, "--json").document["id"]
    key = add_key(run, "--source", str(source_id), "--json", scopes=("write",)).document["key"]

    Program(app, key).post("/api/analytics", update())

    with seed(cast.acme) as session:
        assert session.scalar(sa.select(ApiKey.source_id)) == source_id


def test_key_cannot_be_bound_to_another_companys_source(run, cast):
    theirs = add_source(run, "--json", company="rival").document["id"]

    answer = add_key(run, "--source", str(theirs))

    assert answer.code == 1
    assert "source: There is no such source in this company." in answer.err


@pytest.mark.parametrize("scope", ["admin", "Read", ""])
def test_scope_must_be_one_of_the_three(run, cast, scope):
    assert add_key(run, scopes=(scope,)).code == 2


def test_key_needs_a_scope(run, cast):
    assert add_key(run, scopes=()).code == 2


def test_revoked_key_is_refused_from_the_next_request_on(run, app, cast):
    made = add_key(run, "--json").document
    program = Program(app, made["key"])
    before = program.get("/api/analytics").status_code

    answer = run("api-key", "revoke", "--company", "acme", str(made["id"]), "--json")

    assert answer.document == {"id": made["id"], "revoked": True}
    assert (before, program.get("/api/analytics").status_code) == (200, 401)


def test_key_may_be_revoked_twice_and_keeps_the_first_instant(run, cast, seed):
    made = add_key(run, "--json").document
    instants = []
    for _ in range(2):
        run("api-key", "revoke", "--company", "acme", str(made["id"]))
        with seed(cast.acme) as session:
            instants.append(session.scalar(sa.select(ApiKey.revoked_at)))

    assert instants[0] == instants[1] is not None


@pytest.mark.parametrize("company", ["rival", "acme"])
def test_key_that_is_not_the_companys_is_not_there(run, app, cast, company):
    made = add_key(run, "--json").document
    number = made["id"] if company == "rival" else made["id"] + 1000

    answer = run("api-key", "revoke", "--company", company, str(number))

    assert (answer.code, answer.err) == (1, "There is no such key.\n")
    assert Program(app, made["key"]).get("/api/analytics").status_code == 200


@pytest.mark.parametrize("words", [
    "source add --provider generic --name x", "api-key add --name x --scope read", "api-key revoke 1", "export --format csv",
    "rollup verify",
])  # fmt: skip
def test_company_must_exist(run, words):
    answer = run(*words.split(), "--company", "nowhere")

    assert (answer.code, answer.out, answer.err) == (1, "", "There is no company 'nowhere'.\n")


def test_every_change_stands_in_the_audit_log(run, cast, seed):
    add_source(run)
    made = add_key(run, "--json").document
    run("api-key", "revoke", "--company", "acme", str(made["id"]))

    assert audit(seed, cast.acme) == [
        ("command line", "source.add", "source"),
        ("command line", "api_key.add", "api_key"),
        ("command line", "api_key.revoke", "api_key"),
    ]
    assert audit(seed, cast.rival) == []
