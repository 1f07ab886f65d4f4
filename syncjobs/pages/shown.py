"""Pages act only on what they showed: a form carries a mark of the state it was drawn for."""

import hashlib
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils import timezone

from connections.models import AuditEntry, Merchant
from errors.models import SyncError
from syncjobs.models import Record

DECISIONS = {  # what people decide about a record, in words
    "order.decided": "decided about it",
    "order.undecided": "took a decision back",
    "record.stopped": "stopped its retries",
    "record.closed": "closed it",
    "record.reopened": "took its closing back",
    "order.distributed": "distributed it",
    "order.left": "said that it left",
    "order.called_back": "called it back",
}
REWRITES = ("items",)  # flows whose retry writes over what somebody else wrote


def mark_of(record: Record) -> str:
    """Differs when what a page says of the record differs."""
    parts = [record.disposition, record.code, record.reason, record.state, record.target_id, record.choice]
    asked = str(record.facts.get("about", ""))  # two edits at the desk may read alike
    return hashlib.sha256("\x1f".join([*parts, record.choice_about, asked]).encode()).hexdigest()[:16]


def moved_on(record: Record) -> str:
    """Why a form is not acted on: who decided meanwhile, or that the record is another now."""
    merchant = record.connection.merchant
    decided = AuditEntry.objects.filter(merchant=merchant, subject=str(record), action__in=DECISIONS.keys())
    last = decided.filter(at__gte=record.first_seen_at).select_related("actor").order_by("-at").first()
    who = f" {last.who} {decision_words(last)} at {clock(last.at, merchant)}." if last else ""
    return f"Nothing was done: {record} is not as this page showed it any more.{who} Look at what it says now."


def clock(moment: datetime, merchant: Merchant) -> str:
    """`15:25 CDT`, as the merchant's clocks show it."""
    return f"{timezone.localtime(moment, ZoneInfo(merchant.time_zone)):%H:%M %Z}"


def decision_words(entry: AuditEntry) -> str:
    """What a person decided, from the audit trail."""
    choice = entry.detail.get("choice", "")
    chosen = f" (“{Record.Choice(choice).label}”)" if choice in Record.Choice.values else ""
    return f"{DECISIONS[entry.action]}{chosen}"


def drawn_at(text: str) -> datetime | None:
    """When the form's page was drawn; None when it does not say."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def as_drawn(rows: QuerySet[SyncError], drawn: datetime | None, *, strictly: bool = False) -> QuerySet[SyncError]:
    """The problems that stood on the page; `strictly`: and of which nothing was said since.

    A retry of an order only looks again; one that writes over somebody's edit must be about the edit that was shown.
    """
    if drawn is None:
        return rows.none()
    news = Q(last_seen_at__gt=drawn) if strictly else Q(flow__in=REWRITES, last_seen_at__gt=drawn)
    return rows.filter(first_seen_at__lte=drawn).exclude(news)
