"""One trace from the callback to the calls, by the id that the lines of the log carry; and none where nobody asks."""

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from connections.models import Connection
from errors.failures import ServerTrouble
from ipaas.logs import BoundFields, FieldFormatter
from ipaas.types import System
from syncjobs import engine
from syncjobs.engine.job_traces import path_shape
from syncjobs.flows import FLOWS
from syncjobs.models import SyncJob
from tests import factories
from tests.engine.conftest import BOOKED, NINE, Scripted, call, calling
from tests.engine.test_webhooks import deliver
from tests.engine.world import ROOT, World, eventually

CANARIES = (b"canary.bird", b"a-secret-of-ours", b"hook-secret-value", b"hidden-number")


class Collector(ThreadingHTTPServer):
    """Takes traces, and plays the outside system that the toy flow calls."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.address = f"http://127.0.0.1:{self.server_port}"
        self.taken: list[bytes] = []
        self.called: list[str] = []

    def spans(self) -> dict[str, Span]:
        """What came, by name."""
        requests = [ExportTraceServiceRequest.FromString(one) for one in list(self.taken)]
        scopes = [scope for one in requests for resource in one.resource_spans for scope in resource.scope_spans]
        return {span.name: span for scope in scopes for span in scope.spans}


class _Handler(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/v1/traces":
            self.server.taken.append(body)
        else:
            self.server.called.append(f"{self.command} {self.path}")
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}" if self.path != "/v1/traces" else b"\x12\x00")

    do_PUT = do_POST

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test output clean."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    server = Collector()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def attributes(span: Span) -> dict[str, str | int]:
    return {
        one.key: one.value.string_value or one.value.int_value
        for one in span.attributes
    }  # fmt: skip


@pytest.mark.processes
def test_one_trace_through_the_web_server_and_a_worker(collector: Collector, tmp_path: Path) -> None:
    switched = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"{collector.address}/", "OTEL_BSP_SCHEDULE_DELAY": "50"}
    world = World(tmp_path, TOY_ASKS=f"{collector.address}/api", **switched)
    try:
        world.supervisor.add(world.cluster("now"))
        pair = world.ask("connect")
        assert world.ask("callback", connection=pair["id"], external_id="10457") == "200"
        names = ["callback store/order/updated", "job orders", "attempt", "PUT /item_grids/{id}"]
        assert eventually(lambda: collector.spans().keys() == set(names), 60.0), collector.spans().keys()
    finally:
        world.close()
    spans = collector.spans()
    callback, job, attempt, put = (spans[one] for one in names)
    assert {span.trace_id for span in spans.values()} == {job.trace_id}
    assert [one.parent_span_id for one in (job, callback, attempt, put)] == [
        b"",
        job.span_id,
        job.span_id,
        attempt.span_id,
    ]
    assert len({span.span_id for span in spans.values()}) == 4
    assert [one.kind for one in (callback, job, attempt, put)] == [
        Span.SPAN_KIND_SERVER, Span.SPAN_KIND_INTERNAL, Span.SPAN_KIND_INTERNAL, Span.SPAN_KIND_CLIENT,
    ]  # fmt: skip
    number = attributes(job)["tillbridge.job"]
    ours = {"tillbridge.job": number, "tillbridge.connection": pair["id"], "tillbridge.flow": "orders"}
    assert attributes(job) == ours | {"tillbridge.cause": "webhook", "tillbridge.result": "done"}
    assert attributes(attempt) == ours | {"tillbridge.attempt": 1, "tillbridge.result": "done"}
    assert attributes(callback) == {
        "tillbridge.job": number, "tillbridge.system": "bigcommerce", "tillbridge.topic": "store/order/updated",
    }  # fmt: skip
    assert attributes(put) == {
        "tillbridge.job": number, "tillbridge.system": "heartland", "tillbridge.step": "ask",
        "http.request.method": "PUT", "url.template": "/item_grids/{id}", "http.response.status_code": 200,
    }  # fmt: skip
    assert collector.called == ["PUT /api/item_grids/8123"]
    assert all(span.start_time_unix_nano <= span.end_time_unix_nano for span in spans.values())
    assert attempt.start_time_unix_nano <= put.start_time_unix_nano
    assert put.end_time_unix_nano <= attempt.end_time_unix_nano <= job.end_time_unix_nano
    assert not [one for one in CANARIES if one in b"".join(collector.taken)]


OFF = """
import sys, django
django.setup()
from django.test import Client
from ipaas.wsgi import application
import ipaas.spans, syncjobs.engine.job_traces, syncjobs.cluster, syncjobs.tasks
print([name for name in sys.modules if name.startswith(("opentelemetry", "google.protobuf"))], ipaas.spans.is_on())
"""


def test_nothing_of_the_library_is_loaded_without_a_receiver() -> None:
    named = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    environment = named | {"DJANGO_SETTINGS_MODULE": "ipaas.settings", "DATABASE_URL": "sqlite:///:memory:"}
    done = subprocess.run(
        [sys.executable, "-c", OFF], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[] False"


@pytest.mark.django_db
@pytest.mark.usefixtures("flow")
def test_no_span_is_made_without_a_receiver(enqueue: object, pair: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("syncjobs.engine.job_traces.spans_send", lambda spans: 1 / 0)
    deliver(factories.hook(pair, "store/order/updated"))
    job = enqueue()  # type: ignore[operator]
    assert engine.job_run(job_id=job.pk, now=NINE) == "done"


@pytest.mark.django_db
def test_each_attempt_of_a_job_is_told_and_the_job_once(
    enqueue: object, flow: Scripted, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TRACES_TO = "http://127.0.0.1:9"  # type: ignore[attr-defined]
    told: list[tuple[str, str, bool]] = []
    monkeypatch.setattr(
        "syncjobs.engine.job_traces.spans_send",
        lambda spans: told.extend((one.name, one.within.partition(" 20")[0], one.is_failed) for one in spans),
    )
    lost = calling(call(status=None), then=ServerTrouble("away"))
    flow.does(lost, calling(call(System.BIGCOMMERCE), then=BOOKED))
    job = enqueue()  # type: ignore[operator]
    assert engine.job_run(job_id=job.pk, now=NINE) == "retry"
    job.refresh_from_db()
    assert engine.job_run(job_id=job.pk, now=job.not_before) == "done"
    assert told == [
        ("GET /orders", "attempt 1", True),
        ("attempt", "job", True),
        ("GET /orders", "attempt 2", False),
        ("attempt", "job", False),
        ("job toy", "", False),
    ]


@pytest.mark.django_db
def test_lines_of_callback_attempt_and_call_carry_the_job(
    pair: Connection, flow: Scripted, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(FLOWS, "orders", FLOWS["toy"])
    flow.does(calling(call(), then=BOOKED))
    caplog.handler.addFilter(BoundFields())
    caplog.set_level(logging.DEBUG, "syncjobs")
    assert deliver(factories.hook(pair, "store/order/updated")) == 200
    job = SyncJob.objects.get()
    assert engine.job_run(job_id=job.pk, now=job.not_before) == "done"
    lines = [FieldFormatter().format(one).partition(" syncjobs.")[2] for one in caplog.records]
    ours = f"attempt=1 connection={pair.pk}"
    assert lines[0] == f"engine.job_traces callback stored job={job.pk} system=bigcommerce topic=store/order/updated"
    assert lines[1] == (
        f"engine.call_guard called {ours} job={job.pk} method=GET ms=1 path=/orders request_id= status=200"
        " system=heartland"
    )
    assert lines[2].startswith(f"engine.job_traces attempt over {ours} flow=orders job={job.pk} ms=")
    assert lines[2].endswith(" result=done")
    assert len(lines) == 3


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("/api/sales/orders/8123/lines/9", "/api/sales/orders/{id}/lines/{id}"),
        ("/v2/orders/10457", "/v2/orders/{id}"),
        ("/rest/all/V1/stockItems/hidden-number-6006", "/rest/all/V1/stockItems/{id}"),
        ("/customers/canary.bird@example.com", "/customers/{id}"),
        ("", ""),
    ],
)
def test_a_path_names_no_record(path: str, shape: str) -> None:
    assert path_shape(path) == shape


AWAY = """
import os, django
from datetime import UTC, datetime
django.setup()
from ipaas.spans import MOST_WAITING, Span, spans_send
at = datetime(2026, 3, 2, tzinfo=UTC)
spans = [Span(job=n, part="job", name="x", began_at=at, ended_at=at, attributes={}) for n in range(MOST_WAITING * 3)]
spans_send(spans)
"""


def test_a_receiver_that_is_away_costs_spans_and_nothing_else() -> None:
    """The process ends by itself, well before whoever stops it loses patience: `timeout` raises."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "ipaas.settings", "DATABASE_URL": "sqlite:///:memory:",
        "OTEL_EXPORTER_OTLP_ENDPOINT": factories.NOBODY,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", AWAY], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=25, check=True
    )
    assert "Traceback" not in done.stderr
