"""Orders as people look them up: the list with its filters, search, and one order's whole story."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from connections.models import AuditEntry
from errors.models import SyncError
from ipaas.types import JSON
from syncjobs.flows.refunds import REFUNDS
from syncjobs.flows.returns import RETURNS
from syncjobs.flows.shipments import SHIPMENTS
from syncjobs.models import Attempt, Comment, InboxEvent, PaymentCall, Record, SyncJob
from syncjobs.pages.dashboard.activity_feed import audit_words

CANCELLED = "canceled"  # as Heartland spells it
NAMES = {SHIPMENTS.name: "Invoice", RETURNS.name: "Return", REFUNDS.name: "Refund"}  # parts of an order
KINDS = {"message": "Messages", "look": "Looks and calls", "person": "People"}  # of the moments of a timeline


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the comparison of both systems."""

    name: str
    store: str
    heartland: str
    differs: bool = False


@dataclass(frozen=True, kw_only=True)
class Equation:
    """The store's money, term by term, against what was charged and what Heartland computed."""

    terms: Sequence[JSON]
    summed: Decimal
    charged: Decimal | None
    computed: Decimal | None
    is_charged: bool = True  # to the shopper, all of it

    @property
    def adds_up(self) -> bool:
        return self.charged is None or self.summed == self.charged

    @property
    def agrees(self) -> bool:
        return self.computed is None or self.computed == self.charged


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One entry of an order's timeline."""

    at: datetime
    title: str
    tone: str = "mute"
    icon: str = "dot"
    text: str = ""
    attempt: Attempt | None = None
    kind: str = "look"  # of KINDS


def amount(value: Any) -> Decimal | None:
    """An amount kept as text in `facts`."""
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def equation(record: Record) -> Equation | None:
    """The money equation of an order that has been read; None before."""
    terms = record.facts.get("equation") or []
    if not terms:
        return None
    summed = sum((amount(term.get("amount")) or Decimal(0) for term in terms), Decimal(0))
    is_gone = (record.facts.get("heartland") or {}).get("status") == CANCELLED
    computed = None if is_gone else record.target_total
    return Equation(
        terms=terms,
        summed=summed,
        charged=record.source_total,
        computed=computed,
        is_charged=not unpaid(record) and not _is_open(record),
    )


def paid_words(record: Record) -> str:
    """What to say before the tenders: the store names them also where nothing was paid yet."""
    due = unpaid(record)
    paid = _tendered(record)
    if not due and not _is_open(record):
        return "Paid with"
    return "To be paid with" if due and due >= paid else "Paid, or to be paid, with"


def _is_open(record: Record) -> bool:
    """How much was taken is not known: the store did not take all, and no living order of Heartland's says what."""
    status = (record.facts.get("heartland") or {}).get("status", CANCELLED)
    return bool(record.facts.get("untaken")) and "taken" not in record.facts and status == CANCELLED


def unpaid(record: Record) -> Decimal:
    """What of the order's money was not taken: as the store tells, else as Heartland waits for it."""
    taken = amount(record.facts.get("taken"))
    if taken is None:
        return amount((record.facts.get("heartland") or {}).get("due", 0)) or Decimal(0)
    return _tendered(record, "gateway") - taken


def _tendered(record: Record, kind: str = "") -> Decimal:
    rows = [one for one in record.facts.get("tenders") or [] if kind in {"", one.get("kind")}]
    return sum((amount(one["amount"]) or Decimal(0) for one in rows), Decimal(0))


def promise_words(record: Record, days: int, zone: tzinfo, now: datetime) -> str:
    """Until when what the shopper's bank promised holds, by the merchant's days; "" where it promised nothing."""
    if not record.facts.get("promised") or record.source_placed_at is None:
        return ""
    end = record.source_placed_at + timedelta(days=days)
    day = f"{end.astimezone(zone):%B} {end.astimezone(zone).day}"
    if end > now:
        return f"It is promised by the shopper's bank, and holds until {day}."
    return f"Expired: the bank's promise held until {day}. Charging it may be refused."


