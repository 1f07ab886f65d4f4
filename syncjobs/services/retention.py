"""What is not kept for ever: raw callbacks, and the queue's own notes of failed tasks."""

from datetime import datetime, timedelta

from django.conf import settings
from django_q.models import Failure

from syncjobs.models import InboxEvent

AT_ONCE = 5000
SHORTEST = timedelta(hours=72)  # delivery keys must outlive the 48 hours in which BigCommerce retries


def retention_apply(now: datetime) -> int:
    """Delete what is older than PAYLOAD_RETENTION_DAYS, in small transactions; answers how many callbacks."""
    oldest = now - max(SHORTEST, timedelta(days=settings.PAYLOAD_RETENTION_DAYS))
    Failure.objects.filter(stopped__lt=oldest).delete()
    deleted = 0
    while True:
        expired = InboxEvent.objects.filter(received_at__lt=oldest).order_by("pk").values_list("pk", flat=True)
        count, _ = InboxEvent.objects.filter(pk__in=list(expired[:AT_ONCE])).delete()
        deleted += count
        if count < AT_ONCE:
            return deleted
