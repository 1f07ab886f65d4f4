"""The last preflight of a connection, kept for a week for whoever opens its page."""

from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache

from connections.models import Connection
from connections.preflight.findings import Finding, Severity

KEPT_SECONDS = 7 * 86_400


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What a preflight found, and when."""

    at: datetime
    findings: list[Finding]

    def of(self, severity: Severity) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity == severity]


def preflight_keep(connection: Connection, findings: list[Finding], at: datetime) -> None:
    cache.set(_key(connection), Looked(at=at, findings=findings), KEPT_SECONDS)


def preflight_known(connection: Connection) -> Looked | None:
    """None when nobody has looked within a week."""
    known: Looked | None = cache.get(_key(connection))
    return known


def _key(connection: Connection) -> str:
    return f"preflight:{connection.pk}"
