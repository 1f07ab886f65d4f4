"""What waits behind issues: records, money and age; SKUs and values that orders wait for."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Min, QuerySet, Sum

from connections.models import Connection
from errors.failures import Owner, Violation
from errors.issues.record_errors import fingerprint
from errors.models import Issue, SyncError

ITEM_CODES = ("item_not_linked", "item_inactive")


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
            sku=value_of(issue),
            reason=issue.title,
            fix=issue.fix,
            records=count,
            issue_id=issue.pk,
        )
        for issue, count in sorted(rows, key=lambda row: -row[1])
    ]


def value_of(issue: Issue) -> str:
    """What the cause is about, such as a SKU; of an issue that an older version noted, as a record behind it says."""
    return issue.value or cause_in(issue.errors.open().first(), issue).get("value", "")


def cause_in(error: SyncError | None, issue: Issue) -> dict[str, str]:
    """The violation of a record that belongs to the issue."""
    rows: list[dict[str, str]] = error.violations if error else []
    owner = Owner(issue.owner)
    return next((row for row in rows if fingerprint(owner, Violation(**row)) == issue.fingerprint), {})


def errors_behind(issue: Issue) -> QuerySet[SyncError]:
    """The records that wait for an issue's fix, oldest first."""
    return SyncError.objects.open().filter(issues=issue).order_by("first_seen_at", "pk")
