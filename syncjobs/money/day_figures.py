"""What stands beside a day's entry: sums of both systems, what was paid and given back by, tax by place, cards owed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from ipaas.types import JSON
from mappings.core.canonical.order import ZERO
from mappings.core.rules.money import cents
from mappings.models import Link
from syncjobs.flows.orders import ORDERS
from syncjobs.flows.orders.given_back import LEFT_OUT
from syncjobs.flows.refund_records import FROM_TILL, REFUNDS, refund_of, refund_record_id
from syncjobs.flows.returns import RETURNS
from syncjobs.models import CardTotal, Record
from syncjobs.money.day_span import BOOKED, Span, amount, placed_between
from syncjobs.money.refund_documents import given_back_of

NOT_SAID, BY_HAND = "Not said", "At a till or by hand"
Sums = defaultdict[str, Decimal]


def day_figures(span: Span) -> JSON:
    """Orders and refunds of the span's last day in both systems, their tenders, and their tax by place."""
    taxes: Sums = defaultdict(Decimal)
    return {
        **orders_placed(span, taxes),
        **refunds_made(span, taxes),
        "taxes": told(taxes),
        **cards_owed(span),
    }


def told(sums: Mapping[str, Decimal]) -> dict[str, str]:
    return {name: f"{cents(one):.2f}" for name, one in sorted(sums.items())}


def orders_placed(span: Span, taxes: Sums) -> JSON:
    """What was sold. Heartland's total is the one that was booked, before pieces that were given back went off it."""
    rows = placed_between(span.connection, span.last_begins, span.ends).filter(disposition__in=BOOKED)
    wanted = rows.exclude(target_id="").filter(currency__in=("", span.currency))
    orders, store, heartland, off = 0, ZERO, ZERO, list[str]()
    tenders: Sums = defaultdict(Decimal)
    for record in wanted.only("external_id", "facts", "source_total", "target_total").iterator(2000):
        facts = record.facts
        orders += 1
        store += record.source_total or ZERO
        heartland += record.target_total or ZERO
        off += [refund_record_id(record.external_id, one) for one in facts.get(LEFT_OUT) or ()]
        for one in facts.get("tenders") or ():
            tenders[str(one.get("method") or NOT_SAID)] += amount(one.get("amount"))
        terms = facts.get("equation") or ()
        place = str(facts.get("tax_place") or NOT_SAID)
        taxes[place] += sum((amount(one["amount"]) for one in terms if one["name"] == "Tax"), ZERO)
    left_out = Record.objects.filter(connection=span.connection, flow=REFUNDS, external_id__in=off)
    heartland += sum((one or ZERO for one in left_out.values_list("source_total", flat=True)), ZERO)
    return {
        "orders": orders,
        "store_total": f"{store:.2f}",
        "heartland_total": f"{heartland:.2f}",
        "tenders": told(tenders),
    }


def refunds_made(span: Span, taxes: Sums) -> JSON:
    """What was given back on the day, of orders that are in the books, whenever they were placed."""
    rows = Record.objects.filter(
        connection=span.connection, flow__in=(REFUNDS, RETURNS.name), disposition__in=BOOKED,
        source_placed_at__gte=span.last_begins, source_placed_at__lt=span.ends, currency__in=("", span.currency),
    )  # fmt: skip
    found = list(rows.exclude(order_id="").order_by("pk"))
    orders = booked_orders(span, {record.order_id for record in found})
    refunds = [record for record in found if record.flow == REFUNDS and record.order_id in orders]
    returns = [record for record in found if record.flow == RETURNS.name and record.order_id in orders]
    by_till = made_at_tills(span, refunds)
    tenders: Sums = defaultdict(Decimal)
    for record in refunds:
        taxes[str(orders[record.order_id].get("tax_place") or NOT_SAID)] -= given_back_of(record.facts).tax
        for one in record.facts.get("tenders") or ():
            tenders[BY_HAND if one.get("noted") else str(one.get("method") or NOT_SAID)] += amount(one.get("amount"))
    heartland = sum((given_there(record, orders[record.order_id], by_till) for record in refunds), ZERO)
    heartland += sum((amount(one.facts.get("worth")) for one in returns), ZERO)
    return {
        "refunds": len(refunds),
        "store_refunds": f"{sum((record.source_total or ZERO for record in refunds), ZERO):.2f}",
        "heartland_refunds": f"{heartland:.2f}",
        "refund_tenders": told(tenders),
    }


def booked_orders(span: Span, orders: Iterable[str]) -> dict[str, JSON]:
    """The facts of those that are in the books."""
    rows = Record.objects.filter(connection=span.connection, flow=ORDERS.name, external_id__in=list(orders))
    booked = rows.filter(disposition__in=BOOKED).exclude(target_id="")
    return dict(booked.values_list("external_id", "facts"))


def made_at_tills(span: Span, refunds: Iterable[Record]) -> set[str]:
    """Ids of those that the store made for a return at a till, whose ticket is Heartland's side of them."""
    ids = [refund_of(record.external_id)[1] for record in refunds]
    links = Link.objects.of(span.connection, Link.Kind.REFUND).filter(source_id__in=ids, fingerprint=FROM_TILL)
    return set(links.values_list("source_id", flat=True))


def given_there(record: Record, order: JSON, by_till: set[str]) -> Decimal:
    """Heartland's side of a refund that began in the store: its returns, or what went off the sales order."""
    refund_id = refund_of(record.external_id)[1]
    if refund_id in by_till:
        return ZERO
    if refund_id in (order.get(LEFT_OUT) or ()):
        return record.source_total or ZERO
    return record.target_total or ZERO


def cards_owed(span: Span) -> JSON:
    """What gift cards were worth at the end of the day, where they were added up that night."""
    total = CardTotal.objects.filter(connection=span.connection, day=span.last).first()
    if total is None:
        return {}
    told = {"worth": f"{total.worth:.2f}", "overdrawn": f"{total.overdrawn:.2f}", "ties_out": total.ties_out}
    of_it = {"credit": total.credit, "shared": total.shared}
    return {"gift_cards": {"cards": total.cards, **told, **{name: f"{one:.2f}" for name, one in of_it.items() if one}}}
