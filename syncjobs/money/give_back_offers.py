"""What a person may have done about money that went back, or should: each once, and nothing by itself.

*Note*: a gateway gave money back that the store does not know of. The store notes the amount, and the refund's own flow
books it in Heartland: both, or neither. *Refund*: money came for an order that is cancelled; the store gives it back.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Q, Sum

from connections.audit import audit
from connections.models import Connection, User
from errors.failures import ConfigurationFailure, Rejected, SyncFailure
from mappings.core.canonical.order import ZERO, Order
from mappings.core.canonical.payout import RowKind
from mappings.core.canonical.refund import Refund, RefundState, agreed_mark
from mappings.core.rules.give_back import Amounts, Payback, Wish, paybacks
from mappings.core.rules.match_payouts import How
from syncjobs.engine.call_guard import Guard
from syncjobs.engine.circuits import circuits_look
from syncjobs.engine.enqueueing import job_enqueue
from syncjobs.flows.orders import ORDERS
from syncjobs.models import PayoutEntry, Record, ServiceClass
from syncjobs.money.day_span import ENDED
from syncjobs.money.open_points import given_back
from syncjobs.stores.opening import store_of
from syncjobs.stores.port import Store

NOTE, REFUND = "note", "refund"
SECONDS = 20.0
AGAIN = timedelta(minutes=2)  # a request whose answer was lost may show in the store until then


class Unsure(ConfigurationFailure):
    """The store was asked, and its answer was lost: it may have been done."""


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What can be done about a row."""

    act: str
    row: int
    order: str  # the store's id
    amount: Decimal
    gone: Decimal = ZERO  # what the gateway gave back of the order in all

    @property
    def shown(self) -> str:
        """What a person agrees to."""
        return f"{self.act}:{self.order}:{self.amount}"


def offer_of(entry: PayoutEntry) -> Offer | None:
    """None where nothing lacks, or nothing is known well enough."""
    order = entry.order_id or (entry.candidates[0] if len(entry.candidates) == 1 else "")
    record = Record.objects.filter(connection=entry.connection_id, flow=ORDERS.name, external_id=order).first()
    if record is None:
        return None
    rows = PayoutEntry.objects.filter(connection=entry.connection_id, order_id=order)
    if entry.kind == RowKind.REFUND and record.disposition not in ENDED:
        known = given_back(record)
        gone = -(rows.filter(kind=RowKind.REFUND).aggregate(sum=Sum("gross"))["sum"] or ZERO)
        lacks = gone - known if known is not None else ZERO
        return Offer(act=NOTE, row=entry.pk, order=order, amount=lacks, gone=gone) if lacks > 0 else None
    if entry.kind == RowKind.SALE and entry.how == How.ENDED:
        left = entry.gross + (rows.aggregate(sum=Sum("gross"))["sum"] or ZERO)
        return Offer(act=REFUND, row=entry.pk, order=order, amount=left) if left > 0 else None
    return None


def offer_take(*, entry: PayoutEntry, offer: Offer, actor: User, now: datetime) -> str:
    """Have the store do it; answers in words what became of it. Raises ConfigurationFailure.

    Its text in the store is a mark: whoever presses again, after a lost answer too, finds what was made before.
    """
    free = Q(asked_at=None) | Q(asked_at__lt=now - AGAIN)
    if not PayoutEntry.objects.filter(free, pk=entry.pk).update(asked_at=now):
        raise ConfigurationFailure("The store is being asked for it: look again in two minutes.")
    connection = entry.connection
    guard = Guard(connection, ServiceClass.NOW, circuits_look(connection.pk, now), time.monotonic() + SECONDS)
    try:
        store = store_of(connection.store, guard)
        done = asked(store, offer)
    except Unsure:
        raise
    except Rejected as refusal:
        PayoutEntry.objects.filter(pk=entry.pk).update(asked_at=None)
        raise ConfigurationFailure(refused(connection, entry, offer, refusal.summary)) from refusal
    except SyncFailure as failure:
        PayoutEntry.objects.filter(pk=entry.pk).update(asked_at=None)
        raise ConfigurationFailure(failure.summary) from failure
    finally:
        guard.settle(now)
        guard.give_back()
    audit(
        merchant=connection.merchant,
        actor=actor,
        action="payouts.noted" if offer.act == NOTE else "payouts.given_back",
        subject=connection,
        row=entry.gateway_id or entry.pk,
        order=offer.order,
        amount=str(offer.amount),
    )
    job_enqueue(connection=connection, flow=ORDERS.name, external_id=offer.order, cause="order", now=now)
    return done


