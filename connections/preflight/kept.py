"""The last preflight of a connection, kept for a week for whoever opens its page."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.core.cache import cache

from connections.models import Connection
from connections.preflight.findings import Finding, Severity
from ipaas.cache import kept

KEPT_SECONDS = 7 * 86_400


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What a preflight found, and when."""

    at: datetime
    findings: list[Finding]

    def of(self, severity: Severity) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity == severity]


def preflight_keep(connection: Connection, findings: list[Finding], at: datetime) -> None:
    value = {"at": at.isoformat(), "findings": [asdict(finding) for finding in findings]}
    cache.set(_key(connection), value, KEPT_SECONDS)


def preflight_known(connection: Connection) -> Looked | None:
    """None when nobody has looked within a week."""
    return kept(_key(connection), _looked_of)


def _looked_of(value: dict[str, Any]) -> Looked:
    findings = [Finding(**{**row, "severity": Severity(row["severity"])}) for row in value["findings"]]
    return Looked(at=datetime.fromisoformat(value["at"]), findings=findings)


def _key(connection: Connection) -> str:
    return f"preflight:{connection.pk}"
