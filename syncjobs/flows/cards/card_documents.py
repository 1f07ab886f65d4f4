"""Which order or ticket a change of a card belongs to: words for people, by which no amount is decided."""

from datetime import timedelta
from decimal import Decimal

from connections.connectors.heartland.gift_cards import by_card
from errors.failures import PermissionMissing
from mappings.core.canonical.order import TenderKind
from mappings.core.canonical.statuses import ENDED
from mappings.core.rules.card_ledger import ZERO, Kind, Place
from mappings.core.rules.money import cents
from syncjobs.flows.cards.card_context import CardContext
from syncjobs.flows.orders import ORDERS
from syncjobs.flows.refund_records import CREDIT_OF
from syncjobs.models import CardMovement, GiftCard, Record

WHERE = {Place.TILL: "at the till", Place.STORE: "in the web store", Place.US: "here"}
OVERLAP, LONGEST_LOOK = timedelta(minutes=10), timedelta(days=2)
NEWEST = 20  # orders that are looked through


class Documents:
    """What is known of the time in which a card moved."""

    def __init__(self, context: CardContext) -> None:
        self._context = context

    def of(self, place: Place, change: Decimal) -> tuple[str, str]:
        """The document's name and the store's id of it: an order that a card paid with this amount; else both "".

        Where two fit, neither is named.
        """
        if place is Place.TILL:
            return self._ticket(-change) if change < 0 else "", ""
        named = CardMovement.objects.filter(card=self._context.card, kind=Kind.SPENT).exclude(order_id="")
        if change > 0:
            last = named.order_by("-pk").values_list("document", "order_id").first()
            return last or ("", "")
        taken = set(named.values_list("order_id", flat=True))
        card = self._context.card
        kind = TenderKind.STORE_CREDIT if card.is_credit else TenderKind.GIFT_CERTIFICATE
        rows = Record.objects.filter(connection=self._context.connection, flow=ORDERS.name)
        rows = rows.filter(facts__tenders__contains=[{"kind": kind}])
        rows = rows.filter(**{f"facts__{CREDIT_OF}": card.account_id}) if card.is_credit else rows
        fitting = [
            (one.label or f"Order {one.external_id}", one.external_id)
            for one in rows.order_by("-pk")[:NEWEST]
            if one.external_id not in taken and _paid(one, kind) == -change
        ]
        return fitting[0] if len(fitting) == 1 else ("", "")

    def _ticket(self, amount: Decimal) -> str:
        """The one ticket that a card paid this much of since ours last moved; "" where none or two did.

        A call a page of the tickets of that time, none where the token may not read them.
        """
        context = self._context
        since = max(context.card.moved_at - OVERLAP, context.now - LONGEST_LOOK)
        try:
            tickets = context.heartland.card_tickets(since)
        except PermissionMissing:
            return ""
        named = set(CardMovement.objects.filter(card__connection=context.connection).values_list("document", flat=True))
        fitting = [
            f"Ticket {ticket.get('public_id') or ticket.get('id')}"
            for ticket in tickets
            if sum((cents(Decimal(str(one["amount"]))) for one in by_card(ticket)), ZERO) == amount
        ]
        fresh = [one for one in fitting if one not in named]
        return fresh[0] if len(fresh) == 1 else ""


def _paid(record: Record, kind: TenderKind) -> Decimal:
    """What a kind of the store's own money paid of an order."""
    tenders = record.facts.get("tenders", [])
    return sum((Decimal(one["amount"]) for one in tenders if one.get("kind") == kind), ZERO)


def spent_in_all(card: GiftCard) -> Decimal:
    """What was spent of a card and not given back."""
    rows = CardMovement.objects.filter(card=card, kind__in=(Kind.SPENT, Kind.GIVEN_BACK))
    return -sum(rows.values_list("delta", flat=True), ZERO)


def documents_of(card: GiftCard) -> str:
    """ "40.00 at the till, 30.00 in order 700": what was spent of a card, as it came."""
    spent = CardMovement.objects.filter(card=card, kind=Kind.SPENT).order_by("pk")
    return ", ".join(f"{-one.delta} {WHERE[Place(one.place)]}{named(one)}" for one in spent)


def named(one: CardMovement) -> str:
    return f" ({one.document})" if one.document else ""


def missing_of(card: GiftCard) -> dict[str, tuple[str, Decimal]]:
    """What came back too little of orders that are over: by order, its document and the amount."""
    moved: dict[str, tuple[str, Decimal]] = {}
    kinds = (Kind.SPENT, Kind.GIVEN_BACK)
    for one in CardMovement.objects.filter(card=card, kind__in=kinds).exclude(order_id="").order_by("pk"):
        document, sum_ = moved.get(one.order_id, (one.document, ZERO))
        moved[one.order_id] = document, sum_ - one.delta
    orders = Record.objects.filter(connection=card.connection_id, flow=ORDERS.name, external_id__in=moved)
    over = set(orders.filter(source_meaning__in=[*ENDED]).values_list("external_id", flat=True))
    return {order: found for order, found in moved.items() if order in over and found[1] > 0}


def sale_meaning(card: GiftCard) -> str:
    """How far the order has come that sold a card, as it was last read; "" where none did or it was not read."""
    if not card.sold_in:
        return ""
    orders = Record.objects.filter(connection=card.connection_id, flow=ORDERS.name, external_id=card.sold_in)
    return orders.values_list("source_meaning", flat=True).first() or ""
