"""The API, described: what /api/openapi.json and the help page say, from one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dashboard import __version__
from dashboard.forms.api_domains import DomainPatch, NewDomain
from dashboard.forms.api_mailboxes import MailboxPatch, NewMailbox
from dashboard.forms.api_resources import (
    CampaignPatch,
    DeleteQuery,
    NewCampaign,
    NewTemplate,
    ResourceListQuery,
    ResourceQuery,
    TemplatePatch,
)
from dashboard.forms.queries import AnalyticsPageQuery, CampaignQuery, ExportQuery, RecentQuery, RowQuery
from dashboard.forms.reading import Form
from dashboard.forms.reported import Batch, Single
from dashboard.vocabulary.metrics import COUNTERS, SIX, camel


@dataclass(frozen=True, slots=True)
class Operation:
    """One request: where, what it needs, what it answers."""

    method: str
    path: str
    scope: str
    summary: str
    answer: dict[str, Any]
    query: type[Form] | None = None
    body: type[Form] | None = None
    status: str = "200"


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": sorted(properties)}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


_TEXT, _COUNT, _DAY = (
    {"type": "string"},
    {"type": "integer", "minimum": 0},
    {"type": "string", "format": "date"},
)
_METRICS = _object(**dict.fromkeys(SIX, _COUNT))
_ROW = _object(id=_TEXT, companyId=_TEXT, type=_TEXT, resourceId=_TEXT, date=_DAY, metrics=_METRICS)
_OUTCOME = _object(id=_TEXT, action={"enum": ["created", "updated", "deleted"]})

_INSTANT = {"type": "string", "format": "date-time"}
_COMMON = {
    "id": {"type": "string", "format": "uuid"}, "key": _TEXT, "archivedAt": {"type": ["string", "null"]},
    "revision": _COUNT, "createdAt": _INSTANT, "updatedAt": _INSTANT,
}  # fmt: skip
_FLAG = {"type": "boolean"}
_CAMPAIGN = _object(
    **_COMMON, name=_TEXT, status=_TEXT,
    settings=_object(dailyLimit=_COUNT, timezone=_TEXT, trackOpens=_FLAG, trackClicks=_FLAG),
)  # fmt: skip
_TEMPLATE = _object(
    **_COMMON, name=_TEXT, subject=_TEXT, category={"type": ["string", "null"]}, variables=_list(_TEXT), active=_FLAG,
    version=_COUNT,
)  # fmt: skip
_DOMAIN = _object(
    **_COMMON, name=_TEXT, status=_TEXT, providers=_list(_TEXT), config={"type": "object"}, tracksReplies=_FLAG,
    checkedAt={"type": ["string", "null"], "format": "date-time"},
)  # fmt: skip
_DOMAIN_RECORD = _object(
    kind=_TEXT, type=_TEXT, host=_TEXT, value=_TEXT, provider=_TEXT, required=_FLAG, status=_TEXT, sentence=_TEXT,
    found=_list(_TEXT),
)  # fmt: skip

_MAILBOX = _object(
    **_COMMON, email=_TEXT, name=_TEXT, status=_TEXT, dailyLimit=_COUNT, tracksReplies=_FLAG,
    warmUp={"type": ["object", "null"]}, warmUpSince={"type": ["string", "null"]},
)  # fmt: skip
_ALLOWANCE = _object(today=_COUNT, sent=_COUNT, reason=_TEXT, health=_TEXT)


def _register(
    plural: str, one: str, shape: dict[str, Any], new: type[Form], patch: type[Form], **details: Any
) -> tuple[Operation, ...]:
    """Return the requests around the resources of a type; `details` stand in one, and not in lists."""
    whole = shape | {"properties": shape["properties"] | details | {"keys": _list(_TEXT)}}
    page = _object(items=_list(shape), total=_COUNT, nextCursor={"type": ["string", "null"]})
    address = f"/api/{plural}/{{id}}"
    return (
        Operation("get", f"/api/{plural}", "read", f"A page of the {plural}, by name.", page, query=ResourceListQuery),
        Operation("post", f"/api/{plural}", "write", f"Make a {one}.", whole, body=new, status="201"),
        Operation("get", address, "read", f"One {one}, with all its keys.", whole, query=ResourceQuery),
        Operation("patch", address, "write", f"Change what is named of a {one}.", whole, body=patch),
        Operation(
            "delete", address, "write", f"Delete a {one} that nothing hangs on, else archive it.",
            _object(id=_TEXT, action={"enum": ["deleted", "archived"]}), query=DeleteQuery,
        ),
    )  # fmt: skip


OPERATIONS = (
    Operation(
        "get", "/api/analytics", "read",
        "Sums over everything asked for, and one page of the rows under them, by date, then resource.",
        {
            "type": "object",
            "properties": {
                "aggregated": _object(**{camel(name): _COUNT for name in COUNTERS}),
                "details": _list(_ROW),
                "period": {"type": "object", "additionalProperties": _DAY},
                "nextCursor": {"type": ["string", "null"]},
            },
        },
        query=AnalyticsPageQuery,
    ),
    Operation(
        "post", "/api/analytics", "write",
        "Set one day's numbers of one resource, in place of what the key's source said before.",
        _OUTCOME, body=Single,
    ),
    Operation(
        "delete", "/api/analytics", "write",
        "Take back what the key's source reported for one row.", _OUTCOME, query=RowQuery,
    ),
    Operation(
        "post", "/api/analytics/batch", "write",
        "Set up to 10,000 rows, all or nothing; of two for the same row the later wins.",
        _object(results=_list(_OUTCOME)), body=Batch,
    ),
    Operation(
        "get", "/api/analytics/recent", "read",
        "The newest rows: by date, and within a date the newest made first.",
        _list(_ROW), query=RecentQuery,
    ),
    Operation(
        "get", "/api/campaign-analytics", "read", "Each campaign's sums, and the days on which it has numbers.",
        _list(_object(campaignId=_TEXT, metrics=_METRICS, dates=_list(_DAY))), query=CampaignQuery,
    ),
    *_register("campaigns", "campaign", _CAMPAIGN, NewCampaign, CampaignPatch),
    *_register("templates", "template", _TEMPLATE, NewTemplate, TemplatePatch, content=_TEXT, text=_TEXT),
    *_register("domains", "domain", _DOMAIN, NewDomain, DomainPatch, records=_list(_DOMAIN_RECORD)),
    *_register("mailboxes", "mailbox", _MAILBOX, NewMailbox, MailboxPatch, allowance=_ALLOWANCE),
    Operation("get", "/api/export", "export", "All rows as CSV or JSON, streamed.", {}, query=ExportQuery),
)  # fmt: skip

PROBLEM = _object(
    type=_TEXT, title=_TEXT, status={"type": "integer"}, detail=_TEXT, code=_TEXT, requestId=_TEXT,
    fields=_list(_object(path=_TEXT, message=_TEXT)),
)  # fmt: skip

REFUSALS = {
    "400": "The body is not JSON, or the cursor belongs to another question.",
    "401": "No key, or one that is unknown, revoked or expired.",
    "403": "The key lacks the scope, or belongs to another company.",
    "409": "The Idempotency-Key was used with another body, or its first request is in flight.",
    "413": "The body is larger than 5 MB.",
    "422": "Fields or parameters are wrong; every one is named.",
    "429": "Too many requests; Retry-After says when to come back.",
}


def describe() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _describe(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Sendscope",
            "version": __version__,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"}},
            "schemas": {"Problem": PROBLEM},
        },
        "security": [{"key": []}],
    }


def _describe(operation: Operation) -> dict[str, Any]:
    media_type = "text/csv" if operation.path == "/api/export" else "application/json"
    described: dict[str, Any] = {
        "operationId": f"{operation.method} {operation.path}",
        "summary": operation.summary,
        "description": f"Needs the scope `{operation.scope}`.",
        "x-scope": operation.scope,
        "responses": {operation.status: {"description": "Done.", "content": {media_type: {"schema": operation.answer}}}}
        | _refusals(),
    }
    if "{id}" in operation.path:
        described["parameters"] = [
            {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
        ]
    if operation.query:
        described["parameters"] = described.get("parameters", []) + _parameters(operation.query)
    if operation.body:
        schema = operation.body.model_json_schema(ref_template="#/components/schemas/{model}")
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _inline(schema)}},
        }
        described["parameters"] = [
            *described.get("parameters", []),
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "schema": {"type": "string", "maxLength": 255},
            },
        ]
    return described


def _refusals() -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": text, "content": content} for status, text in REFUSALS.items()}


def _parameters(query: type[Form]) -> list[dict[str, Any]]:
    schema = query.model_json_schema()
    required = set(schema.get("required", ()))
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _plain(one)}
        for name, one in schema["properties"].items()
    ]


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a parameter's schema without the null that stands for "not given"."""
    choices = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    plain = choices[0] if len(choices) == 1 else {"anyOf": choices} if choices else schema
    return {name: value for name, value in plain.items() if name not in {"title", "default"} or value is not None}


def _inline(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema with its definitions put in place of the references to them."""
    definitions = schema.pop("$defs", {})

    def resolve(value: Any) -> Any:
        if isinstance(value, dict):
            reference = value.get("$ref", "").rpartition("/")[2]
            return resolve(definitions[reference]) if reference else {k: resolve(v) for k, v in value.items()}
        return [resolve(one) for one in value] if isinstance(value, list) else value

    resolved: dict[str, Any] = resolve(schema)
    return resolved
