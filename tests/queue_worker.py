"""What the cluster's workers do, in this process: every token's task, in turn, until none is left."""

from datetime import timedelta

from django.utils import timezone
from django_q.models import OrmQ

from ipaas.queue import token_read
from syncjobs.models import Run, SyncJob
from syncjobs.tasks import task_of

ROUNDS = 400


def queue_work() -> list[str]:
    """Work the queue dry, what waits for its time too; answers the tasks that were called."""
    called: list[str] = []
    for _ in range(ROUNDS):
        row = OrmQ.objects.order_by("lock", "id").first()
        if row is None:
            return called
        row.delete()
        now = timezone.now()
        Run.objects.filter(state=Run.State.RUNNING, due_at__gt=now).update(due_at=now - timedelta(seconds=1))
        SyncJob.objects.filter(status=SyncJob.Status.PENDING, not_before__gt=now).update(not_before=now)
        token = token_read(row.payload)
        task_of(token)(*token.ids)
        called.append(token.task)
    raise AssertionError(f"the queue never ends: {called[-10:]}")
