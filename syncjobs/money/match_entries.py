"""Rows of payouts held against what the orders were paid by, as the store told it when they were last read."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from django.db.models import QuerySet, Sum
from django.utils import timezone

from connections.models import Connection
from mappings.core.canonical.order import TenderKind
from mappings.core.canonical.payout import RowKind
from mappings.core.canonical.statuses import ENDED
from mappings.core.rules.match_payouts import MOVES, How, Matched, Payment, matches_of
from syncjobs.flows.orders import ORDERS
from syncjobs.flows.shipments import SHIPMENTS
from syncjobs.models import PayoutEntry, Record
from syncjobs.models.ledger import PLACED
from syncjobs.models.payouts import SETTLED

BEFORE, AFTER = timedelta(days=120), timedelta(days=3)  # an order before its row: a capture may come late
MOST_OPEN = 20_000  # rows of one look
MOST_CANDIDATES = 10


def entries_match(connection: Connection) -> int:
    """Match the rows that no person and no payment settled yet; answers how many found their order."""
    rows = PayoutEntry.objects.filter(connection=connection, kind__in=MOVES).exclude(how__in=SETTLED)
    entries = {entry.pk: entry for entry in rows.order_by("-happened_at")[:MOST_OPEN]}
    if not entries:
        return 0
    times = [entry.happened_at for entry in entries.values()]
    sold = PayoutEntry.objects.filter(connection=connection, kind="sale", how__in=SETTLED)
    since, until = min(times) - BEFORE, max(times) + BEFORE
    sums = sold.filter(happened_at__range=(since, until)).exclude(order_id="").values("order_id")
    taken = {one["order_id"]: one["sum"] for one in sums.annotate(sum=Sum("gross"))}
    payments = payments_between(connection, since, max(times) + AFTER)
    found = without_ended(connection, matches_of([entry.row for entry in entries.values()], payments, taken))
    news, now = [], timezone.now()
    for match in found:
        entry, is_settled = entries[match.row.line], match.how in SETTLED
        changed = {
            "how": match.how,
            "order_id": match.orders[0] if is_settled else "",
            "candidates": [] if is_settled else list(match.orders[:MOST_CANDIDATES]),
        }
        if any(getattr(entry, name) != value for name, value in changed.items()):
            entry.how, entry.order_id, entry.candidates = changed.values()
            entry.matched_at = now
            news.append(entry)
    PayoutEntry.objects.bulk_update(news, ["how", "order_id", "candidates", "matched_at"], batch_size=500)
    return sum(match.how in SETTLED for match in found)


def without_ended(connection: Connection, found: list[Matched]) -> list[Matched]:
    """The same, but for sales of orders that are cancelled, until their money was given back."""
    named = {one.orders[0] for one in found if one.how == How.REFERENCE}
    records = Record.objects.filter(connection=connection, flow=ORDERS.name, external_id__in=named)
    ended = set(records.filter(disposition=Record.Disposition.CANCELLED).values_list("external_id", flat=True))
    ended |= set(
        records.filter(source_meaning__in=ENDED).exclude(target_id__gt="").values_list("external_id", flat=True)
    )
    if not ended:
        return found
    settled = PayoutEntry.objects.filter(connection=connection, order_id__in=ended)
    left = Counter[str](dict(settled.order_by().values_list("order_id").annotate(sum=Sum("gross"))))
    for one in found:
        if one.how == How.REFERENCE and one.orders[0] in ended:
            left[one.orders[0]] += one.row.gross  # type: ignore[assignment]
    return [
        replace(one, how=How.ENDED)
        if one.how == How.REFERENCE and one.row.kind == RowKind.SALE and left[one.orders[0]] > 0
        else one
        for one in found
    ]


def charged_by(connection: Connection, orders: QuerySet[Record]) -> defaultdict[str, list[str]]:
    """The provider's ids of money that was taken as goods left, by order."""
    rows = Record.objects.filter(connection=connection, flow=SHIPMENTS.name, facts__charge__has_key="reference")
    found = defaultdict[str, list[str]](list)
    wanted = rows.filter(order_id__in=orders.values("external_id")).values_list("order_id", "facts__charge__reference")
    for order, reference in wanted:
        found[order].append(str(reference))
    return found


def amount_told(text: object) -> Decimal:
    """An amount of the facts; nothing where there is none."""
    try:
        return Decimal(str(text or 0))
    except InvalidOperation:
        return Decimal(0)


def payments_between(connection: Connection, since: datetime, until: datetime) -> Iterator[Payment]:
    """What the orders of this time were paid by through a gateway."""
    orders = Record.objects.filter(connection=connection, flow=ORDERS.name).alias(placed=PLACED)
    orders = orders.filter(placed__gte=since, placed__lte=until)
    wanted = orders.values_list(
        "external_id", "currency", "source_placed_at", "facts__tenders", "facts__heartland__due", "facts__references"
    )
    charged = charged_by(connection, orders)
    for order, currency, placed_at, tenders, due, former in wanted.iterator(chunk_size=2000):
        if placed_at is None:
            continue
        left = amount_told(due)
        for tender in tenders or []:
            if tender.get("kind", TenderKind.GATEWAY) != TenderKind.GATEWAY:
                continue
            whole = amount_told(tender.get("amount"))
            promised = min(whole, left)
            left -= promised
            yield Payment(
                order=order, reference=str(tender.get("reference", "")), former=(*(former or ()), *charged[order]),
                amount=whole - promised, promised=promised, currency=currency, paid_at=placed_at,
            )  # fmt: skip
