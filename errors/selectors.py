"""Reading problems across models. The lists that people see are in `listing.py`."""

from django.db.models import QuerySet

from errors.models import Issue, SyncError


def errors_behind(issue: Issue) -> QuerySet[SyncError]:
    """The records that wait for an issue's fix, oldest first."""
    return SyncError.objects.open().filter(issues=issue).order_by("first_seen_at", "pk")
