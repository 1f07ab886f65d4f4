"""Saving the rules of loyalty."""

import hashlib
from typing import Any

from django.db import transaction
from django.utils import timezone

from connections.audit import audit
from connections.models import Connection, OrderSettings, User
from syncjobs.models import Cursor, LoyaltySettings

FIELDS = (
    *("is_on", "heartland_field", "store_field", "opening", "points", "amount", "categories", "coupon_prefix"),
    *("worth", "months", "tiers", "base_group", "tiers_fall"),
)


def loyalty_of(connection: Connection) -> LoyaltySettings:
    """The rules as they are saved, or as they begin."""
    return LoyaltySettings.objects.filter(connection=connection).first() or LoyaltySettings(connection=connection)


def version(row: LoyaltySettings) -> str:
    """What a form showed: another one means that somebody saved meanwhile."""
    return hashlib.sha256(repr([str(getattr(row, name)) for name in FIELDS]).encode()).hexdigest()[:16]


def loyalty_save(*, connection: Connection, actor: User | None, **wish: Any) -> LoyaltySettings:
    """Keep rules; the flow of orders learns whether it has points to count."""
    with transaction.atomic():
        row, _ = LoyaltySettings.objects.select_for_update().get_or_create(connection=connection)
        changed = sorted(name for name in FIELDS if name in wish and getattr(row, name) != wish[name])
        for name in changed:
            setattr(row, name, wish[name])
        row.save(update_fields=changed)
        counts = row.is_on and row.points > 0
        OrderSettings.objects.filter(connection=connection).update(counts_points=counts)
        if row.is_on:
            Cursor.objects.get_or_create(connection=connection, feed=Cursor.POINTS, defaults={"due_at": timezone.now()})
        if changed:
            audit(
                merchant=connection.merchant, actor=actor, action="loyalty.saved", subject=connection,
                fields=", ".join(changed),
            )  # fmt: skip
    return row
