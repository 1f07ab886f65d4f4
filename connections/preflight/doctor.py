"""Runs every check; one that fails to look says so and spares the others."""

from dataclasses import dataclass, field
from datetime import datetime

from connections.clients import heartland_setup_client
from connections.connectors.heartland import HeartlandClient
from connections.connectors.http import http_date
from connections.diagnosis import Diagnosis
from connections.models import Connection
from connections.preflight import local, tenant
from connections.preflight.findings import Finding, block, looked, ok, warn
from connections.services.pairs import connection_test
from connections.store_kinds import StoreProfile, kind_of, profile_of
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
    findings = [tenant.access(diagnosis.heartland), store_access(profile_of(connection.store), diagnosis.store)]
    clocks = Clocks()
    if diagnosis.heartland.account and not diagnosis.heartland.missing:
        findings += _heartland(connection, heartland_setup_client(connection.heartland, clocks))
    if diagnosis.store.is_ok:
        findings += kind_of(connection.store).preflight(connection, clocks)
    findings += [local.clock(system, ahead) for system, ahead in clocks.seconds_ahead.items()]
    ours = (local.currency, local.time_zone, local.mastery, local.mark, local.prefix, local.hooks)
    findings += [look(connection) for look in ours]
    return findings


def _heartland(connection: Connection, client: HeartlandClient) -> list[Finding]:
    return [
        *looked("places", lambda: tenant.places(connection, client)),
        *looked("payment_type", lambda: [tenant.payment_type(connection, client)]),
        *looked("required_fields", lambda: [tenant.required_fields(connection)]),
        *looked("items", lambda: tenant.items(client, profile_of(connection.store).name)),
    ]


def store_access(profile: StoreProfile, diagnosis: Diagnosis) -> Finding:
    """Whether the token works and has the scopes we need."""
    if not diagnosis.is_ok:
        fix = profile.access_fix
        return block("store_access", diagnosis.reason, fix=fix, fix_page="connection")
    lacking = [grant.name for grant in diagnosis.grants if grant.is_granted is False]
    if lacking:
        sentence = f"{profile.name} lets us in, without {', '.join(lacking)}, which later features need."
        return warn("store_access", sentence, fix=profile.lacks.format(", ".join(lacking)), fix_page="connection")
    return ok("store_access", f"{profile.name} lets us in to {diagnosis.account} with every permission we need.")
