"""What the cluster's workers do, in this process: every token's task, in turn, until none is left."""

import time
from datetime import timedelta

from django.utils import timezone
from django_q.models import OrmQ

from ipaas.queue import token_read
from syncjobs.models import Run, SyncJob
from syncjobs.tasks import task_of

SECONDS = 90.0
PAUSE = 0.05  # seconds after a task that found nothing to do: a permit of a rate limit comes with time alone
NOTHING_DONE = "0 jobs"


def queue_work() -> list[str]:
    """Work the queue dry, what waits for its time too; answers the tasks that were called."""
    called: list[str] = []
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        row = OrmQ.objects.order_by("lock", "id").first()
        if row is None:
            return called
        row.delete()
        now = timezone.now()
        Run.objects.filter(state=Run.State.RUNNING, due_at__gt=now).update(due_at=now - timedelta(seconds=1))
        SyncJob.objects.filter(status=SyncJob.Status.PENDING, not_before__gt=now).update(not_before=now)
        token = token_read(row.payload)
        if task_of(token)(*token.ids) == NOTHING_DONE:
            time.sleep(PAUSE)
        called.append(token.task)
    raise AssertionError(f"the queue never ends: {called[-10:]}")
