"""The audit trail: one entry per change, written by the service that makes it."""

from typing import Any

from connections.models import AuditEntry, Merchant, User


def audit(*, merchant: Merchant | None, actor: User | None, action: str, subject: object, **detail: Any) -> None:
    """Note a change; no secrets in `detail`. A store that nobody claimed yet has no trail to write to."""
    if merchant:
        AuditEntry.objects.create(
            merchant=merchant, actor=actor, action=action, subject=str(subject)[:160], detail=detail
        )
