"""Points of two customers who are one person: the ledger of the one goes to the other, and what only a field showed.

Both are safe to repeat: a movement has the merge as its cause, and is written once.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Sum

from connections.models import HeartlandAccount
from mappings.core.rules.loyalty import Cause, last_day
from syncjobs.models import LoyaltySettings, PointsAccount, PointsMovement, PointsSide


def points_take(*, settings: LoyaltySettings, gone: str, kept: str, shown: int, about: str, now: datetime) -> int:
    """Count for who stays what the other's field in Heartland shows and the ledger does not hold; answers how many.

    `about`: the merge; the same is counted once.
    """
    heartland = settings.connection.heartland
    with transaction.atomic():
        before = PointsAccount.objects.filter(heartland=heartland, customer_id=gone).first()
        known = 0 if before is None else (before.known if before.begun is None else before.begun) or 0
        account = account_held(heartland, kept)
        points, key = shown - known, f"merged:{about}"
        if not points or PointsMovement.objects.filter(account=account, key=key).exists():
            return 0
        on = now.astimezone(ZoneInfo(settings.connection.merchant.time_zone)).date()
        PointsMovement.objects.create(
            account=account, why=Cause.TILL if known else Cause.OPENING, key=key, points=points, on=on, at=now,
            expires_on=last_day(on, settings.months) if points > 0 else None, before=known, after=shown,
        )  # fmt: skip
        PointsAccount.objects.filter(pk=account.pk).update(balance=F("balance") + points)
        return points


@transaction.atomic
def points_join(heartland: HeartlandAccount, gone: str, kept: str, *, is_field_apart: bool) -> None:
    """Move movements and accounts of stores to who stays.

    `is_field_apart`: nobody added the two fields of Heartland up, so that what the other one shows comes on top.
    """
    first, second = sorted((gone, kept))  # in one order everywhere: two merges at once wait for each other
    rows = PointsAccount.objects.select_for_update().filter(heartland=heartland, customer_id__in=[first, second])
    before = next((row for row in rows.order_by("customer_id") if row.customer_id == gone), None)
    if before is None:
        return
    account = account_held(heartland, kept)
    movements_move(before, account)
    PointsSide.objects.filter(account=before).update(account=account)
    before.delete()
    if is_field_apart and account.known is None:
        PointsAccount.objects.filter(pk=account.pk).update(known=0)


def account_held(heartland: HeartlandAccount, customer_id: str) -> PointsAccount:
    """Somebody's row, locked; new where there was none."""
    PointsAccount.objects.get_or_create(heartland=heartland, customer_id=customer_id)
    return PointsAccount.objects.select_for_update().get(heartland=heartland, customer_id=customer_id)


def movements_move(before: PointsAccount, account: PointsAccount) -> None:
    """All that one account's balance is the sum of becomes another's."""
    taken = PointsMovement.objects.filter(account=before)
    points = taken.aggregate(sum=Sum("points"))["sum"] or 0
    for movement in taken:
        movement.account, movement.key = account, f"{before.customer_id}/{movement.key}"[:200]
        movement.save(update_fields=["account", "key"])
    PointsAccount.objects.filter(pk=account.pk).update(balance=F("balance") + points)


@transaction.atomic
def side_end(*, side: PointsSide, into: str) -> None:
    """An account that the store merged into another is nobody's side any more.

    Whether the store added both fields up is not known: the other's may show either (`PointsSide.begun`).
    """
    PointsSide.objects.filter(connection=side.connection, external_id=into, begun=None, known__isnull=False).update(
        begun=F("known") + (side.known or 0), begun_at=side.seen_at
    )
    side.delete()
