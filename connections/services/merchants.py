"""What a merchant has set for all its stores."""

from zoneinfo import available_timezones

from django.db import transaction

from connections.audit import audit
from connections.models import Merchant, Store, User
from connections.preferences import SavedMeanwhile


def time_zone_save(*, merchant: Merchant, time_zone: str, shown: str, actor: User) -> bool:
    """Let days begin and end by this zone. Answers whether that changed anything.

    Raises SavedMeanwhile when another zone than `shown` is set by now.
    """
    with transaction.atomic():
        now = Merchant.objects.select_for_update().get(pk=merchant.pk)
        if now.time_zone != shown:
            raise SavedMeanwhile(f"Somebody set the time zone to {now.time_zone} after you had opened this page.")
        _store(now, time_zone, actor)
    return now.time_zone != shown


def time_zone_suggest(*, merchant: Merchant, store: Store) -> None:
    """Take the zone of the first store that tells one, until a person chooses."""
    with transaction.atomic():
        now = Merchant.objects.select_for_update().get(pk=merchant.pk)
        if not now.is_time_zone_chosen and store.time_zone in available_timezones():
            _store(now, store.time_zone, None)


def _store(merchant: Merchant, time_zone: str, actor: User | None) -> None:
    before, merchant.time_zone, merchant.is_time_zone_chosen = merchant.time_zone, time_zone, True
    merchant.save(update_fields=["time_zone", "is_time_zone_chosen"])
    if before != time_zone:
        audit(
            merchant=merchant,
            actor=actor,
            action="merchant.time_zone",
            subject=merchant,
            **{"time_zone": {"was": before, "is": time_zone}},
        )


def retention_save(*, merchant: Merchant, days: int, shown: int, actor: User) -> bool:
    """Keep texts so many days. Answers whether that changed anything.

    Raises SavedMeanwhile when another number than `shown` is set by now.
    """
    with transaction.atomic():
        now = Merchant.objects.select_for_update().get(pk=merchant.pk)
        before = now.texts_kept.days
        if before != shown:
            raise SavedMeanwhile(f"Somebody set it to {before} days after you had opened this page.")
        now.retention_days = days
        now.save(update_fields=["retention_days"])
        if before != days:
            kept = {"was": before, "is": days}
            audit(merchant=merchant, actor=actor, action="merchant.retention", subject=merchant, days=kept)
    return before != days
