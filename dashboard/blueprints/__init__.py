"""HTTP only: parse, ask, render; no SQL and no rules. One file per noun, one function per address."""

from flask import Blueprint

from dashboard.blueprints import (
    account,
    analytics,
    api,
    assets,
    campaigns,
    companies,
    connections,
    deliveries,
    docs,
    exports,
    health,
    history,
    messages,
    overview,
    recipients,
    reported,
    rules,
    sessions,
    sources,
    webhooks,
)

ALL: tuple[Blueprint, ...] = (
    account.blueprint,
    analytics.blueprint,
    api.blueprint,
    assets.blueprint,
    campaigns.blueprint,
    companies.blueprint,
    connections.blueprint,
    deliveries.blueprint,
    docs.blueprint,
    exports.blueprint,
    health.blueprint,
    history.blueprint,
    messages.blueprint,
    overview.blueprint,
    recipients.blueprint,
    reported.blueprint,
    rules.blueprint,
    sessions.blueprint,
    sources.blueprint,
    webhooks.blueprint,
)
