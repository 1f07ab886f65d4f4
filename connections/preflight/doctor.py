"""Runs every check; one that fails to look says so and spares the others."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from connections.clients import bigcommerce_setup_client, heartland_setup_client
from connections.connect.bigcommerce import preflight_checks
from connections.connectors.bigcommerce import BigCommerceClient
from connections.connectors.heartland import HeartlandClient
from connections.connectors.http import http_date
from connections.models import Connection
from connections.preflight import local, tenant
from connections.preflight.findings import Finding, warn
from connections.services.pairs import connection_test
from errors.failures import SyncFailure
from ipaas.types import Call, NoObserver, System


@dataclass
class Clocks(NoObserver):
    """Notes how far the other systems' clocks are from ours, from the Date of each answer."""

    seconds_ahead: dict[System, float] = field(default_factory=dict)

    def after(self, call: Call) -> None:
        their: datetime | None = http_date(call.headers.get("date", ""))
        if their:
            self.seconds_ahead[call.system] = (their - call.began_at).total_seconds()


def preflight(connection: Connection) -> list[Finding]:
    """Look at both systems and at our settings: about thirty calls, nothing is changed in either system."""
    diagnosis = connection_test(connection=connection)
    findings = [tenant.access(diagnosis.heartland), preflight_checks.access(diagnosis.bigcommerce)]
    clocks = Clocks()
    if diagnosis.heartland.account and not diagnosis.heartland.missing:
        findings += _heartland(connection, heartland_setup_client(connection.heartland, clocks))
    if diagnosis.bigcommerce.is_ok:
        findings += _bigcommerce(connection, bigcommerce_setup_client(connection.store, clocks))
    findings += [local.clock(system, ahead) for system, ahead in clocks.seconds_ahead.items()]
    ours = (local.currency, local.time_zone, local.mastery, local.mark, local.prefix, local.hooks)
    findings += [look(connection) for look in ours]
    return findings


def _heartland(connection: Connection, client: HeartlandClient) -> list[Finding]:
    return [
        *_looked("places", lambda: tenant.places(connection, client)),
        *_looked("payment_type", lambda: [tenant.payment_type(connection, client)]),
        *_looked("required_fields", lambda: [tenant.required_fields(connection)]),
        *_looked("items", lambda: tenant.items(client)),
    ]


def _bigcommerce(connection: Connection, client: BigCommerceClient) -> list[Finding]:
    return [
        *_looked("statuses", lambda: [preflight_checks.statuses(connection, client)]),
        *_looked("capture", lambda: preflight_checks.recent_orders(connection, client)),
        *_looked("products", lambda: preflight_checks.products(connection, client)),
        *_looked("skus", lambda: preflight_checks.skus(client)),
    ]


def _looked(code: str, look: Callable[[], Iterable[Finding]]) -> list[Finding]:
    try:
        return list(look())
    except SyncFailure as failure:
        return [warn(code, f"This could not be checked: {failure.summary}", fix="Run the check again later.")]
