"""What of some days does not come out yet, each with its amount, since when, and why: a day without any is green."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db.models import Exists, F, Max, Min, OuterRef, Sum

from connections.models import Connection
from mappings.core.canonical.order import ALL_OF_IT, ZERO
from mappings.core.canonical.payout import RowKind
from mappings.core.rules.journal import Account
from mappings.core.rules.match_payouts import DAYS, How
from mappings.core.rules.payout_sums import Payout, payouts_of
from syncjobs.flows.orders import ORDERS
from syncjobs.flows.refund_records import REFUNDS
from syncjobs.flows.shipments import SHIPMENTS
from syncjobs.flows.shipments.charge_words import DIFFERS, MISSING, REFUSED, UNANSWERED, UNPROVEN
from syncjobs.models import PayoutEntry, PayoutWord, Record
from syncjobs.models.payouts import OPEN
from syncjobs.money.day_documents import booked_among
from syncjobs.money.day_span import BOOKED, ENDED, Span, amount, placed_between
from syncjobs.money.import_payouts import currency_of
from syncjobs.money.refund_documents import OF_REFUNDS, given_back_of

MOST = 2000  # of one kind
UNCHARGED = (DIFFERS, MISSING, REFUSED, UNANSWERED, UNPROVEN)
GATEWAY_MONEY = [{"kind": "gateway"}]
ROW_REASONS = {
    How.NONE_FITS: "No order here was paid like this.",
    How.SEVERAL_FIT: "Two or more fit: say which it is.",
    How.DIFFERS: "The order was paid another amount.",
    How.ENDED: "Paid after cancellation: give the money back, or reopen the order in the store.",
}


class Of(StrEnum):
    """What is open."""

    ORDERS = "orders"
    TOTALS = "totals"
    PAYMENTS = "payments"
    ROWS = "rows"
    REFUNDS = "refunds"
    PAYOUTS = "payouts"


LABELS: Mapping[Of, str] = {
    Of.ORDERS: "Orders that wait",
    Of.TOTALS: "Totals that differ",
    Of.PAYMENTS: "Payments not at the gateway",
    Of.ROWS: "Gateway rows open",
    Of.REFUNDS: "Refunds open",
    Of.PAYOUTS: "Payouts that differ",
}


@dataclass(frozen=True, kw_only=True)
class Point:
    """One thing that is open. Which of `order`, `row` and `payout` it names says where it is mended."""

    of: Of
    day: date
    since: datetime
    amount: Decimal
    reason: str
    order: str = ""  # the store's id
    title: str = ""
    row: int | None = None
    payout: str = ""
    reference: str = field(default="", compare=False)


def points_between(connection: Connection, first: date, last: date, now: datetime) -> list[Point]:
    """Everything that is open of these days of the merchant, the newest day first."""
    span = Span(connection=connection, currency=currency_of(connection), first=first, last=last)
    found = [
        *waiting(span), *differing(span), *untold(span), *uncharged(span), *open_rows(span),
        *settled_otherwise(span), *without_booked_order(span), *waiting_refunds(span), *unknown_refunds(span),
        *untold_refunds(span), *differing_payouts(span),
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.day, one.of, -abs(one.amount)), reverse=True)


def counts_of(points: Iterable[Point]) -> Counter[str]:
    return Counter(str(point.of) for point in points)


def waiting(span: Span) -> Iterator[Point]:
    """Orders that are on their way, wait for a person, or are of another currency than the books."""
    rows = placed_between(span.connection, span.begins, span.ends)
    on_the_way = rows.exclude(disposition__in=(*BOOKED, *ENDED)).order_by("-pk")[:MOST]
    foreign = rows.filter(disposition__in=BOOKED).exclude(currency__in=("", span.currency)).order_by("-pk")[:MOST]
    for record in on_the_way.defer("facts"):
        yield _of_order(span, record, Of.ORDERS, record.reason or "It is on its way.")
    for record in foreign.defer("facts"):
        why = f"It is in {record.currency}, and the books of this store are in {span.currency}."
        yield _of_order(span, record, Of.ORDERS, why)


def differing(span: Span) -> Iterator[Point]:
    """Booked orders whose totals differ by more than what the store gave back."""
    rows = placed_between(span.connection, span.begins, span.ends).filter(disposition__in=BOOKED)
    known = rows.exclude(source_total=None).exclude(target_total=None)
    for record in known.exclude(target_total=F("source_total")).order_by("-pk")[:MOST]:
        back = given_back(record)
        if back is None or record.difference in {ZERO, -back}:
            continue
        why = f"The store says {record.source_total}, Heartland {record.target_total}."
        yield _of_order(span, record, Of.TOTALS, why, record.difference or ZERO)


def given_back(record: Record) -> Decimal | None:
    """What the store says it gave back of an order; None where it does not say how much."""
    told = str((record.facts or {}).get("given_back") or "")
    if told == ALL_OF_IT:
        return record.source_total or ZERO
    return None if told and not amount(told) else amount(told)


def untold(span: Span) -> Iterator[Point]:
    """Payments of booked orders that no row tells of, though rows of later days were read."""
    days = rows_read(span)
    if days is None:
        return
    told = PayoutEntry.objects.filter(connection=span.connection, kind=RowKind.SALE, order_id=OuterRef("external_id"))
    orders = placed_between(span.connection, *days).filter(
        disposition__in=BOOKED, facts__tenders__contains=GATEWAY_MONEY
    )
    for record in orders.exclude(target_id="").filter(~Exists(told)).order_by("-pk")[:MOST]:
        due = amount((record.facts.get("heartland") or {}).get("due"))
        if (taken := gateway_of(record) - due) > 0:
            yield _of_order(span, record, Of.PAYMENTS, "No row of a payout tells of it, and later ones do.", taken)


def uncharged(span: Span) -> Iterator[Point]:
    """Money of booked orders that was to be taken as goods left and was not: their shipments are held for it."""
    held = Record.objects.filter(
        connection=span.connection, flow=SHIPMENTS.name, disposition=Record.Disposition.HELD, code__in=UNCHARGED
    )
    reasons = dict(held.exclude(order_id="").order_by("-pk").values_list("order_id", "reason")[:MOST])
    orders = placed_between(span.connection, span.begins, span.ends).filter(external_id__in=reasons)
    for record in orders.exclude(target_id="").order_by("-pk"):
        due = amount((record.facts.get("heartland") or {}).get("due"))
        if due > 0:
            yield _of_order(span, record, Of.PAYMENTS, reasons[record.external_id], due)


def settled_otherwise(span: Span) -> Iterator[Point]:
    """Booked orders that a person said rows are of, which bring another amount than was paid."""
    said = PayoutEntry.objects.filter(connection=span.connection, kind=RowKind.SALE, how=How.PERSON)
    orders = set(said.exclude(order_id="").order_by("-pk").values_list("order_id", flat=True)[:MOST])
    every = PayoutEntry.objects.filter(connection=span.connection, kind=RowKind.SALE, order_id__in=orders)
    brought = dict(every.values_list("order_id").annotate(sum=Sum("gross")))
    booked = placed_between(span.connection, span.begins, span.ends).filter(disposition__in=BOOKED)
    for record in booked.filter(external_id__in=orders).exclude(target_id="").order_by("-pk"):
        paid = gateway_of(record)
        taken, came = paid - amount((record.facts.get("heartland") or {}).get("due")), brought[record.external_id]
        if not taken <= came <= paid:
            why = f"Its rows bring {came}, and it was paid {taken}."
            yield _of_order(span, record, Of.PAYMENTS, why, came - taken)


def gateway_of(record: Record) -> Decimal:
    """What an order was, or is to be, paid by a gateway."""
    paid = (one for one in record.facts.get("tenders") or () if one.get("kind", "gateway") == "gateway")
    return sum((amount(one["amount"]) for one in paid), ZERO)


def rows_read(span: Span) -> tuple[datetime, datetime] | None:
    """The part of the span of which rows were read, and of some days after it; None where that is none."""
    rows = PayoutEntry.objects.filter(connection=span.connection).exclude(kind=RowKind.PAYOUT)
    read = rows.aggregate(first=Min("happened_at"), last=Max("happened_at"))
    if read["first"] is None:
        return None
    begins, ends = max(span.begins, read["first"]), min(span.ends, read["last"] - DAYS)
    return (begins, ends) if begins < ends else None


def open_rows(span: Span) -> Iterator[Point]:
    """Rows that no order was found for, or several, or one with another amount."""
    for row in _rows(span).filter(how__in=OPEN).defer("text").order_by("-pk")[:MOST]:
        yield _of_row(span, row, Of.ROWS, ROW_REASONS[How(row.how)])


def without_booked_order(span: Span) -> Iterator[Point]:
    """Money for orders that are cancelled, or were never booked, and was not given back."""
    rows = list(_rows(span).filter(kind=RowKind.SALE).exclude(order_id="").defer("text").order_by("-pk"))
    orders = _records(span.connection, {row.order_id for row in rows})
    ended = {one: record for one, record in orders.items() if record.disposition in ENDED or not record.target_id}
    left = _came(span.connection, ended)
    for row in rows:
        record = ended.get(row.order_id)
        if record is None or left[row.order_id] <= 0 or record.disposition not in ENDED:
            continue
        why = f"Paid after cancellation: order {record.title} is cancelled. Give the money back, or reopen the order."
        if record.disposition != Record.Disposition.CANCELLED and not record.source_meaning.startswith("cancel"):
            why = f"Order {record.title} is not in the books: {record.reason or 'it was skipped.'}"
        yield _of_row(span, row, Of.ROWS, why, title=record.title)


def waiting_refunds(span: Span) -> Iterator[Point]:
    """Refunds of the store, and returns at tills, that are on their way or wait for a person."""
    rows = Record.objects.filter(
        connection=span.connection, flow__in=OF_REFUNDS, source_placed_at__gte=span.begins,
        source_placed_at__lt=span.ends,
    ).exclude(disposition__in=(*BOOKED, *ENDED))  # fmt: skip
    for record in rows.exclude(order_id="").defer("facts").order_by("-pk")[:MOST]:
        yield _of_refund(span, record, record.reason or "It is on its way.", -(record.source_total or ZERO))


def untold_refunds(span: Span) -> Iterator[Point]:
    """Refunds by a provider that no row tells of, though rows of later days were read."""
    days = rows_read(span)
    if days is None:
        return
    made = Record.objects.filter(connection=span.connection, flow=REFUNDS, disposition__in=BOOKED)
    made = made.filter(source_placed_at__gte=days[0], source_placed_at__lt=days[1])
    found = {record.order_id: record for record in made.exclude(order_id="").order_by("-pk")[:MOST]}
    every = Record.objects.filter(connection=span.connection, flow=REFUNDS, disposition__in=BOOKED, order_id__in=found)
    online: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for record in every:
        online[record.order_id] += given_back_of(record.facts).by(Account.GATEWAY)
    rows = PayoutEntry.objects.filter(connection=span.connection, kind=RowKind.REFUND, order_id__in=found)
    back = dict(rows.values_list("order_id").annotate(sum=Sum("gross")))
    booked = booked_among(span.connection, found)
    for order, record in found.items():
        if order in booked and (missing := online[order] + back.get(order, ZERO)) > 0:
            why = f"The store gave {online[order]} back, and rows of payouts tell of {-back.get(order, ZERO)}."
            yield _of_refund(span, record, why, -missing)


def unknown_refunds(span: Span) -> Iterator[Point]:
    """Money that the gateway gave back of an order, and the store does not know of."""
    rows = list(_rows(span).filter(kind=RowKind.REFUND).exclude(order_id="").defer("text").order_by("-pk"))
    orders = _records(span.connection, {row.order_id for row in rows})
    every = PayoutEntry.objects.filter(connection=span.connection, kind=RowKind.REFUND, order_id__in=orders)
    sums = dict(every.values_list("order_id").annotate(sum=Sum("gross")))
    seen = set[str]()
    for row in rows:
        record = orders.get(row.order_id)
        if record is None or record.disposition in ENDED or row.order_id in seen:
            continue
        known, there = given_back(record), -sums[row.order_id]
        if known is not None and there > known:
            seen.add(row.order_id)
            why = f"Refunded at the gateway, unknown to the store: {there} there, {known} in the store."
            yield _of_row(span, row, Of.REFUNDS, why, title=record.title, money=known - there)


def differing_payouts(span: Span) -> Iterator[Point]:
    """Payouts that reached the bank in these days with another sum than their rows."""
    near = (span.first - timedelta(days=1), span.last + timedelta(days=1))
    own = PayoutEntry.objects.filter(connection=span.connection, kind=RowKind.PAYOUT)
    named = own.filter(available_on__range=near) | own.filter(
        available_on=None, happened_at__gte=span.begins, happened_at__lt=span.ends
    )
    names = list(named.exclude(payout="").values_list("payout", flat=True).distinct()[:MOST])
    for payout in payouts_named(span.connection, names):
        if payout.difference and payout.on and span.first <= payout.on <= span.last:
            why = f"The bank got {payout.bank}, its rows come to {payout.sums.net + payout.explained}: unexplained."
            since = Span(connection=span.connection, currency="", first=payout.on, last=payout.on).begins
            yield Point(
                of=Of.PAYOUTS, day=payout.on, since=since, amount=payout.difference, reason=why, payout=payout.id
            )


def payouts_named(connection: Connection, names: Sequence[str]) -> list[Payout]:
    """These payouts with their rows, and what people said of their differences."""
    rows = PayoutEntry.objects.filter(connection=connection, payout__in=names).defer("text")
    words = PayoutWord.objects.filter(connection=connection, payout__in=names, taken_back_at=None)
    said = {one["payout"]: one["sum"] for one in words.values("payout").annotate(sum=Sum("amount"))}
    return payouts_of((entry.row for entry in rows), said)


def _rows(span: Span) -> Any:
    rows = PayoutEntry.objects.filter(connection=span.connection).exclude(kind=RowKind.PAYOUT)
    return rows.filter(happened_at__gte=span.begins, happened_at__lt=span.ends)


def _records(connection: Connection, orders: Iterable[str]) -> dict[str, Record]:
    rows = Record.objects.filter(connection=connection, flow=ORDERS.name, external_id__in=list(orders))
    return {record.external_id: record for record in rows}


def _came(connection: Connection, orders: Iterable[str]) -> Mapping[str, Decimal]:
    """What the gateway brought of each order, less what it gave back."""
    rows = PayoutEntry.objects.filter(connection=connection, order_id__in=list(orders))
    found: dict[str, Decimal] = defaultdict(lambda: ZERO)
    found |= dict(rows.values_list("order_id").annotate(sum=Sum("gross")))
    return found


def _of_order(span: Span, record: Record, of: Of, reason: str, money: Decimal | None = None) -> Point:
    placed = record.source_placed_at or record.first_seen_at
    return Point(
        of=of, day=span.day_of(placed), since=placed, reason=reason, order=record.external_id, title=record.title,
        amount=money if money is not None else record.source_total or ZERO,
    )  # fmt: skip


def _of_refund(span: Span, record: Record, reason: str, money: Decimal) -> Point:
    made = record.source_placed_at or record.first_seen_at
    return Point(
        of=Of.REFUNDS, day=span.day_of(made), since=made, reason=reason, order=record.order_id, title=record.order_id,
        amount=money,
    )  # fmt: skip


def _of_row(
    span: Span, row: PayoutEntry, of: Of, reason: str, *, title: str = "", money: Decimal | None = None
) -> Point:
    return Point(
        of=of, day=span.day_of(row.happened_at), since=row.happened_at, reason=reason, row=row.pk, payout=row.payout,
        amount=row.gross if money is None else money, title=title, reference=row.reference,
        order=row.order_id or (row.candidates[0] if len(row.candidates) == 1 else ""),
    )  # fmt: skip
