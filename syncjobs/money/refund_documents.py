"""What refunds are in the books: each on the day it was made, by what it went back, beside what tills gave beyond it.

A gateway's rows of refunds are held against them order by order, the oldest first, so that no money goes back twice.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from connections.models import Connection
from ipaas.types import JSON
from mappings.core.canonical.order import ALL_OF_IT, ZERO
from mappings.core.canonical.payout import RowKind
from mappings.core.rules.journal import Account, GivenBack, Postings, Told, refund_postings, till_postings
from syncjobs.flows.orders import ORDERS
from syncjobs.flows.refund_records import REFUNDS
from syncjobs.flows.returns import RETURNS
from syncjobs.models import PayoutEntry, Record
from syncjobs.money.day_span import BOOKED, SLACK, Document, Span, amount

OF_REFUNDS = (REFUNDS, RETURNS.name)


@dataclass(frozen=True, kw_only=True)
class Refunds:
    """The refunds of some orders, and what each gateway's row of a refund is against."""

    records: tuple[Record, ...]  # of both flows
    booked: frozenset[str]  # orders that are in the books
    against: Mapping[int, Postings]  # by row

    def documents(self, span: Span) -> Iterator[Document]:
        """Those of the span's days; nothing for one whose order is not in the books, or that ended otherwise."""
        for record in self.records:
            if record.source_placed_at is None or record.currency not in {"", span.currency}:
                continue
            day = span.day_of(record.source_placed_at)
            if span.first <= day <= span.last and not is_on_its_way(record):
                is_posted = record.order_id in self.booked and record.disposition in BOOKED
                yield Document(id=name_of(record), day=day, postings=postings_of(record) if is_posted else {})


def refunds_touched(span: Span) -> set[str]:
    """Orders of the refunds of the last day, and of earlier ones that were looked at since."""
    rows = Record.objects.filter(connection=span.connection, flow__in=OF_REFUNDS).exclude(order_id="")
    rows = rows.filter(source_placed_at__gte=span.begins, source_placed_at__lt=span.ends)
    found = rows.filter(source_placed_at__gte=span.looks_from)
    if span.since:
        since = span.since - SLACK
        found |= rows.filter(read_at__gte=since) | rows.filter(changed_at__gte=since)
    else:
        found = rows
    return set(found.values_list("order_id", flat=True))


def refunds_of(connection: Connection, orders: Iterable[str], booked: set[str]) -> Refunds:
    """All refunds of these orders, and their rows held against them: three statements."""
    wanted = list(orders)
    records = Record.objects.filter(connection=connection, flow__in=OF_REFUNDS, order_id__in=wanted).order_by("pk")
    rows = PayoutEntry.objects.filter(connection=connection, kind=RowKind.REFUND, order_id__in=wanted)
    by_order: dict[str, list[tuple[int, Decimal]]] = defaultdict(list)
    for pk, order, gross in rows.order_by("happened_at", "pk").values_list("pk", "order_id", "gross"):
        by_order[order].append((pk, -gross))
    found = tuple(records)
    told = told_by(connection, found, by_order)
    against = {
        pk: told[order].accounts(before, before + back)
        for order, mine in by_order.items()
        for pk, before, back in summed(mine)
    }
    return Refunds(records=found, booked=frozenset(booked), against=against)


def summed(rows: Iterable[tuple[int, Decimal]]) -> Iterator[tuple[int, Decimal, Decimal]]:
    """Each row with what the ones before it gave back."""
    before = ZERO
    for pk, back in rows:
        yield pk, before, back
        before += back


def told_by(connection: Connection, records: Iterable[Record], orders: Iterable[str]) -> dict[str, Told]:
    """What the store tells of the refunds of each of these orders."""
    counted: dict[str, list[Decimal]] = {order: [ZERO, ZERO, ZERO] for order in orders}
    for record in records:
        if record.flow == REFUNDS and record.disposition in BOOKED and record.order_id in counted:
            refund = given_back_of(record.facts)
            sums = counted[record.order_id]
            sums[0] += refund.by(Account.GATEWAY)
            sums[1] += refund.by(Account.BY_HAND)
            sums[2] += record.source_total or ZERO
    rows = Record.objects.filter(connection=connection, flow=ORDERS.name, external_id__in=counted)
    said = {
        order: (total or ZERO) if back == ALL_OF_IT else amount(back)
        for order, total, back in rows.values_list("external_id", "source_total", "facts__given_back")
    }
    return {
        order: Told(online=online, noted=noted, untold=max(said.get(order, ZERO) - whole, ZERO))
        for order, (online, noted, whole) in counted.items()
    }


def is_on_its_way(record: Record) -> bool:
    """What was closed of it stands until it arrives."""
    return record.disposition not in {*BOOKED, Record.Disposition.CANCELLED, Record.Disposition.SKIPPED}


def name_of(record: Record) -> str:
    return f"{'refund' if record.flow == REFUNDS else 'return'}:{record.external_id}"


def postings_of(record: Record) -> Postings:
    """A refund of the store; of a return at a till what it gave beyond the store's refund of it, and cards."""
    if record.flow == REFUNDS:
        return refund_postings(given_back_of(record.facts))
    facts = record.facts
    handed_out, cards = amount(facts.get("handed_out")), amount(facts.get("cards"))
    return till_postings(handed_out=handed_out, cards=cards, noted=noted_in(facts))


def noted_in(facts: JSON) -> Decimal:
    """What of a till's return the store noted as given there."""
    return sum((amount(one["amount"]) for one in facts.get("tenders") or () if one.get("noted")), ZERO)


def given_back_of(facts: JSON) -> GivenBack:
    """A refund as its record shows it. Those read before tenders had kinds count as given back by the provider."""
    tax = facts.get("tax") or next((one["amount"] for one in facts.get("rest") or () if one["name"] == "tax"), "")
    return GivenBack(
        tax=amount(tax),
        cards=amount(facts.get("cards")),
        tenders=tuple(
            (str(one.get("kind", "gateway")), amount(one["amount"]), bool(one.get("noted")))
            for one in facts.get("tenders") or ()
        ),
    )
