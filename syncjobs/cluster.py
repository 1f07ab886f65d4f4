"""What the processes of a cluster do in place of django-q2's pusher, monitor and scheduler.

Theirs unpickle tokens, call what a dotted path in them names, evaluate arguments that stand in a table and keep results
as pickles. Here a token is verified before anything of it is heeded; whatever else stands in the queue is acknowledged,
counted (`Refusal`) and reported, and the cluster goes on.
"""

import logging
import time
from contextlib import suppress
from multiprocessing.synchronize import Event
from typing import Any

from django.db import close_old_connections
from django.utils import timezone

from ipaas.queue import DATABASE_AWAY, NotOurs, token_read
from syncjobs.engine.schedules import schedules_ring
from syncjobs.intake.inbox import refusal_count
from syncjobs.tasks import task_of

logger = logging.getLogger(__name__)

BROKEN_SECONDS = 10.0  # before a cluster ends that cannot take tokens


def pusher(task_queue: Any, event: Event, broker: Any) -> None:
    """Hand tokens to the workers until told to stop."""
    while not event.is_set():
        try:
            rows = broker.dequeue() or []
        except Exception:
            logger.exception("no tokens can be taken")
            time.sleep(BROKEN_SECONDS)
            return
        for row_id, text in rows:
            call = call_of(row_id, text)
            if call is None:
                broker.acknowledge(row_id)
            else:
                task_queue.put(call)


def call_of(row_id: int, text: str) -> dict[str, Any] | None:
    """What a worker of django-q2 is to call for a row of the queue; None for what is not ours, which is counted."""
    try:
        token = token_read(text)
        function = task_of(token)
    except NotOurs as refused:
        logger.error("a row of the queue is not ours", extra={"row": row_id, "reason": refused.reason})
        with suppress(*DATABASE_AWAY):
            refusal_count(f"queue_{refused.reason}", timezone.now())
        return None
    return {"id": str(row_id), "name": token.task, "func": function, "args": token.ids, "kwargs": {}, "ack_id": row_id}


def monitor(result_queue: Any, broker: Any) -> None:
    """Acknowledge what was done. Results are said in the log; what is to be kept, the ledger keeps."""
    for call in iter(result_queue.get, "STOP"):
        broker.acknowledge(call["ack_id"])
        fields = {"task": call["name"], "ids": list(call["args"]), "result": call["result"]}
        if call["success"]:
            logger.info("task done", extra=fields)
        else:
            logger.error("task failed", extra=fields)


def scheduler() -> None:
    """Ring for what the clock starts; what goes wrong is tried again in half a minute."""
    close_old_connections()
    try:
        schedules_ring(timezone.now())
    except Exception:
        logger.exception("schedules do not ring")
