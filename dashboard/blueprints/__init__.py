"""HTTP only: parse, ask, render; no SQL and no rules. One file per noun, one function per address."""

from flask import Blueprint

from dashboard.blueprints import (
    account,
    analytics,
    api,
    assets,
    companies,
    docs,
    exports,
    health,
    overview,
    reported,
    sessions,
    webhooks,
)

ALL: tuple[Blueprint, ...] = (
    account.blueprint,
    analytics.blueprint,
    api.blueprint,
    assets.blueprint,
    companies.blueprint,
    docs.blueprint,
    exports.blueprint,
    health.blueprint,
    overview.blueprint,
    reported.blueprint,
    sessions.blueprint,
    webhooks.blueprint,
)
