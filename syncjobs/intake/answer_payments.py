"""Answer what Heartland asks before money moves on a payment of a web order (heartland-retail.md §16).

Heartland waits, and shows the cashier what was refused: so a call is answered within `SECONDS`, whatever the store
does. Idempotent on payment and operation: what was done is answered so again, what was refused is tried anew.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from http import HTTPStatus

from django.db.models import F, Q
from django.utils import timezone

from connections.models import Connection, HeartlandAccount
from errors.failures import NotFound, Rejected, SyncFailure
from mappings.core.canonical.order import Order, PaymentState
from mappings.core.canonical.shipment import Invoice
from syncjobs.engine.call_guard import Guard
from syncjobs.engine.circuits import circuits_look
from syncjobs.engine.enqueueing import job_enqueue
from syncjobs.flows import ORDERS
from syncjobs.flows.orders.paying import gateway_of, taken_of
from syncjobs.flows.own_payments import ASKED_WITHIN, CAPTURE, REFUND, VOID
from syncjobs.models import OwnPaymentWrite, PaymentCall, SalesPayment, ServiceClass
from syncjobs.stores.charge_port import ChargeState
from syncjobs.stores.opening import store_of
from syncjobs.stores.port import Store

SECONDS, CALL_SECONDS, PAUSE_SECONDS = 6.0, 3.0, 0.5  # Heartland waits ten seconds
ABANDONED = timedelta(seconds=30)  # a call that was not answered by then has died
State = PaymentCall.State


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What Heartland is told; `message` is shown to the cashier."""

    status: HTTPStatus
    message: str = ""


DONE = Answer(status=HTTPStatus.OK)


class Refused(Exception):
    """The operation cannot be done; says why."""


class NotYet(Exception):
    """Nobody knows yet: asked again it may be done."""


def answered(account: HeartlandAccount, operation: str, payment_id: str, amount: Decimal, now: datetime) -> Answer:
    """Do what is asked, unless it was done or is a write of ours."""
    if own_write(account, operation, amount, now):
        return DONE
    payments = SalesPayment.objects.filter(connection__heartland=account, payment_id=payment_id)
    payment = payments.select_related("connection__store__credential", "connection__heartland").first()
    if payment is None:
        return refusal(HTTPStatus.NOT_FOUND, f"Payment {payment_id} is of no web order that waits for its money.")
    call = call_claim(payment, operation, amount, now)
    if call.state == State.DONE:
        return DONE
    if call.answered_at is None and call.began_at != now:
        return refusal(HTTPStatus.SERVICE_UNAVAILABLE, "This is being worked on: look again in a moment.")
    return worked(call, payment.connection, now)


def own_write(account: HeartlandAccount, operation: str, amount: Decimal, now: datetime) -> bool:
    """Whether it is about a payment that we are just writing, whose money was looked after before."""
    rows = OwnPaymentWrite.objects.filter(heartland=account, operation=operation, amount=amount)
    found = rows.filter(at__gte=now - ASKED_WITHIN).values_list("pk", flat=True).first()
    return found is not None and OwnPaymentWrite.objects.filter(pk=found).delete()[0] == 1


def call_claim(payment: SalesPayment, operation: str, amount: Decimal, now: datetime) -> PaymentCall:
    """The call's row, ours to work on where `began_at` is now and it has no answer."""
    key = {"connection": payment.connection, "payment_id": payment.payment_id, "operation": operation}
    fresh = {"external_id": payment.external_id, "amount": amount, "began_at": now}
    call, is_new = PaymentCall.objects.get_or_create(**key, defaults=fresh)
    if is_new:
        return call
    free = Q(state=State.REFUSED) | Q(state=State.RUNNING, began_at__lt=now - ABANDONED)
    taken = {"state": State.RUNNING, "answered_at": None, "sentence": "", "amount": amount, "began_at": now}
    PaymentCall.objects.filter(free, pk=call.pk).update(**taken)
    PaymentCall.objects.filter(pk=call.pk).update(asked=F("asked") + 1)
    call.refresh_from_db()
    return call


