"""What is told of a job while it is worked, to the log and to traces: the callback, the attempt, each call, the end."""

import logging
import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils import timezone

from ipaas.spans import WHOLE, Span, is_on, spans_send
from ipaas.types import Call
from syncjobs.engine.recording import UNCHANGED
from syncjobs.engine.retry_rules import Fate
from syncjobs.flows.base import RunLog
from syncjobs.models import SyncJob

logger = logging.getLogger(__name__)

WORD = re.compile(r"[A-Za-z][A-Za-z_-]*|[vV]\d", re.ASCII)  # a segment of a path that names nothing but a resource
FAILED = (str(Fate.RETRY), str(Fate.HOLD), str(Fate.BURY))
LEAVES = (str(Fate.HOLD), str(Fate.BURY), str(SyncJob.Status.DONE), UNCHANGED)  # results after which no attempt comes


def callback_told(job_id: int, system: str, topic: str, delivery_key: str, began_at: datetime) -> None:
    """A callback was stored, and asks for a job."""
    logger.info("callback stored", extra={"job": job_id, "system": system, "topic": topic})
    if is_on():
        span = Span(
            job=job_id,
            part=f"callback {delivery_key}",
            within=WHOLE,
            name=f"callback {topic}",
            kind="SERVER",
            began_at=began_at,
            ended_at=timezone.now(),
            attributes={"tillbridge.job": job_id, "tillbridge.system": system, "tillbridge.topic": topic},
        )
        spans_send([span])


def attempt_told(job: SyncJob, log: RunLog, result: str, began_at: datetime) -> None:
    """An attempt is over; after some results its job is too."""
    ended_at = timezone.now()
    milliseconds = (ended_at - began_at) // timedelta(milliseconds=1)
    logger.info("attempt over", extra={"flow": job.flow, "result": result, "ms": milliseconds})
    if is_on():
        spans_send(list(_spans(job, log, result, began_at, ended_at)))


def _spans(job: SyncJob, log: RunLog, result: str, began_at: datetime, ended_at: datetime) -> Iterator[Span]:
    attempt = f"attempt {job.attempts} {began_at}"  # one that only had to wait leaves its number to the next
    ours: dict[str, str | int] = {
        "tillbridge.job": job.pk,
        "tillbridge.connection": job.connection_id,
        "tillbridge.flow": job.flow,
    }
    calls = [(step.name, call) for step in log.steps for call in step.calls]
    for number, (step, call) in enumerate(calls, start=1):
        yield _call_span(job.pk, attempt, number, step, call)
    yield Span(
        job=job.pk,
        part=attempt,
        within=WHOLE,
        name="attempt",
        began_at=began_at,
        ended_at=ended_at,
        attributes=ours | {"tillbridge.attempt": job.attempts, "tillbridge.result": result},
        is_failed=result in FAILED,
    )
    if result in LEAVES:
        yield Span(
            job=job.pk,
            part=WHOLE,
            name=f"job {job.flow}",
            began_at=job.created_at,
            ended_at=ended_at,
            attributes=ours | {"tillbridge.cause": job.cause, "tillbridge.result": result},
            is_failed=result in FAILED,
        )


def _call_span(job_id: int, attempt: str, number: int, step: str, call: Call) -> Span:
    path = path_shape(call.path)
    attributes: dict[str, str | int] = {
        "tillbridge.job": job_id,
        "tillbridge.system": str(call.system),
        "tillbridge.step": step,
        "http.request.method": call.method,
        "url.template": path,
    }
    if call.status is not None:
        attributes["http.response.status_code"] = call.status
    return Span(
        job=job_id,
        part=f"{attempt} call {number}",
        within=attempt,
        name=f"{call.method} {path}",
        kind="CLIENT",
        began_at=call.began_at,
        ended_at=call.began_at + timedelta(milliseconds=call.duration_ms),
        attributes=attributes,
        is_failed=call.status is None or call.status >= 400,
    )


def path_shape(path: str) -> str:
    """A path with `{id}` in the place of whatever names one record: "/sales/orders/{id}/lines"."""
    return "/".join(one if not one or WORD.fullmatch(one) else "{id}" for one in path.split("/"))
