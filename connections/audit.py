"""The audit trail: one entry per change, written by the service that makes it."""

from typing import Any

from connections.models import AuditEntry, Merchant, User


def audit(*, merchant: Merchant | None, actor: User | None, action: str, subject: object, **detail: Any) -> None:
    """Note a change; no secrets in `detail`. A store that nobody claimed yet has no trail to write to."""
    if merchant:
        AuditEntry.objects.create(
            merchant=merchant, actor=actor, action=action, subject=str(subject)[:160], detail=detail
        )


def audit_person(*, actor: User | None, action: str, subject: object, **detail: Any) -> None:
    """Note what happened to a person's account, which belongs to no merchant; `actor` is who did it, if known."""
    AuditEntry.objects.create(actor=actor, action=action, subject=str(subject)[:160], detail=detail)
