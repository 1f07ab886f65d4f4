"""Corrections on an order's page: what is proposed, what was accepted, and accepting it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.crypto import salted_hmac

from connections.audit import audit
from connections.models import User
from mappings.core.rules.corrections import Correction
from syncjobs import engine
from syncjobs.models import OrderCorrection, Record


def corrections_of(record: Record, *, accepted: bool) -> list[Correction]:
    """What is proposed for an order, or what a person accepted for it."""
    rows = OrderCorrection.objects.of(record.connection, record.external_id)
    chosen = rows.filter(accepted_at__isnull=not accepted)
    return [
        Correction(field=row.field, before=row.before, after=row.after, confidence=row.confidence, why=row.why)
        for row in chosen
    ]


def proposed_for(record: Record) -> list[Correction]:
    """Proposals count while the order waits for them."""
    return corrections_of(record, accepted=False) if record.disposition == Record.Disposition.HELD else []


def digest(corrections: Sequence[Correction]) -> str:
    """What a page showed, so that nothing else is accepted."""
    return salted_hmac("order corrections", repr(corrections), algorithm="sha256").hexdigest()[:32]


def corrections_accept(*, record: Record, shown: str, actor: User, now: datetime) -> bool:
    """Apply the proposals that the person saw, to this order alone; False when they are others by now."""
    with transaction.atomic():
        proposed = proposed_for(record)
        if not proposed or digest(proposed) != shown:
            return False
        rows = OrderCorrection.objects.of(record.connection, record.external_id).filter(accepted_at=None)
        rows.update(accepted_at=now, accepted_by=actor)
        fields = [one.field for one in proposed]
        merchant = record.connection.merchant
        audit(merchant=merchant, actor=actor, action="order.corrected", subject=record, fields=fields)
    engine.record_retry(connection=record.connection, flow=record.flow, external_id=record.external_id, actor=actor)
    return True
