"""What is not kept for ever: raw callbacks, shoppers' texts, single differences of runs, what the cache forgot."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django_q.models import Task

from ipaas.cache import expired_delete
from syncjobs.models import InboxEvent, OrderText, RunChange, StockMove

AT_ONCE = 5000
SHORTEST = timedelta(hours=72)  # delivery keys must outlive the 48 hours in which BigCommerce retries


def retention_apply(now: datetime) -> int:
    """Delete what is older than PAYLOAD_RETENTION_DAYS, in small transactions; answers how many callbacks."""
    oldest = now - max(SHORTEST, timedelta(days=settings.PAYLOAD_RETENTION_DAYS))
    Task.objects.filter(stopped__lt=oldest).delete()  # results that versions before this one kept
    expired_delete()
    _delete(RunChange.objects.filter(run__finished_at__lt=oldest))
    _delete(OrderText.objects.filter(read_at__lt=oldest))
    _delete(StockMove.objects.filter(at__lt=oldest))
    return _delete(InboxEvent.objects.filter(received_at__lt=oldest))


def _delete(expired: QuerySet[Any]) -> int:
    """All of them, AT_ONCE in a transaction; answers how many."""
    deleted = 0
    while True:
        ids = list(expired.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
        count, _ = expired.model.objects.filter(pk__in=ids).delete()
        deleted += int(count)
        if count < AT_ONCE:
            return deleted
