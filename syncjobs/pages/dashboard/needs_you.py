"""What waits for a person: lost access, unfinished set-up, stock, the nightly check, open issues by money and age."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils import timezone

from connections.fixes import Fix, fix_for
from connections.models import AccessState, Connection
from connections.preflight.findings import Severity
from connections.preflight.kept import preflight_known
from connections.store_kinds import profile_of
from connections.vocabulary import FIX
from errors.issues.issue_lists import Behind, behind
from errors.models import Issue, SyncError
from mappings.core.rules.stock_arithmetic import Clamp
from mappings.models import StockLevel
from syncjobs.models import CustomerQuestion
from syncjobs.pages.dashboard.dashboard_scope import Scope
from syncjobs.pages.errors import card_fixes, card_questions
from syncjobs.pages.lists.keyset import count_words, some
from syncjobs.pages.orders.pipeline import LEFT_OPEN
from syncjobs.stock.plan import plan_of, settings_of
from syncjobs.stock.stale_guard import blind_since

NOUNS = {  # by flow
    "orders": "order", "shipments": "invoice", "returns": "return", "stock": "SKU", "items": "product", "runs": "run",
    "feeds": "look", "points": "account",
}  # fmt: skip
WAITING = ~Q(errors__state=SyncError.State.RESOLVED)
URGENT_FINDINGS = {"capture"}  # of the nightly check: money that may not be there any more when goods ship


@dataclass(frozen=True, kw_only=True)
class Need:
    """Something that waits for a person, with its one button."""

    title: str
    detail: str
    store: str
    icon: str
    tone: str
    fix: Fix | None
    href: str = ""
    money: tuple[tuple[str, Decimal], ...] = ()  # (currency, amount)
    records: int = 0
    noun: str = "order"  # what is counted
    since: datetime | None = None


def needs(scope: Scope) -> list[Need]:
    """What waits for a person: broken access first, then unfinished set-up, then issues by money and age."""
    found = [need for connection in scope.connections for need in connection_needs(connection)]
    issues = issue_needs(scope.connections, scope.now)
    issues.sort(key=lambda need: (-sum((amount for _, amount in need.money), Decimal(0)), need.since or scope.now))
    return found + issues + aside_needs(scope)


def connection_needs(connection: Connection) -> list[Need]:
    """Reconnect, or finish setting up."""
    store, page = str(connection.store), reverse("connection", args=[connection.public_id])
    found = [
        Need(
            title=f"{name} no longer lets us in",
            detail=f"{reason or 'The access was revoked.'} Orders wait; none is lost.",
            store=store,
            icon="plug",
            tone="bad",
            fix=Fix(href=page, label="Reconnect"),
        )
        for name, state, reason in (
            ("Heartland", connection.heartland.state, connection.heartland.state_reason),
            (profile_of(connection.store).name, connection.store.state, connection.store.state_reason),
        )
        if state in {AccessState.REVOKED, AccessState.DISCONNECTED}
    ]
    if connection.state == Connection.State.SETTING_UP:
        found.append(
            Need(
                title="Set-up is not finished",
                detail="Orders come to Heartland once location, station and payment type are chosen.",
                store=store,
                icon="wrench",
                tone="info",
                fix=Fix(href=reverse("setup", args=[connection.public_id]), label="Finish set-up"),
            )
        )
    found += left_needs(connection)
    found += preflight_needs(connection)
    found += stock_needs(connection)
    found += question_needs(connection)
    if blind := blind_since(connection, timezone.now()):
        found.append(
            Need(
                title="Heartland's stock has not been heard of for too long",
                detail="The last pieces are off sale in the store until it answers; then they are offered again.",
                store=store,
                icon="stop",
                tone="bad",
                fix=Fix(href=reverse("inventory", args=[connection.public_id]), label="Open inventory"),
                since=blind,
            )
        )
    return found


def left_needs(connection: Connection) -> list[Need]:
    """Orders that nobody has to pack any more, although Heartland waits for it: they are in no other alert."""
    rows = Scope(connections=[connection]).orders.filter(LEFT_OPEN).order_by("booked_at")
    count = some(rows)
    if not count:
        return []
    one = count == 1
    listed = urlencode({"stage": "left", "store": str(connection.public_id)})
    return [
        Need(
            title="An order has left the store, and is open in Heartland"
            if one
            else f"{count_words(count)} orders have left the store, and are open in Heartland",
            detail="Shipped or given back in the store: nobody is to pack them. Say on each order's page from where it "
            "left, or call it back from the location that is still asked to ship it.",
            store=str(connection.store),
            icon="truck",
            tone="info",
            fix=Fix(href=f"{reverse('orders')}?{listed}", label="See which"),
            records=count,
            since=rows.values_list("booked_at", flat=True).first(),
        )
    ]


def question_needs(connection: Connection) -> list[Need]:
    """What is asked about customers, as one."""
    asked = (
        CustomerQuestion.objects.open().filter(connection=connection).aggregate(n=Count("pk"), since=Min("asked_at"))
    )
    if not asked["n"]:
        return []
    return [
        Need(
            title=f"{asked['n']} question{'' if asked['n'] == 1 else 's'} about customers",
            detail="Nothing tells who an account is, or whose value is later. Orders go on; the accounts wait.",
            store=str(connection.store),
            icon="user",
            tone="info",
            fix=fix_for(connection, "customer_questions"),
            records=asked["n"],
            noun="question",
            since=asked["since"],
        )
    ]


def stock_needs(connection: Connection) -> list[Need]:
    """Nothing may be sold for want of a location; numbers that are not what Heartland's stock adds up to."""
    if not settings_of(connection).follows:
        return []
    levels = StockLevel.objects.filter(connection=connection, clamps__contains=Clamp.NEGATIVE)
    common: dict[str, Any] = {"store": str(connection.store)}
    page, found = reverse("inventory", args=[connection.public_id]), list[Need]()
    if not plan_of(connection).sources:
        found.append(
            Need(
                title="No location counts, so nothing is offered in the store",
                detail="Choose the Heartland locations whose stock may be sold online.",
                icon="stop",
                tone="bad",
                fix=Fix(href=f"{page}#counting", label="Choose locations"),
                **common,
            )
        )
    if count := levels.count():
        found.append(
            Need(
                title=f"{count} SKU{'' if count == 1 else 's'} with fewer than none in Heartland",
                detail="More was sold or kept back than there is: the store shows none. Count them in Heartland.",
                icon="alert",
                tone="info",
                fix=Fix(href=f"{page}#clamped", label="See which"),
                **common,
            )
        )
    return found


