"""The audit trail: one entry per change, written by the service that makes it, in the transaction that makes it."""

import json
from contextvars import ContextVar
from typing import Any

from django.db import transaction

from connections.models import AuditEntry, AuditHead, Merchant, User
from connections.trail import chain_of, digest
from connections.wall import wall_lifted

API_TOKEN: ContextVar[str] = ContextVar("API_TOKEN", default="")  # the token that the actor's program came in with


def audit(*, merchant: Merchant | None, actor: User | None, action: str, subject: object, **detail: Any) -> None:
    """Note a change; no secrets in `detail`. A store that nobody claimed yet has no trail to write to."""
    if merchant:
        _write(merchant, actor, action, subject, detail)


def audit_person(*, actor: User | None, action: str, subject: object, **detail: Any) -> None:
    """Note what happened to a person's account, which belongs to no merchant; `actor` is who did it, if known."""
    with wall_lifted():  # it is in no merchant's reach
        _write(None, actor, action, subject, detail)


@transaction.atomic
def _write(merchant: Merchant | None, actor: User | None, action: str, subject: object, detail: dict[str, Any]) -> None:
    """Add an entry at the end of its chain; a second writer of the chain waits until our transaction ends."""
    chain = chain_of(merchant)
    if token := API_TOKEN.get():
        detail = {**detail, "api_token": token}
    head, _ = AuditHead.objects.select_for_update().get_or_create(chain=chain)
    entry = AuditEntry(
        merchant=merchant,
        actor=actor,
        person=subject if isinstance(subject, User) else None,
        action=action,
        subject=str(subject)[:160],
        # As it will be read, since the digest covers it: PostgreSQL writes fractions in a way of its own.
        detail=json.loads(json.dumps(detail), parse_float=str),
        number=head.count + 1,
        previous=head.digest,
    )
    entry.digest = digest(entry, chain)
    entry.save(force_insert=True)
    head.count, head.digest = head.count + 1, entry.digest
    head.save(update_fields=["count", "digest"])
