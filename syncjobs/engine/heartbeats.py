"""Signs of life: when each host last worked for each class of service."""

import socket
import time

from django.db.models.functions import Now

from syncjobs.models import WorkerBeat

SECONDS = 15.0  # at most one write per process and queue in this time

_last: dict[str, float] = {}


def heartbeat(queue: str) -> bool:
    """Note that this host works this queue; False when that was noted a moment ago."""
    now = time.monotonic()
    if now - _last.get(queue, -SECONDS) < SECONDS:
        return False
    _last[queue] = now
    WorkerBeat.objects.update_or_create(host=socket.gethostname()[:80], queue=queue, defaults={"at": Now()})
    return True
