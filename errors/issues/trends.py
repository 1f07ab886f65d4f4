"""How often a cause is met: records an hour, kept for a month, drawn as days or hours."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.db.models import F

from errors.models import Issue, IssueCount

KEPT = timedelta(days=30)
DAYS_SHOWN = 14
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def count_records(issues: Collection[int], now: datetime) -> None:
    """A record has met these causes for the first time since it last went through."""
    hour = hour_of(now)
    for pk in sorted(issues):  # in one order, so that two workers never wait for each other
        if not IssueCount.objects.filter(issue=pk, hour=hour).update(records=F("records") + 1):
            IssueCount.objects.get_or_create(issue_id=pk, hour=hour)
            IssueCount.objects.filter(issue=pk, hour=hour).update(records=F("records") + 1)


def hour_of(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def trends(issues: Collection[Issue], now: datetime) -> Mapping[int, list[int]]:
    """By issue id: records a day over the last DAYS_SHOWN times 24 hours, the oldest first; one query."""
    newest = hour_of(now) + HOUR
    rows = IssueCount.objects.filter(issue__in=issues, hour__gte=newest - DAYS_SHOWN * DAY, hour__lt=newest)
    found: dict[int, Counter[int]] = {issue.pk: Counter() for issue in issues}
    for pk, hour, records in rows.values_list("issue", "hour", "records"):
        found[pk][DAYS_SHOWN - 1 - (newest - HOUR - hour) // DAY] += records
    return {pk: [counts[day] for day in range(DAYS_SHOWN)] for pk, counts in found.items()}


def trend_by_hour(issue: Issue, now: datetime) -> list[int]:
    """Records an hour over the last day, the oldest first."""
    newest = hour_of(now) + HOUR
    rows = IssueCount.objects.filter(issue=issue, hour__gte=newest - DAY, hour__lt=newest)
    counts = dict(rows.values_list("hour", "records"))
    return [counts.get(newest - HOUR * back, 0) for back in range(24, 0, -1)]
