"""Issues as cards: the cause, what waits behind it, its trend, whose it is, and whether anything was changed since."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Prefetch, Q, prefetch_related_objects

from connections.fixes import Fix, fix_for
from connections.models import AuditEntry, Connection, Role
from errors.failures import Owner
from errors.issues.error_filters import CLASSES
from errors.issues.issue_lists import Behind, behind
from errors.issues.trends import DAYS_SHOWN, trends
from errors.models import Issue, IssueNote, IssueTag, SyncError
from syncjobs.pages.errors.card_fixes import CardFix, card_fixes
from syncjobs.pages.errors.card_questions import CardQuestion, card_questions

MAY_FIX = (  # beginnings of acts of the trail that change what records wait for
    *("order_settings.", "value_map.", "field_default.", "item.", "items.", "item_settings.", "inventory", "location"),
    *("shipping_routes.", "stock", "heartland.", "store.", "hooks.", "connection.", "order.corrected"),
)

FIRST = 20  # records that unfold in a card


@dataclass(frozen=True, kw_only=True)
class IssueCard:
    """One issue as the tab shows it."""

    issue: Issue
    state: Issue.State
    behind: Behind
    first: Sequence[SyncError]  # of the open records behind it, the newest FIRST
    fix: Fix | None  # the page that fixes it
    form: CardFix | None  # or the form that does, here
    question: CardQuestion | None  # or what only a person can settle about its one record
    trend: Sequence[int]  # records a day, the oldest first
    tags: Sequence[str]
    notes: int
    is_changed: bool  # somebody changed something here after its records were last looked at

    @property
    def owner_words(self) -> str:
        return CLASSES[Owner(self.issue.owner)]

    @property
    def trend_words(self) -> str:
        """The trend for who does not see it."""
        total = sum(self.trend)
        records = "1 record" if total == 1 else f"{total} records"
        return f"{records} met this in {DAYS_SHOWN} days, {self.trend[-1]} in the last one"


def issue_cards(
    connection: Connection, issues: Collection[Issue], now: datetime, *, role: Role | None
) -> list[IssueCard]:
    """Cards of these issues for a person with this role, in their order; a fixed number of queries."""
    forms, questions = card_fixes(connection, issues, role), card_questions(connection, issues)
    waiting, days, tags, notes = behind(issues), trends(issues, now), tags_of(issues), notes_of(issues)
    changed_at, first = changed_last(connection), first_behind(issues)
    return [
        IssueCard(
            issue=issue,
            state=issue.state_at(now),
            behind=waiting.get(issue.pk, Behind()),
            first=first[issue.pk],
            fix=fix_for(connection, issue.fix_page),
            form=forms.get(issue.pk),
            question=questions.get(issue.pk),
            trend=days[issue.pk],
            tags=tags.get(issue.pk, ()),
            notes=notes.get(issue.pk, 0),
            is_changed=changed_at is not None and changed_at > issue.last_seen_at,
        )
        for issue in issues
    ]


def first_behind(issues: Collection[Issue]) -> Mapping[int, Sequence[SyncError]]:
    """The newest FIRST open records of each, by issue id; one query."""
    newest = SyncError.objects.open().order_by("-last_seen_at", "-pk").defer("answer", "violations")[:FIRST]
    prefetch_related_objects(list(issues), Prefetch("errors", newest, to_attr="newest"))
    return {issue.pk: vars(issue)["newest"] for issue in issues}


def tags_of(issues: Collection[Issue]) -> Mapping[int, list[str]]:
    """Tags by issue id."""
    found: dict[int, list[str]] = {}
    for issue_id, name in IssueTag.objects.filter(issue__in=issues).order_by("name").values_list("issue", "name"):
        found.setdefault(issue_id, []).append(name)
    return found


def notes_of(issues: Collection[Issue]) -> Mapping[int, int]:
    """How many notes, by issue id."""
    rows = IssueNote.objects.filter(issue__in=issues).order_by().values("issue").annotate(n=Count("pk"))
    return {row["issue"]: row["n"] for row in rows}


def changed_last(connection: Connection) -> datetime | None:
    """When somebody last changed what records may wait for: a setting, a link, a map. None if nobody ever did."""
    begins = Q()
    for words in MAY_FIX:
        begins |= Q(action__startswith=words)
    rows = AuditEntry.objects.filter(begins, merchant=connection.merchant).order_by("-at")
    return rows.values_list("at", flat=True).first()


def tag_names(connection: Connection) -> list[str]:
    """Every tag in use at the connection, for choosing one."""
    rows = IssueTag.objects.filter(issue__connection=connection).order_by("name").distinct()
    return list(rows.values_list("name", flat=True)[:100])