def worked(call: PaymentCall, connection: Connection, now: datetime) -> Answer:
    """Ask the store; keep what came of it."""
    deadline = time.monotonic() + SECONDS
    guard = Guard(connection, ServiceClass.NOW, circuits_look(connection.pk, now), deadline)
    try:
        store = store_of(connection.store, guard)
        store.limit_calls_to(CALL_SECONDS)
        sentence = OPERATIONS[call.operation](store, call, deadline)
    except Refused as why:
        return concluded(call, State.REFUSED, refusal(HTTPStatus.UNPROCESSABLE_ENTITY, str(why)))
    except (Rejected, NotFound) as failure:
        return concluded(call, State.REFUSED, refusal(HTTPStatus.UNPROCESSABLE_ENTITY, failure.summary))
    except NotYet as why:
        return concluded(call, State.REFUSED, refusal(HTTPStatus.SERVICE_UNAVAILABLE, str(why)))
    except SyncFailure as failure:
        return concluded(call, State.REFUSED, refusal(HTTPStatus.SERVICE_UNAVAILABLE, failure.summary))
    finally:
        guard.settle(now)
        guard.give_back()
    answer = concluded(call, State.DONE, Answer(status=HTTPStatus.OK, message=sentence))
    job_enqueue(connection=connection, flow=ORDERS.name, external_id=call.external_id, cause="order", now=now)
    return answer


def concluded(call: PaymentCall, state: State, answer: Answer) -> Answer:
    told = {"state": state, "sentence": answer.message[:500], "answered_at": timezone.now()}
    PaymentCall.objects.filter(pk=call.pk).update(**told)
    return answer


def refusal(status: HTTPStatus, message: str) -> Answer:
    return Answer(status=status, message=message)


def capture(store: Store, call: PaymentCall, deadline: float) -> str:
    """Take what the store was promised, and wait for a provider that answers later as long as there is time."""
    order = store.orders.order(call.external_id)
    everything = {line.source_id: line.quantity for line in order.lines}
    state = store.charges.state(order, everything)
    if state is ChargeState.PROMISED:
        asked_whole(order, call.amount, store.charges.promised(order))
        invoice = invoice_of(call)
        state = ChargeState.TAKEN if store.charges.charge(order, everything, invoice).is_taken else ChargeState.ASKED
    while state is ChargeState.ASKED and time.monotonic() < deadline - CALL_SECONDS:
        time.sleep(PAUSE_SECONDS)
        order = store.orders.order(call.external_id)
        state = store.charges.state(order, everything)
        if state is ChargeState.PROMISED:
            raise Refused(f"The payment provider refused the money of order {order.title}.")
    match state:
        case ChargeState.TAKEN | ChargeState.BY_HAND:
            return f"The money of order {order.title} is there."
        case ChargeState.ASKED:
            raise NotYet(
                f"The payment provider of order {order.title} has not answered yet: charge it again in a minute."
            )
        case _:
            raise Refused(f"No payment is promised for order {order.title} any more: take it in {store.profile.name}.")


def invoice_of(call: PaymentCall) -> Invoice:
    """What stands for Heartland's invoice in the store's note, where staff charge without one."""
    number = f"payment {call.payment_id}"
    return Invoice(
        id=f"payment-{call.payment_id}", number=number, order_id="", status="", version="", items={}, names={}
    )


def asked_whole(order: Order, amount: Decimal, promised: Decimal | None) -> None:
    """A till charges a payment as it stands: it has to be what is left of the order, and what its provider takes."""
    left = gateway_of(order) - taken_of(order)
    if promised is not None and promised != left:
        raise Refused(
            f"{promised} of order {order.title} was authorised, {left} is due, and the store takes the whole or "
            "nothing: void the payment there and have it paid anew."
        )
    if amount != left:
        raise Refused(f"{left} of order {order.title} is still to be charged, and {amount} was asked for.")


def void(store: Store, call: PaymentCall, deadline: float) -> str:
    """Let the promise go where that is possible from outside."""
    order = store.orders.order(call.external_id)
    if order.payment is PaymentState.TAKEN:
        raise Refused(f"The money of order {order.title} was taken: refund it in {store.profile.name}.")
    if order.payment is PaymentState.AUTHORISED:
        store.charges.release(order)
    return f"No money of order {order.title} is promised any more."


def refund(store: Store, call: PaymentCall, deadline: float) -> str:
    """What the store shows as given back may be noted; it gives nothing back by this."""
    order = store.orders.order(call.external_id)
    given = store.orders.refunded(call.external_id)
    if given < call.amount:
        raise Refused(f"Refund order {order.title} in {store.profile.name} first: it shows {given} as given back.")
    return f"{store.profile.name} shows {given} of order {order.title} as given back."


OPERATIONS = {CAPTURE: capture, VOID: void, REFUND: refund}