def comparison(record: Record, money: Any) -> list[Row]:
    """Both systems side by side; `money` formats an amount. Only what both must agree on can differ."""
    facts, other = record.facts, record.facts.get("heartland") or {}
    terms = {term["name"]: amount(term["amount"]) for term in facts.get("equation") or []}
    due, left = amount(other.get("due", 0)) or Decimal(0), unpaid(record)
    is_told = facts.get("tenders") and not _is_open(record)

    def pair(name: str, left: Decimal | None, right: Decimal | None) -> Row:
        differs = left is not None and right is not None and left != right
        shown = [money(side, record.currency) for side in (left, right)]
        return Row(name=name, store=shown[0], heartland=shown[1], differs=differs)

    rows = [
        Row(name="Number", store=record.number or record.external_id, heartland=record.target_label or "not there"),
        Row(name="Status", store=record.source_status or "—", heartland=heartland_status(record, other)),
        pair("Tax", terms.get("Tax"), amount(other.get("tax"))),
        pair("Total", record.source_total, record.target_total),
        pair("Paid", _tendered(record) - left if is_told else None, amount(other.get("paid"))),
        *([pair("Still to be paid", left, due)] if due or left else []),
    ]
    if method := facts.get("payment_method"):
        words = f"{method} ({facts.get('payment_status') or 'state unknown'})"
        recorded = "Recorded as still to come" if due else "Recorded as paid, not charged"
        if due and amount(other.get("paid")):
            recorded = "Recorded as paid in part"
        is_recorded = due or amount(other.get("paid"))
        rows.append(Row(name="Payment", store=words, heartland=recorded if is_recorded else "—"))
    return rows


def heartland_status(record: Record, other: JSON) -> str:
    """Heartland's status with whether it is distributed."""
    if not other.get("status"):
        return "—"
    status = str(other["status"]).capitalize()
    if other["status"] == CANCELLED:
        return status
    return f"{status}, {'distributed' if record.is_distributed else 'undistributed'}"


def shipped(record: Record) -> list[Record]:
    """Heartland's invoices of an order, as they were carried to the store, oldest first."""
    rows = Record.objects.filter(connection=record.connection, order_id=record.external_id, flow=SHIPMENTS.name)
    return list(rows.order_by("first_seen_at", "pk"))


def timeline(record: Record, parts: Sequence[Record] = (), comments: Iterable[Comment] = ()) -> list[Moment]:
    """Everything that happened to an order and to what belongs to it, newest first."""
    same = {"connection": record.connection, "external_id": record.external_id}
    mine = Q(flow=record.flow, external_id=record.external_id)
    for flow in NAMES:
        mine |= Q(flow=flow, external_id__in=[part.external_id for part in parts if part.flow == flow])
    jobs = list(SyncJob.objects.filter(mine, connection=record.connection).order_by("-id")[:50])
    attempts = Attempt.objects.filter(job__in=jobs).select_related("job")
    events = InboxEvent.objects.defer("body").filter(**same).order_by("-received_at")[:100]
    moments = [
        *(event_moment(event) for event in events),
        *(job_moment(job) for job in jobs),
        *looks(record, attempts),
        *(error_moment(error) for error in SyncError.objects.filter(mine, connection=record.connection)),
        *(change_moment(entry) for entry in changes_of(record)),
        *placed_moment(record),
        *(comment_moment(one) for one in comments),
        *(asked_moment(call) for call in PaymentCall.objects.filter(**same)),
    ]
    return sorted(moments, key=lambda moment: moment.at, reverse=True)


def comment_moment(comment: Comment) -> Moment:
    """What a colleague wrote."""
    title = f"{comment.by.email if comment.by else 'Somebody who left'} wrote"
    return Moment(at=comment.at, title=title, tone="info", icon="user", kind="person", text=comment.text)


