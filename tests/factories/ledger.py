"""What was done, what went wrong, and what was proved."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from connections.models import Connection
from errors.failures import Violation, held
from errors.issues.record_errors import error_record
from errors.models import SyncError
from syncjobs.models import Attempt, InboxEvent, Lane, Proof, Record, SyncJob
from syncjobs.proof.proof_chain import digest
from tests.factories.accounts import NOW, numbers
from tests.factories.orders import order


def job(of: Connection, external_id: str, status: SyncJob.Status = SyncJob.Status.DONE, **fields: Any) -> SyncJob:
    lane, _ = Lane.objects.get_or_create(connection=of, service_class="now")
    defaults: dict[str, Any] = {
        "flow": "orders",
        "cause": "webhook",
        "requested_at": NOW,
        "not_before": NOW,
        "created_at": NOW,
        "attempts": 1,
    }
    return SyncJob.objects.create(
        connection=of, lane=lane, external_id=external_id, status=status, **(defaults | fields)
    )


def attempt(of: SyncJob, outcome: str = "booked", sentence: str = "Booked as BC-10457.", **fields: Any) -> Attempt:
    call = {"system": "heartland", "method": "POST", "path": "/sales/orders", "status": 201, "ms": 41.2}
    read = {"system": "bigcommerce", "method": "GET", "path": "/v2/orders/10457", "status": 200, "ms": 18.0}
    steps = [
        {"name": "read", "ms": 19.1, "decision": "", "calls": [read]},
        {"name": "deliver", "ms": 50.0, "decision": "Awaiting Fulfillment orders are brought.", "calls": [call]},
    ]
    defaults: dict[str, Any] = {
        "number": 1,
        "worker": "web-1",
        "steps": steps,
        "calls_heartland": 1,
        "calls_store": 1,
        "began_at": NOW + timedelta(seconds=1),
        "duration_ms": 812,
    }
    return Attempt.objects.create(job=of, outcome=outcome, sentence=sentence, **(defaults | fields))


def event(of: Connection, external_id: str, topic: str = "store/order/created") -> InboxEvent:
    return InboxEvent.objects.create(
        connection=of,
        system="bigcommerce",
        topic=topic,
        delivery_key=f"key-{next(numbers)}",
        external_id=external_id,
        body="{}",
        received_at=NOW,
    )


def problem(
    of: Connection,
    external_id: str,
    *violations: Violation,
    at: datetime = NOW,
    amount: str = "53.25",
    state: SyncError.State = SyncError.State.HELD,
) -> SyncError:
    """An order that is held for the given reasons, with its record."""
    failure = held(*(violations or (not_linked("MISSING-1"),)))
    order(of, external_id, Record.Disposition.HELD, at=at, total=amount, reason=failure.summary, code=failure.code)
    return error_record(
        connection=of,
        flow="orders",
        external_id=external_id,
        label=f"Order {external_id}",
        failure=failure,
        state=state,
        amount=Decimal(amount),
        currency="USD",
        attempts=1,
        now=at,
    )


def not_linked(sku: str, hint: str = "") -> Violation:
    return Violation(
        code="item_not_linked",
        sentence=f"No Heartland item has the Item # “{sku}”." + (f" {hint}" if hint else ""),
        field="sku",
        value=sku,
        fix="Create the item in Heartland with exactly this Item #, or correct the SKU or the Item #.",
        fix_page="items",
    )


def unmapped(method: str) -> Violation:
    return Violation(
        code="payment_unmapped",
        sentence=f"The payment method “{method}” has no Heartland payment type.",
        field="payment_method",
        value=method,
        fix="Map it, or set a default.",
        fix_page="payments",
    )


def stock_problem(of: Connection, sku: str, at: datetime = NOW) -> SyncError:
    """A SKU whose quantity the store does not take."""
    violation = Violation(
        code="stock_refused", sentence=f"The store refuses the stock of {sku}.", field="sku", value=sku
    )
    return error_record(
        connection=of, flow="stock", external_id=sku, label=sku, failure=held(violation),
        state=SyncError.State.HELD, now=at,
    )  # fmt: skip


def proof(of: Connection, *, orders: int = 1, day: date = date(2026, 3, 2), **fields: Any) -> Proof:
    """A day of booked orders, proved."""
    last = Proof.objects.filter(connection=of).order_by("-pk").first()
    previous = last.digest if last else ""
    lines = [
        {"order": str(10000 + one), "disposition": "booked", "number": f"BC-{10000 + one}", "code": ""}
        for one in range(orders)
    ]
    seal = digest(previous=previous, store=of.store.store_hash, day=day, made_at=NOW.isoformat(), lines=lines)
    counts = {"booked": orders} if orders else {}
    return Proof.objects.create(
        connection=of, day=day, made_at=NOW, version=1, orders=orders, counts=counts, lines=lines, previous=previous,
        digest=seal, **fields,
    )  # fmt: skip
