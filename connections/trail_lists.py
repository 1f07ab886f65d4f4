"""The trail's entries as an owner asks for them: by what was done, by whom, to what, and when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from connections.models import AuditEntry, Connection, Merchant, User

LONGEST_ID = 18
YEARS = (2000, 2999)
TILLBRIDGE = "Tillbridge"  # what the product does by itself


@dataclass(frozen=True, kw_only=True)
class TrailFilters:
    """What the address asks for; what is not understood is left out."""

    action: str = ""
    who: str = ""
    what: str = ""
    since: date | None = None
    until: date | None = None
    before: int | None = None  # entries before this one: the next page


def filters_from(asked: Mapping[str, str]) -> TrailFilters:
    before = asked.get("before", "")
    return TrailFilters(
        action=asked.get("action", "")[:60],
        who=asked.get("who", "")[:254],
        what=asked.get("what", "").replace("\x00", "").strip()[:160],
        since=_day(asked.get("since", "")),
        until=_day(asked.get("until", "")),
        before=int(before) if before.isascii() and before.isdigit() and len(before) <= LONGEST_ID else None,
    )


def _day(text: str) -> date | None:
    """A date that a person may mean."""
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return None
    return day if YEARS[0] <= day.year <= YEARS[1] else None


def entries_for(merchant: Merchant) -> QuerySet[AuditEntry]:
    """What was done for the merchant, and to the accounts of its people."""
    people = User.objects.filter(memberships__merchant=merchant)
    ours = Q(merchant=merchant) | Q(merchant=None, person__in=people.values("pk"))
    return AuditEntry.objects.filter(ours).select_related("actor")


def filtered(merchant: Merchant, asked: TrailFilters) -> QuerySet[AuditEntry]:
    """The entries asked for, the newest first; days are the merchant's."""
    rows, zone = entries_for(merchant), ZoneInfo(merchant.time_zone)
    if asked.action:
        rows = rows.filter(action=asked.action)
    if asked.who:
        rows = rows.filter(actor=None) if asked.who == TILLBRIDGE else rows.filter(actor__email=asked.who)
    if asked.what:
        rows = rows.filter(subject__icontains=asked.what)
    if asked.since:
        rows = rows.filter(at__gte=datetime.combine(asked.since, time(), zone))
    if asked.until:
        rows = rows.filter(at__lt=datetime.combine(asked.until + timedelta(days=1), time(), zone))
    if asked.before is not None:
        rows = rows.filter(pk__lt=asked.before)
    return rows.order_by("-pk")


def last_change(merchant: Merchant, action: str, subject: str) -> AuditEntry | None:
    """The newest entry of this kind about this thing: who changed it."""
    rows = AuditEntry.objects.filter(merchant=merchant, action=action).select_related("actor")
    return (rows.filter(subject=subject[:160]) if subject else rows).order_by("-at").first()


def last_changes(connection: Connection, actions: Sequence[str], subjects: Iterable[object]) -> dict[str, AuditEntry]:
    """By thing of a store: the newest entry of these kinds about it; one query.

    Entries of before name no store: they count for every store of the merchant.
    """
    named = [str(subject)[:160] for subject in subjects]
    ours = Q(detail__store=str(connection.store)) | ~Q(detail__has_key="store")
    rows = AuditEntry.objects.filter(ours, merchant=connection.merchant, action__in=actions, subject__in=named)
    newest = rows.select_related("actor").order_by("subject", "-at", "-pk").distinct("subject")
    return {entry.subject: entry for entry in newest}
