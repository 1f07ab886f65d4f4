"""What the address of the Errors tab asks for, and the issues and records that fit it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from django.db.models import Count, DecimalField, Exists, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from connections.models import Connection
from connections.vocabulary import STATES
from errors.failures import Owner
from errors.models import Issue, IssueTag, SyncError, in_state

OPEN, SKIPPED, ASIDE = "open", "skipped", "aside"
RECORD_TABS = {
    OPEN: "Open",
    **{state: STATES[state] for state in ("held", "retrying", "dead", SKIPPED, "resolved")},
}
AGES = {  # first seen longer ago than this
    "1h": (timedelta(hours=1), "older than 1 hour"),
    "1d": (timedelta(days=1), "older than 1 day"),
    "3d": (timedelta(days=3), "older than 3 days"),
    "7d": (timedelta(days=7), "older than 7 days"),
}
FLOWS = {"orders": "Orders", "shipments": "Invoices", "returns": "Returns", "items": "Products", "stock": "Stock",
         "refunds": "Refunds", "customers": "Customers", "cards": "Gift cards", "points": "Points",
         "desk_orders": "Desk orders", "runs": "Runs", "feeds": "Looks for news"}  # fmt: skip
CLASSES: dict[str, str] = {  # by Owner
    Owner.MERCHANT: "Yours to fix",
    Owner.NOBODY: "Heals by itself",
    Owner.OPERATOR: "Needs our support",
}
ME, NOBODY = "me", "nobody"
AS_IT_OPENS = {("state", OPEN), ("issues", OPEN)}
MOST_COUNTED = 1_000  # rows of a tab that are counted; more are "1,000+"


@dataclass(frozen=True, kw_only=True)
class ErrorFilters:
    """What an address asks for; what stands at its default asks for nothing."""

    state: str = OPEN  # a tab of records
    issues: str = OPEN  # a tab of issues: Issue.State, or ASIDE for snoozed and ignored ones
    issue: int | None = None
    flow: str = ""
    owner: str = ""  # errors.failures.Owner
    age: str = ""
    money: Decimal | None = None  # at least, whatever the currency
    assignee: str = ""  # ME, NOBODY or a person's number
    tag: str = ""
    text: str = ""

    @property
    def address(self) -> dict[str, str]:
        """The parts of an address that ask for the same of any store: no single cause, which is one store's."""
        money = str(self.money or "")
        given = {"state": self.state, "issues": self.issues, "flow": self.flow, "owner": self.owner, "age": self.age,
                 "money": money, "assignee": self.assignee, "tag": self.tag, "q": self.text}  # fmt: skip
        return {name: value for name, value in given.items() if value and (name, value) not in AS_IT_OPENS}


def filters_from(asked: Mapping[str, str]) -> ErrorFilters:
    """Filters of an address; what is not understood is left out."""
    tabs = {*Issue.State.values, ASIDE}
    return ErrorFilters(
        state=one_of(asked, "state", RECORD_TABS, OPEN),
        issues=one_of(asked, "issues", tabs, OPEN),
        issue=number(asked.get("issue", "")),
        flow=one_of(asked, "flow", FLOWS),
        owner=one_of(asked, "owner", CLASSES),
        age=one_of(asked, "age", AGES),
        money=amount(asked.get("money", "")),
        assignee=who if (who := asked.get("assignee", "")) in {ME, NOBODY} or number(who) else "",
        tag=asked.get("tag", "").strip().lower()[:40],
        text=asked.get("q", "").strip()[:80],
    )


def one_of(asked: Mapping[str, str], name: str, known: Mapping[str, object] | set[str], default: str = "") -> str:
    value = asked.get(name, default)
    return value if value in known else default


