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


def corrections_kept(record: Record, *, accepted: bool) -> list[tuple[Correction, OrderCorrection]]:
    """What is proposed for an order, or what people accepted or wrote: with who did, when and why."""
    rows = OrderCorrection.objects.of(record.connection, record.external_id).select_related("accepted_by")
    chosen = rows.filter(accepted_at__isnull=not accepted)
    return [
        (Correction(field=row.field, before=row.before, after=row.after, confidence=row.confidence, why=row.why), row)
        for row in chosen
    ]


def proposed_for(record: Record) -> list[Correction]:
    """Proposals count while the order waits for them."""
    if record.disposition != Record.Disposition.HELD:
        return []
    return [one for one, _ in corrections_kept(record, accepted=False)]


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