def placed_moment(record: Record) -> Iterator[Moment]:
    """The shopper's click, where the store has told when it was."""
    if record.source_placed_at:
        title = "Placed in the store"
        yield Moment(at=record.source_placed_at, title=title, tone="info", icon="user", kind="person")


def changes_of(record: Record) -> QuerySet[AuditEntry]:
    """What people did to this order."""
    words = [record.label, f"Order {record.external_id}", f"{record.flow} {record.external_id}"]
    rows = AuditEntry.objects.filter(merchant=record.connection.merchant, subject__in=[word for word in words if word])
    return rows.select_related("actor")


def asked_moment(call: PaymentCall) -> Moment:
    """What Heartland asked about a payment of the order, and what it was answered."""
    often = f", {call.asked} times" if call.asked > 1 else ""
    title = f"Heartland asked: {call.operation} of {call.amount}{often}"
    tone = {PaymentCall.State.DONE: "ok", PaymentCall.State.REFUSED: "warn"}.get(PaymentCall.State(call.state), "info")
    return Moment(at=call.began_at, title=title, tone=tone, icon="bolt", kind="message", text=call.sentence)


def event_moment(event: InboxEvent) -> Moment:
    repeats = f" ({event.deliveries} deliveries)" if event.deliveries > 1 else ""
    title = f"Webhook {event.topic}{repeats}"
    return Moment(at=event.received_at, title=title, tone="info", icon="bolt", kind="message")


def job_moment(job: SyncJob) -> Moment:
    together = f"{job.hints} messages made one look." if job.hints > 1 else ""
    return Moment(at=job.created_at, title=named(job, f"Queued by {job.cause}"), icon="clock", text=together)


def named(job: SyncJob, title: str) -> str:
    """What happened to a part of an order says to which."""
    what = NAMES.get(job.flow)
    number = job.external_id.rpartition(":")[2]  # a refund's stands behind its order's
    return f"{what} {number}: {title[0].lower()}{title[1:]}" if what else title


def looks(record: Record, attempts: QuerySet[Attempt]) -> Iterator[Moment]:
    """The tries as they followed one another, numbered through over all jobs of the order, and of each invoice."""
    whole = Attempt.objects.filter(job__connection=record.connection, job__flow=record.flow)
    missing = whole.filter(job__external_id=record.external_id).count()
    rows = sorted(attempts, key=lambda one: (one.began_at, one.pk))
    counts = Counter({record.external_id: missing - sum(one.job.flow == record.flow for one in rows)})
    for one in rows:
        key = one.job.external_id if one.job.flow == record.flow else f"{one.job.flow} {one.job.external_id}"
        counts[key] += 1
        yield attempt_moment(one, counts[key])


def attempt_moment(attempt: Attempt, number: int) -> Moment:
    tones = {
        "booked": ("ok", "check"),
        "cancelled": ("mute", "cross"),
        "skipped": ("mute", "skip"),
        "held": ("warn", "hand"),
        "retrying": ("info", "retry"),
        "dead": ("bad", "stop"),
        "in_flight": ("info", "clock"),
    }
    tone, icon = tones.get(attempt.outcome, ("mute", "dot"))
    return Moment(
        at=attempt.began_at,
        title=named(attempt.job, f"Look {number}"),
        tone=tone,
        icon=icon,
        text=attempt.sentence,
        attempt=attempt,
    )


def error_moment(error: SyncError) -> Moment:
    if error.resolved_at:
        return Moment(at=error.resolved_at, title="Problem solved", tone="ok", icon="check", text=error.reason)
    return Moment(at=error.first_seen_at, title="Problem noticed", tone="warn", icon="alert", text=error.reason)


def change_moment(entry: AuditEntry) -> Moment:
    title = f"{entry.who}: {audit_words(entry)}"
    return Moment(at=entry.at, title=title, tone="info", icon="user", kind="person")


def order_url(record: Record) -> str:
    return reverse("order", args=[record.connection.public_id, record.external_id])