def preflight_needs(connection: Connection) -> list[Need]:
    """What the nightly look at both systems found: the worst first, in one card."""
    known = preflight_known(connection)
    if known is None:
        return []
    blocks = known.of(Severity.BLOCK)
    warnings = [finding for finding in known.of(Severity.WARN) if finding.code in URGENT_FINDINGS]
    if not (blocks or warnings):
        return []
    first, more = (blocks + warnings)[0], len(blocks) + len(warnings) - 1
    return [
        Need(
            title="The nightly check found what holds orders up" if blocks else "The nightly check found something",
            detail=first.sentence + (f" And {more} more." if more else ""),
            store=str(connection.store),
            icon="stop" if blocks else "alert",
            tone="bad" if blocks else "warn",
            fix=Fix(href=reverse("preflight", args=[connection.public_id]), label="See all, with fixes"),
            since=known.at,
        )
    ]


def issue_needs(connections: list[Connection], now: datetime) -> list[Need]:
    """Open issues that a person has to mend and nobody set aside, as cards."""
    rows = Issue.objects.calling(now).filter(connection__in=connections).exclude(owner="nobody")
    issues = list(rows.select_related("connection__store", "connection__heartland"))
    waiting = behind(issues)
    return [issue_need(issue, waiting.get(issue.pk, Behind())) for issue in issues]


def aside_needs(scope: Scope) -> list[Need]:
    """What people snoozed or ignored, counted: it calls for nobody, and is not silent either."""
    rows = Issue.objects.set_aside(scope.now).filter(connection__in=scope.connections)
    by_store = rows.values("connection").annotate(n=Count("pk", distinct=True), waiting=Count("errors", filter=WAITING))
    counts = {row["connection"]: row for row in by_store}
    return [
        Need(
            title="A cause is set aside" if counts[one.pk]["n"] == 1 else f"{counts[one.pk]['n']} causes are set aside",
            detail="Snoozed or ignored by your people: their records wait, and the daily proof names them.",
            store=str(one.store),
            icon="pause",
            tone="info",
            fix=Fix(href=f"{reverse('errors', args=[one.public_id])}?issues=aside", label="See which"),
            records=counts[one.pk]["waiting"],
            noun="record",
        )
        for one in scope.connections
        if one.pk in counts
    ]


def label_of(issue: Issue) -> str:
    """What is done in the cause's own card; "" where it is done elsewhere."""
    return "Decide" if issue.code in card_questions.CODES else FIX if issue.code in card_fixes.KINDS else ""


def issue_need(issue: Issue, waiting: Behind) -> Need:
    """An issue as a card: what, how many records, how much money, since when."""
    errors_page = f"{reverse('errors', args=[issue.connection.public_id])}?issue={issue.pk}"
    is_theirs = issue.owner == "merchant"
    here = Fix(href=reverse("issue", args=[issue.connection.public_id, issue.pk]), label=label_of(issue))
    return Need(
        title=issue.title,
        detail=issue.fix,
        store=str(issue.connection.store),
        icon="hand" if is_theirs else "stop",
        tone="warn" if is_theirs else "bad",
        fix=here
        if here.label
        else fix_for(issue.connection, issue.fix_page) or Fix(href=errors_page, label="Look at it"),
        href=errors_page,
        money=waiting.money,
        records=waiting.records,
        noun=NOUNS.get(waiting.flow, "record"),
        since=waiting.since or issue.first_seen_at,
    )
