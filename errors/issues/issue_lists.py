"""The Errors tab's lists: issues by cause, and records by filter."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Min, Q, QuerySet, Sum

from connections.fixes import Fix, fix_for
from connections.models import Connection
from errors.failures import Owner, Violation
from errors.issues.record_errors import fingerprint
from errors.models import Issue, SyncError

OPEN = "open"
ISSUES_SHOWN = 50
ITEM_CODES = ("item_not_linked", "item_inactive")
TABS = {
    OPEN: "Open",
    "held": "Held for you",
    "retrying": "Retrying",
    "dead": "Dead letters",
    "resolved": "Resolved",
}


@dataclass(frozen=True, kw_only=True)
class ErrorFilters:
    """What the address of the Errors tab asks for."""

    state: str = OPEN
    issue: int | None = None
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class IssueRow:
    """An open issue with what waits behind it."""

    issue: Issue
    behind: "Behind"
    fix: Fix | None


def filters_from(asked: Mapping[str, str]) -> ErrorFilters:
    """Filters of an address; what is not understood is left out."""
    issue = asked.get("issue", "")
    return ErrorFilters(
        state=asked.get("state", OPEN) if asked.get("state") in TABS else OPEN,
        issue=int(issue) if issue.isascii() and issue.isdigit() and len(issue) < 18 else None,
        text=asked.get("q", "").strip()[:80],
    )


def errors_filtered(connection: Connection, filters: ErrorFilters) -> QuerySet[SyncError]:
    """Records with a problem, newest first."""
    rows = SyncError.objects.filter(connection=connection)
    rows = rows.open() if filters.state == OPEN else rows.filter(state=filters.state)
    if filters.issue is not None:
        rows = rows.filter(issues=filters.issue)
    text = filters.text.lstrip("#")
    if text.isdigit():  # a number is an order's, not part of somebody's SKU
        rows = rows.filter(external_id=text)
    elif text:
        rows = rows.filter(Q(external_id=text) | Q(label__icontains=text) | Q(reason__icontains=text))
    return rows.order_by("-last_seen_at", "-id")


def state_counts(connection: Connection) -> dict[str, int]:
    """Records by tab."""
    rows = SyncError.objects.filter(connection=connection).values("state").annotate(n=Count("id"))
    counts = {row["state"]: row["n"] for row in rows}
    counts[OPEN] = sum(n for state, n in counts.items() if state != SyncError.State.RESOLVED)
    return counts


@dataclass(frozen=True, kw_only=True)
class Behind:
    """What waits behind an issue."""

    records: int = 0
    flow: str = ""  # of all of them; "": of several
    money: tuple[tuple[str, Decimal], ...] = ()  # (currency, amount)
    since: datetime | None = None


def behind(issues: Collection[Issue]) -> dict[int, Behind]:
    """By issue id: records, money and age of what waits; one query."""
    rows = SyncError.objects.open().filter(issues__in=issues).order_by().values("issues", "currency", "flow")
    found: dict[int, Behind] = {}
    for row in rows.annotate(n=Count("id"), total=Sum("amount"), first=Min("first_seen_at")):
        known = found.get(row["issues"], Behind())
        found[row["issues"]] = Behind(
            records=known.records + row["n"],
            flow=row["flow"] if known.flow in ("", row["flow"]) and (known.flow or not known.records) else "",
            money=(*known.money, (row["currency"], row["total"])) if row["total"] else known.money,
            since=min(known.since or row["first"], row["first"]),
        )
    return found


def issues_open(connection: Connection) -> list[IssueRow]:
    """Open issues, those with most records first."""
    issues = list(Issue.objects.filter(connection=connection, is_open=True).order_by("first_seen_at"))
    waiting = behind(issues)
    rows = [
        IssueRow(issue=issue, fix=fix_for(connection, issue.fix_page), behind=waiting.get(issue.pk, Behind()))
        for issue in issues
    ]
    return sorted(rows, key=lambda row: -row.behind.records)[:ISSUES_SHOWN]


def waiting_by_value(connection: Connection, code: str) -> Counter[str]:
    """How many records wait on each value, for one code of violation."""
    rows = SyncError.objects.open().filter(connection=connection, issues__code=code).distinct()
    counts: Counter[str] = Counter()
    for _, violations in rows.values_list("pk", "violations"):
        counts.update({row["value"] for row in violations if row.get("code") == code})
    return counts


@dataclass(frozen=True, kw_only=True)
class Unlinked:
    """A SKU without a Heartland item that orders wait for."""

    sku: str
    reason: str
    fix: str
    records: int
    issue_id: int


def unlinked_skus(connection: Connection) -> list[Unlinked]:
    """SKUs that hold orders back, those with most orders first."""
    issues = list(Issue.objects.filter(connection=connection, is_open=True, code__in=ITEM_CODES).order_by("pk"))
    waiting = behind(issues)
    rows = [(issue, waiting.get(issue.pk, Behind()).records) for issue in issues]
    return [
        Unlinked(
            sku=cause_in(issue.errors.open().first(), issue).get("value", ""),
            reason=issue.title,
            fix=issue.fix,
            records=count,
            issue_id=issue.pk,
        )
        for issue, count in sorted(rows, key=lambda row: -row[1])
    ]


def cause_in(error: SyncError | None, issue: Issue) -> dict[str, str]:
    """The violation of a record that belongs to the issue."""
    rows: list[dict[str, str]] = error.violations if error else []
    owner = Owner(issue.owner)
    return next((row for row in rows if fingerprint(owner, Violation(**row)) == issue.fingerprint), {})


def errors_behind(issue: Issue) -> QuerySet[SyncError]:
    """The records that wait for an issue's fix, oldest first."""
    return SyncError.objects.open().filter(issues=issue).order_by("first_seen_at", "pk")