def number(text: str) -> int | None:
    """A primary key of an address; None for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


def amount(text: str) -> Decimal | None:
    """A sum of an address, such as `100` or `99.50`; None for what is none."""
    plain = text.strip().replace(",", "")
    if not plain or len(plain) > 12 or not plain.isascii():
        return None
    try:
        value = Decimal(plain)
    except InvalidOperation:
        return None
    return value if value.is_finite() and 0 < value < 10**9 else None


def errors_filtered(
    connection: Connection, filters: ErrorFilters, *, me: int = 0, now: datetime
) -> QuerySet[SyncError]:
    """Records with a problem, newest first. `me`: who looks, for what is theirs."""
    rows = SyncError.objects.filter(connection=connection)
    if filters.state == OPEN:
        rows = rows.open()
    elif filters.state in SyncError.State.values:
        rows = rows.filter(state=filters.state)
    else:
        rows = rows.none()
    causes = causes_of(filters, me)
    if causes is not None:
        rows = rows.filter(Exists(causes.filter(errors=OuterRef("pk"))) | _theirs(filters, me))
    if filters.flow:
        rows = rows.filter(flow=filters.flow)
    if filters.age:
        rows = rows.filter(first_seen_at__lte=now - AGES[filters.age][0])
    if filters.money is not None:
        rows = rows.filter(amount__gte=filters.money)
    return rows.filter(named(filters.text)).order_by("-last_seen_at", "-id")


def _theirs(filters: ErrorFilters, me: int) -> Q:
    """Of records that are somebody's themselves: whoever's their issues are. Only where nothing else is asked."""
    asks_more = filters.issue or filters.owner or filters.tag
    if not filters.assignee or filters.assignee == NOBODY or asks_more:
        return Q(pk__in=[])
    return Q(assignee=me if filters.assignee == ME else number(filters.assignee))


def causes_of(filters: ErrorFilters, me: int) -> QuerySet[Issue] | None:
    """The issues that records must belong to; None where any will do."""
    rows = Issue.objects.all()
    if filters.issue is not None:
        rows = rows.filter(pk=filters.issue)
    if filters.owner:
        rows = rows.filter(owner=filters.owner)
    if filters.assignee:
        rows = rows.filter(assigned_to(filters.assignee, me))
    if filters.tag:
        rows = rows.filter(Exists(IssueTag.objects.filter(issue=OuterRef("pk"), name=filters.tag)))
    asks = filters.issue is not None or filters.owner or filters.assignee or filters.tag
    return rows if asks else None


def assigned_to(who: str, me: int) -> Q:
    if who == NOBODY:
        return Q(assignee=None)
    return Q(assignee=me if who == ME else number(who))


def named(text: str) -> Q:
    """A number is an order's, not part of somebody's SKU; other words are looked for in labels and reasons."""
    plain = text.lstrip("#")
    if not plain:
        return Q()
    if plain.isdigit():
        return Q(external_id=plain)
    return Q(external_id=plain) | Q(label__icontains=plain) | Q(reason__icontains=plain)


def issues_filtered(connection: Connection, filters: ErrorFilters, *, me: int = 0, now: datetime) -> QuerySet[Issue]:
    """Issues of a tab that fit, most money first; of equal money those with more records, then the older ones."""
    rows = Issue.objects.filter(connection=connection)
    rows = rows.set_aside(now) if filters.issues == ASIDE else rows.in_state(Issue.State(filters.issues), now)
    if filters.owner:
        rows = rows.filter(owner=filters.owner)
    if filters.assignee:
        rows = rows.filter(assigned_to(filters.assignee, me))
    if filters.tag:
        rows = rows.filter(Exists(IssueTag.objects.filter(issue=OuterRef("pk"), name=filters.tag)))
    if filters.age:
        rows = rows.filter(first_seen_at__lte=now - AGES[filters.age][0])
    if filters.flow:
        rows = rows.filter(Exists(SyncError.objects.filter(issues=OuterRef("pk"), flow=filters.flow)))
    if filters.text:
        rows = rows.filter(Q(title__icontains=filters.text) | Q(code__icontains=filters.text) | _with(filters.text))
    weighed = rows.annotate(money=_sum_behind(), waiting=_count_behind())
    if filters.money is not None:
        weighed = weighed.filter(money__gte=filters.money)
    if filters.issues == Issue.State.RESOLVED:
        return weighed.order_by("-last_seen_at", "-pk")
    return weighed.order_by("-money", "-waiting", "first_seen_at", "pk")


def _with(text: str) -> Q:
    return Q(Exists(SyncError.objects.open().filter(named(text), issues=OuterRef("pk"))))


def _behind() -> QuerySet[SyncError]:
    return SyncError.objects.open().filter(issues=OuterRef("pk")).order_by()


def _sum_behind() -> Coalesce:
    money = DecimalField(max_digits=16, decimal_places=2)
    sums = _behind().values("issues").annotate(found=Sum("amount")).values("found")
    return Coalesce(Subquery(sums, output_field=money), Value(0, money))


def _count_behind() -> Coalesce:
    return Coalesce(Subquery(_behind().values("issues").annotate(found=Count("pk")).values("found")), 0)


def issue_counts(connection: Connection, now: datetime) -> dict[str, int]:
    """Issues by tab; one query."""
    names = {str(state): Count("pk", filter=in_state(state, now)) for state in Issue.State}
    return Issue.objects.filter(connection=connection).aggregate(**names)


def record_counts(connection: Connection) -> dict[str, int]:
    """Records by tab, as far as they have a problem of their own; two queries. Resolved ones up to MOST_COUNTED."""
    rows = SyncError.objects.filter(connection=connection)
    found = rows.open().order_by().values("state").annotate(n=Count("id"))
    counts = {row["state"]: row["n"] for row in found}
    counts[OPEN] = sum(counts.values())
    counts["resolved"] = rows.filter(state=SyncError.State.RESOLVED).order_by()[:MOST_COUNTED].count()
    return counts
