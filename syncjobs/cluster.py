"""What the processes of a cluster do in place of django-q2's pusher, monitor and scheduler.

A worker takes its tokens from the database and acknowledges them there: two processes fewer a cluster, and nothing
that a killed one could keep locked. Theirs unpickle tokens, call what a dotted path in them names, evaluate arguments
that stand in a table and keep results as pickles. Here a token is verified before anything of it is heeded; whatever
else stands in the queue is acknowledged, counted (`Refusal`) and reported, and the cluster goes on.
"""

import logging
import time
from contextlib import suppress
from typing import Any

from django.db import close_old_connections
from django.utils import timezone

from ipaas.queue import DATABASE_AWAY, NotOurs, is_stopping, token_read
from syncjobs.engine.schedules import schedules_ring
from syncjobs.intake.inbox import refusal_count
from syncjobs.tasks import task_of

logger = logging.getLogger(__name__)

BROKEN_SECONDS = 10.0  # before a cluster ends that cannot take tokens


class Tokens:
    """Stands in for django-q2's queue of tasks: the worker itself claims its next token, and shares no lock for it."""

    def __init__(self, broker: Any) -> None:
        self.broker = broker

    def get(self) -> dict[str, Any] | str:
        """The next call; waits until there is one. "STOP" when the cluster is told to."""
        while not is_stopping():
            try:
                rows = self.broker.dequeue() or []
            except Exception:
                logger.exception("no tokens can be taken")
                time.sleep(BROKEN_SECONDS)
                raise
            for row_id, text in rows:
                call = call_of(row_id, text)
                if call is not None:
                    return call
                self.broker.acknowledge(row_id)
        return "STOP"


class Results:
    """Stands in for its queue of results: tokens that were worked are acknowledged, what came of them said in the log.

    What is to be kept, the ledger keeps.
    """

    def __init__(self, broker: Any) -> None:
        self.broker = broker

    def put(self, call: dict[str, Any]) -> None:
        self.broker.acknowledge(call["ack_id"])
        fields = {"task": call["name"], "ids": list(call["args"]), "result": call["result"]}
        if call["success"]:
            logger.info("task done", extra=fields)
        else:
            logger.error("task failed", extra=fields)


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


def scheduler() -> None:
    """Ring for what the clock starts; what goes wrong is tried again in half a minute."""
    close_old_connections()
    try:
        schedules_ring(timezone.now())
    except Exception:
        logger.exception("schedules do not ring")
