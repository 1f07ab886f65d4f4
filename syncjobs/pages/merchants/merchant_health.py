"""How merchants are, in counts alone: nothing that a merchant's records say stands here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, QuerySet

from connections.models import Connection, Merchant
from connections.store_kinds import names
from errors.models import SyncError
from syncjobs.models import Circuit, Cursor, SyncJob


@dataclass(frozen=True, kw_only=True)
class MerchantHealth:
    """One merchant in counts."""

    merchant: Merchant
    people: int
    stores: int
    running: int
    open_errors: int
    backlog: int
    waits_since: datetime | None  # the oldest job that is due
    last_success_at: datetime | None  # of any feed
    outages: Sequence[str]  # systems that do not answer


def merchant_health(merchants: Sequence[Merchant], now: datetime) -> list[MerchantHealth]:
    """The health of these merchants; six queries however many they are."""
    links = Connection.objects.filter(merchant__in=merchants).exclude(state=Connection.State.DISCONNECTED)
    stores = counted(links, "merchant")
    running = counted(Connection.objects.running().filter(merchant__in=merchants), "merchant")
    people = counted(Merchant.objects.filter(pk__in=[one.pk for one in merchants]), "pk", "memberships")
    errors = counted(SyncError.objects.open().filter(connection__in=links), "connection__merchant")
    jobs = SyncJob.objects.filter(connection__in=links, status=SyncJob.Status.PENDING).order_by()
    grouped = jobs.values_list("connection__merchant").annotate(n=Count("pk"), since=Min("not_before"))
    waiting: dict[int, tuple[int, datetime | None]] = {key: (n, since) for key, n, since in grouped}
    reads = Cursor.objects.filter(connection__in=links).order_by().values_list("connection__merchant")
    read_at = dict(reads.annotate(at=Max("succeeded_at")))
    silent: dict[int, set[str]] = {}
    opened = Circuit.objects.filter(connection__in=links, opened_at__isnull=False)
    known = {"heartland": "Heartland", **names()}
    for key, system in opened.values_list("connection__merchant", "system"):
        silent.setdefault(key, set()).add(known.get(system, system))
    found = []
    for merchant in merchants:
        backlog, since = waiting.get(merchant.pk, (0, None))
        found.append(
            MerchantHealth(
                merchant=merchant,
                people=people.get(merchant.pk, 0),
                stores=stores.get(merchant.pk, 0),
                running=running.get(merchant.pk, 0),
                open_errors=errors.get(merchant.pk, 0),
                backlog=backlog,
                waits_since=since if since and since <= now else None,
                last_success_at=read_at.get(merchant.pk),
                outages=sorted(silent.get(merchant.pk, ())),
            )
        )
    return found


def counted(rows: QuerySet, key: str, what: str = "pk") -> dict[int, int]:  # type: ignore[type-arg]
    """How many rows by key."""
    return dict(rows.order_by().values_list(key).annotate(n=Count(what)))
