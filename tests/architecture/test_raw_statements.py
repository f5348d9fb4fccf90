"""Statements that the tenancy hooks cannot see stand in the functions listed here, and each takes its company."""

import ast

from tests.architecture.calls import list_callers

# Everybody who asks a session for its connection, to send statements past the hooks.
ON_A_SESSIONS_CONNECTION = {
    "blueprints/exports.py:stream_file",
    "queries/breakdowns.py:_list",
    "queries/deliveries.py:count_states",
    "queries/imports.py:count_unfinished",
    "queries/imports.py:list_imports",
    "queries/imports.py:find_job",
    "queries/keys.py:get_numbers",
    "queries/keys.py:list_unregistered",
    "queries/league.py:list_campaigns",
    "queries/league.py:list_standings",
    "queries/mailboxes.py:list_sends",
    "queries/marks.py:list_marks",
    "queries/overlaps.py:list_overlaps",
    "queries/recipients.py:count_recipients",
    "queries/reported.py:list_reported",
    "queries/rows.py:list_recent",
    "queries/rows.py:list_rows",
    "queries/rules.py:preview",
    "queries/sources.py:list_activity",
    "queries/sources.py:list_arrival_instants",
    "queries/sources.py:list_minutes",
    "queries/sources.py:list_source_names",
    "queries/sources.py:list_sources",
    "queries/today.py:_count",
    "queries/totals.py:get_machines",
    "queries/totals.py:get_series",
    "queries/totals.py:get_sum",
    "queries/totals.py:get_untracked",
    "queries/verification.py:find_difference",
    "services/companies.py:delete_company",
    "services/deliveries.py:count_again",
    "services/deliveries.py:count_unreadable_again",
    "services/files.py:_add",
    "services/files.py:delete_file",
    "services/domain_checks.py:_claim",
    "services/domain_checks.py:_release",
    "services/domains.py:ask_check",
    "services/features.py:set_feature",
    "services/held.py:_set",
    "services/held.py:release",
    "services/idempotency.py:keep",
    "services/inbox.py:replay",
    "services/inbox.py:replay_unreadable",
    "services/inbox.py:store",
    "services/mailbox_import.py:_make",
    "services/mailbox_import.py:_record",
    "services/mailbox_import_jobs.py:_take",
    "services/mailbox_import_jobs.py:ask_import",
    "services/rebuilds.py:ask_rebuild",
    "services/rebuilds.py:rebuild",
    "services/reported.py:delete_numbers",
    "services/reported.py:set_numbers",
    "services/resources.py:lock_company",
    "services/resources.py:tell_pages",
    "services/rules.py:_begin",
    "services/rules.py:_finish",
    "services/sources.py:_begin",
    "services/sources.py:_finish",
    "services/sources.py:connect_source",
    "services/uploads.py:_begin",
    "services/webhooks.py:take_report",
    "tenancy.py:connection",
}
# Those that take something which carries the company, in place of its number.
CARRIERS = {
    "services/mailbox_import.py:_make": "change",
    "services/mailbox_import.py:_record": "change",
    "services/mailbox_import_jobs.py:_take": "company",
    "services/mailbox_import_jobs.py:ask_import": "change",
    "services/domains.py:ask_check": "change",
    "services/idempotency.py:keep": "request",
    "services/rebuilds.py:rebuild": "company",
    "services/resources.py:lock_company": "change",
    "services/resources.py:tell_pages": "change",
    "services/webhooks.py:take_report": "source",
}

