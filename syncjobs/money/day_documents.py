"""What a store's day is made of in the books: orders, refunds, the gateway's rows, and what people called differences.

A document counts on the merchant's day on which it happened: an order when it was placed, a refund when it was made, a
row when the gateway moved the money, a payout when the bank has it, a person's word on the day of its payout.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from django.db.models import Q

from connections.models import Connection
from ipaas.types import JSON
from mappings.core.canonical.payout import RowKind
from mappings.core.rules.journal import BookedOrder, Postings, order_postings, row_postings, word_postings
from mappings.core.rules.match_payouts import How
from syncjobs.flows.orders import ORDERS
from syncjobs.models import PayoutEntry, PayoutWord, Record
from syncjobs.money.day_span import BOOKED, ENDED, SLACK, Document, Span, amount, placed_between
from syncjobs.money.refund_documents import Refunds, refunds_of, refunds_touched

FIELDS = ("external_id", "currency", "source_placed_at", "disposition", "target_id", "facts")


def documents_of(span: Span) -> Iterator[Document]:
    """What the last day holds, and what of earlier days may be another than it was when they were closed."""
    touched = orders_touched(span)
    for record in touched:
        if (posted := order_document(record, span)) is not None:
            yield posted
    concerned = {record["external_id"] for record in touched} | refunds_touched(span)
    rows = rows_touched(span, concerned)
    concerned |= {row.order_id for row in rows if row.order_id}
    booked = booked_among(span.connection, concerned)
    refunds = refunds_of(span.connection, concerned, booked)
    yield from refunds.documents(span)
    for row in rows:
        day = day_of_row(row, span)
        if span.first <= day <= span.last:
            yield Document(id=f"row:{row.pk}", day=day, postings=postings_of(row, booked, refunds))
    yield from words_of(span)


def postings_of(row: PayoutEntry, booked: set[str], refunds: Refunds) -> Postings:
    is_of_booked = row.order_id in booked
    return row_postings(
        row.row,
        is_of_booked=is_of_booked,
        against=refunds.against.get(row.pk) if is_of_booked else None,
        is_written_off=row.how == How.PERSON and not row.order_id,
    )


def orders_touched(span: Span) -> list[JSON]:
    """Orders of the last day, and earlier ones that were looked at since."""
    rows = placed_between(span.connection, span.begins, span.ends)
    if span.since:
        since = span.since - SLACK
        rows = rows.filter(Q(source_placed_at__gte=span.looks_from) | Q(read_at__gte=since) | Q(changed_at__gte=since))
    return list(rows.values(*FIELDS))


def order_document(record: Mapping[str, Any], span: Span) -> Document | None:
    """None for an order that is on its way or waits for a person: what was closed of it stands until it arrives."""
    document, day = f"order:{record['external_id']}", span.day_of(record["source_placed_at"])
    if record["currency"] not in {"", span.currency}:
        return None
    if record["disposition"] in BOOKED and record["target_id"]:
        return Document(id=document, day=day, postings=order_postings(booked_order(record["facts"])))
    if record["disposition"] in (*BOOKED, *ENDED):
        return Document(id=document, day=day, postings={})
    return None


def booked_order(facts: Mapping[str, Any]) -> BookedOrder:
    """The order as it was booked: what the store shows by now, where a person keeps Heartland's, is another."""
    shown = facts.get("booked") or facts
    return BookedOrder(
        total=amount(shown.get("total")),
        terms=tuple((str(one["name"]), amount(one["amount"])) for one in shown.get("equation") or ()),
        tenders=tuple((str(one.get("kind", "gateway")), amount(one["amount"])) for one in shown.get("tenders") or ()),
        cards_sold=amount(shown.get("cards_sold")),
        due=amount((facts.get("heartland") or {}).get("due")),
    )


def rows_touched(span: Span, orders: Iterable[str]) -> list[PayoutEntry]:
    """Rows of the last day, and earlier ones that came, were matched anew, or whose order is another since."""
    rows = PayoutEntry.objects.filter(connection=span.connection)
    moved = Q(happened_at__gte=span.begins, happened_at__lt=span.ends)
    paid = Q(kind=RowKind.PAYOUT, available_on__gte=span.first, available_on__lte=span.last)
    rows = rows.filter((moved & ~Q(kind=RowKind.PAYOUT, available_on__isnull=False)) | paid)
    if span.since:
        since = span.since - SLACK
        of_the_day = Q(happened_at__gte=span.looks_from) | Q(kind=RowKind.PAYOUT, available_on=span.last)
        news = Q(file__at__gte=since) | Q(matched_at__gte=since) | Q(order_id__in=list(orders))
        rows = rows.filter(of_the_day | news)
    return list(rows.order_by("pk"))


def day_of_row(row: PayoutEntry, span: Span) -> date:
    """A payout is of the day on which the bank has it, any other row of that on which the money moved."""
    if row.kind == RowKind.PAYOUT and row.available_on:
        return row.available_on
    return span.day_of(row.happened_at)


def booked_among(connection: Connection, orders: Iterable[str]) -> set[str]:
    """Those of the orders whose money the books know from the order itself."""
    rows = Record.objects.filter(connection=connection, flow=ORDERS.name, external_id__in=list(orders))
    return set(rows.exclude(disposition__in=ENDED).exclude(target_id="").values_list("external_id", flat=True))


def words_of(span: Span) -> Iterator[Document]:
    """What people called differences of payouts that reached the bank in these days."""
    rows = PayoutEntry.objects.filter(connection=span.connection, kind=RowKind.PAYOUT).exclude(payout="")
    days = {row.payout: day_of_row(row, span) for row in rows.defer("text").order_by("pk")}
    for word in PayoutWord.objects.filter(connection=span.connection).order_by("pk"):
        day = days.get(word.payout) or span.day_of(word.at)
        if span.first <= day <= span.last:
            postings = {} if word.taken_back_at else word_postings(word.meaning, word.amount)
            yield Document(id=f"word:{word.pk}", day=day, postings=postings)