def asked(store: Store, offer: Offer) -> str:
    """Five calls of the store; none writes where it was done before."""
    order = store.orders.whole(offer.order)
    given = store.refunds.refunds(order)
    mark = agreed_mark(offer.row)
    if made := next((one for one in given if mark in one.reason), None):
        return done_before(store, made)
    if offer.act == NOTE:
        note(store, order, given, offer, mark)
        return f"{store.profile.name} has {offer.amount} noted as given back; Heartland follows."
    refund(store, order, given, offer, mark)
    return f"{store.profile.name} asked its provider to give {offer.amount} back."


def done_before(store: Store, made: Refund) -> str:
    """Raises ConfigurationFailure where its provider declined it: nobody asks it again by itself."""
    if made.state is RefundState.DECLINED:
        raise ConfigurationFailure(
            f"{store.profile.name} has refund {made.number} for it, and its provider declined the money: give it back "
            "at the payment provider by hand."
        )
    return f"It was done before: {store.profile.name} has refund {made.number} for it."


def note(store: Store, order: Order, given: list[Refund], offer: Offer, mark: str) -> None:
    """Raises ConfigurationFailure where the store knows of as much by now."""
    standing = sum((one.total for one in given if one.state is not RefundState.DECLINED), ZERO)
    if standing != offer.gone - offer.amount:
        raise ConfigurationFailure(
            f"{store.profile.name} shows {standing} as given back by now, and the gateway {offer.gone}: look at both."
        )
    back = (Payback(amount=offer.amount),)
    text = f"Given back at the payment provider {mark}"
    store.refunds.quote(order, {}, given, amount=offer.amount, is_noted=True)
    written(store, order, Wish(pieces={}, amount=offer.amount, kept=ZERO, paybacks=back, note=text))


def refund(store: Store, order: Order, given: list[Refund], offer: Offer, mark: str) -> None:
    """All of the order, by what it was paid with. Raises ConfigurationFailure where that is another amount."""
    quote = store.refunds.quote(order, {}, given, amount=offer.amount)
    if quote.left != offer.amount or any(one.by_hand for one in quote.tenders):
        raise ConfigurationFailure(
            f"{offer.amount} came, and {store.profile.name} would give {quote.left} back: refund it there."
        )
    sums = Amounts(asked=offer.amount, online=offer.amount, kept=ZERO, too_much=ZERO)
    text = f"Paid after cancellation {mark}"
    wish = Wish(pieces={}, amount=offer.amount, kept=ZERO, paybacks=paybacks(sums, quote), note=text)
    written(store, order, wish)


def written(store: Store, order: Order, wish: Wish) -> None:
    """Raises Rejected where nothing was done, and Unsure where nobody knows."""
    try:
        store.refunds.refund(order, wish)
    except Rejected:
        raise
    except SyncFailure as failure:
        said = f"{failure.summary} Whether it was done shows in two minutes: then press again, it is done once."
        raise Unsure(said) from failure


def refused(connection: Connection, entry: PayoutEntry, offer: Offer, said: str) -> str:
    by_hand = f"Give it back at the payment provider (payment {entry.reference}): its row then settles this."
    return f"{connection.store.name} refuses: {said}{' ' + by_hand if offer.act == REFUND else ''}"