# Those that take a connection of their own from the engines: what is read before a company is known, and what
# must outlive the transaction of a refused request.
ON_A_CONNECTION_OF_ITS_OWN = {
    "queries/identity.py:list_all_companies",
    "queries/identity.py:list_companies",
    "queries/identity.py:list_due_domains",
    "queries/identity.py:list_generic_sources",
    "queries/identity.py:list_waiting_companies",
    "queries/readiness.py:is_migrated",
    "queries/readiness.py:list_problems",
    "services/api_keys.py:note_use",
    "services/idempotency.py:claim",
    "services/idempotency.py:release",
    "services/identity.py:count_failures",
    "services/inbox.py:note_rejected",
    "services/jobs.py:fail",
    "services/jobs.py:put_back",
    "services/jobs.py:take_due",
    "services/leases.py:give_back",
    "services/leases.py:take",
}
# Functions with a short transaction of their own; everything else is committed at the edge.
WITH_A_TRANSACTION_OF_ITS_OWN = {
    "services/api_keys.py:note_use",
    "services/counting.py:_put_aside",
    "services/counting.py:count_batch",
    "services/demo.py:clear",
    "services/domain_checks.py:_check",
    "services/demo_events.py:tell_history",
    "services/demo_files.py:add_files",
    "services/exports.py:note",
    "services/exports.py:note_list",
    "services/exports.py:note_recipients",
    "services/idempotency.py:claim",
    "services/idempotency.py:release",
    "services/identity.py:count_failures",
    "services/imports.py:_put",
    "services/imports.py:_remember",
    "services/inbox.py:note_rejected",
    "services/jobs.py:fail",
    "services/jobs.py:put_back",
    "services/jobs.py:take_due",
    "services/mailbox_import_jobs.py:_take",
    "services/leases.py:give_back",
    "services/leases.py:stay",
    "services/leases.py:take",
    "services/proof.py:_correct_rows",
    "services/proof.py:_correct_totals",
    "services/proof.py:_recount",
    "services/proof.py:find_event_difference",
    "services/rebuilds.py:_keep",
    "services/rebuilds.py:rebuild",
    "services/registration.py:_register",
    "services/retirement.py:_retire",
}
MAY_COMMIT = ("lifecycle/", "cli/", "worker.py")
RAW = ("run", "run_many", "run_on", "exec_driver_sql")
# One statement past SQLAlchemy, before a company is known, or about what has just come in for one.
DIRECT = {"queries/identity.py:_one", "services/acceptance.py:_is_there"}
# Many rows past SQLAlchemy, each of which names its company.
WRITERS = {"services/acceptance.py:__init__"}
# The tools themselves.
TOOLS = ("database/", "cli/database.py")


def names_of(callers):
    return {caller.name for caller in callers}


def test_functions_that_send_statements_past_the_hooks_are_those_listed(sources_of_the_program):
    found = list_callers(sources_of_the_program, "connection")

    assert names_of(found) == ON_A_SESSIONS_CONNECTION


def test_functions_that_send_statements_past_the_hooks_take_the_company(sources_of_the_program):
    found = list_callers(sources_of_the_program, "connection")

    without = [
        caller.name
        for caller in found
        if not caller.arguments & {"company_id", CARRIERS.get(caller.name, "company_id")}
    ]

    assert without == []


def test_raw_statements_are_sent_only_with_a_company_or_a_connection(sources_of_the_program):
    allowed = ON_A_SESSIONS_CONNECTION | ON_A_CONNECTION_OF_ITS_OWN

    without = [
        caller.name
        for caller in list_callers(sources_of_the_program, *(f"sql.{name}" for name in RAW), "sets.run_on")
        if "connection" not in caller.arguments and caller.name not in allowed
    ]

    assert without == []


def test_driver_is_spoken_to_only_by_the_tools(sources_of_the_program):
    found = list_callers(sources_of_the_program, "exec_driver_sql", "execute_driver_sql", "raw_connection")

    assert [name for name in names_of(found) if not name.startswith(TOOLS)] == []


def test_transactions_of_their_own_are_those_listed(sources_of_the_program):
    found = names_of(list_callers(sources_of_the_program, "begin", "begin_nested"))

    assert {name for name in found if not name.startswith((*MAY_COMMIT, *TOOLS))} == WITH_A_TRANSACTION_OF_ITS_OWN


def test_nobody_commits_but_the_edge(sources_of_the_program):
    texts = {path: text for path, text in sources_of_the_program.items() if not path.startswith(MAY_COMMIT)}

    assert [path for path, text in texts.items() if "commit(" in text] == []


def test_nobody_writes_sql_with_the_text_of_sqlalchemy(sources_of_the_program):
    users = [
        path for path, text in sources_of_the_program.items() for node in ast.walk(ast.parse(text)) if _is_text(node)
    ]

    assert users == []


def _is_text(node):
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").startswith("sqlalchemy") and any(one.name == "text" for one in node.names)
    return isinstance(node, ast.Attribute) and ast.unparse(node) in {"sa.text", "sqlalchemy.text", "sa.literal_column"}


def test_nobody_takes_the_table_of_a_model(sources_of_the_program):
    assert [path for path, text in sources_of_the_program.items() if "__table__" in text] == []


def test_direct_reads_are_those_listed(sources_of_the_program):
    assert names_of(list_callers(sources_of_the_program, "direct.read_one")) == DIRECT


def test_writers_past_the_session_are_those_listed(sources_of_the_program):
    assert names_of(list_callers(sources_of_the_program, "open_writer", "writer.open_writer")) == WRITERS
