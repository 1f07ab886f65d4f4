"""Spans of traces, sent by OpenTelemetry (OTLP over HTTP) to whom `OTEL_EXPORTER_OTLP_ENDPOINT` names; to nobody else.

A trace is a job's. Its id and those of its spans are digests of the job's number, which the log's lines carry too: each
process adds to the same trace, and none has to hand another anything. What a span tells of is over when it is made.
Spans hold our own numbers and words only: no bodies, addresses, secrets, nor anything that names a buyer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from multiprocessing.util import Finalize
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.crypto import salted_hmac

if TYPE_CHECKING:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.trace import SpanContext

TRACE_BYTES, SPAN_BYTES = 16, 8  # as OpenTelemetry has them
EXPORT_SECONDS, MOST_WAITING = 2.0, 1024  # two batches: a receiver that is away holds no ending process up for long
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WHOLE = "job"  # the part that the others belong to


@dataclass(frozen=True, kw_only=True)
class Span:
    """Something that was done for a job."""

    job: int
    part: str  # what of the job it is, each once: "job", "attempt 2", "attempt 2 call 1"
    within: str = ""  # the part that it belongs to; the whole job has none
    name: str
    kind: str = "INTERNAL"  # of OpenTelemetry: SERVER takes a call, CLIENT makes one
    began_at: datetime
    ended_at: datetime
    attributes: Mapping[str, str | int]
    is_failed: bool = False


def is_on() -> bool:
    """Whether anybody receives traces."""
    return bool(settings.TRACES_TO)


def spans_send(spans: list[Span]) -> None:
    """Have them sent by a thread of this process. The first loads the library; what nobody takes is not kept."""
    sending = _sending()
    for span in spans:
        sending.on_end(_made(span))


@cache
def _sending() -> "BatchSpanProcessor":
    """The library's queue, which a forked process makes anew; what it holds is sent before the process ends."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    exporter = OTLPSpanExporter(endpoint=f"{settings.TRACES_TO}/v1/traces", timeout=EXPORT_SECONDS)
    sending = BatchSpanProcessor(exporter, max_queue_size=MOST_WAITING)
    Finalize(None, sending.shutdown, exitpriority=1)  # workers are forks, which no `atexit` is called for
    return sending


def _made(span: Span) -> "ReadableSpan":
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import SpanKind, Status, StatusCode

    return ReadableSpan(
        span.name,
        context=_context(span.job, span.part),
        parent=_context(span.job, span.within) if span.within else None,
        resource=_resource(),
        attributes=span.attributes,
        kind=SpanKind[span.kind],
        status=Status(StatusCode.ERROR if span.is_failed else StatusCode.UNSET),
        start_time=_nanoseconds(span.began_at),
        end_time=_nanoseconds(span.ended_at),
    )


@cache
def _resource() -> "Resource":
    from opentelemetry.sdk.resources import Resource

    return Resource.create({"service.name": "tillbridge", "deployment.environment.name": settings.ENVIRONMENT})


def _context(job: int, part: str) -> "SpanContext":
    from opentelemetry.trace import SpanContext, TraceFlags

    return SpanContext(
        _number(f"{job}", TRACE_BYTES), _number(f"{job} {part}", SPAN_BYTES), is_remote=True,
        trace_flags=TraceFlags(TraceFlags.SAMPLED),
    )  # fmt: skip


def _number(text: str, size: int) -> int:
    digest = salted_hmac("traces", text, secret=settings.DIGEST_KEY, algorithm="sha256").digest()
    return int.from_bytes(digest[:size], "big")


def _nanoseconds(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1) * 1000
