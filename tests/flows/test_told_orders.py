"""Records that other systems are told of: in the transaction of what is told."""

import json
from decimal import Decimal

import pytest
from django.utils import timezone

from connections.models import WebhookMessage
from connections.outbox import EVENTS
from connections.services.webhooks import endpoint_make
from errors.failures import Violation, held
from syncjobs.engine import lanes
from syncjobs.engine.enqueueing import job_enqueue, jobs_enqueue, lane_of
from syncjobs.engine.running import job_run
from syncjobs.flows import FLOWS
from syncjobs.flows.base import Context, Flow, Outcome, Step
from syncjobs.models import Record, ServiceClass
from tests import factories
from tests.flows.conftest import Pair


@pytest.mark.django_db(transaction=True)
def test_a_booked_order_is_told_once(pair: Pair) -> None:
    owner = factories.member(pair.connection.merchant)
    endpoint_make(
        merchant=pair.connection.merchant, actor=owner, address="http://127.0.0.1:9/told",
        events=["order.booked", "order.held"], now=timezone.now(),
    )  # fmt: skip
    web_id, now = pair.place(), timezone.now()
    for _ in range(2):  # the second look changes nothing
        jobs_enqueue(connection=pair.connection, flow="orders", external_ids=[web_id], cause="webhook", now=now)
        lanes.lane_run(lane_id=lane_of(pair.connection.pk, ServiceClass.NOW), now=now)
    record = pair.record(web_id)
    assert record.disposition == Record.Disposition.BOOKED
    (message,) = WebhookMessage.objects.all()
    told = json.loads(message.body)
    assert (message.event, told["type"]) == ("order.booked", "order.booked")
    assert told["data"] == {
        "store": str(pair.connection.public_id),
        "order": record.pk,
        "external_id": web_id,
        "number": web_id,
        "state": "booked",
        "code": record.code,
        "target_id": record.target_id,
        "target_label": record.target_label,
        "currency": "USD",
        "source_total": str(record.source_total),
        "target_total": str(record.target_total),
    }


@pytest.mark.django_db
@pytest.mark.parametrize(("flow", "kind"), [("refunds", "refund"), ("returns", "return"), ("customers", "customer")])
def test_other_records_are_told_by_their_own_events(flow: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = factories.connection()
    ends: list[Outcome | Exception] = [
        held(Violation(code="asked", sentence="Ana Ruiz or Anna Ruiz?")),
        held(Violation(code="asked", sentence="Who?")),
        Outcome(disposition=Record.Disposition.BOOKED),
    ]

    def step(context: Context) -> Outcome:
        context.learn(order_id="10457", currency="USD", source_total=Decimal("23.49"))
        end = ends.pop(0)
        if isinstance(end, Exception):
            raise end
        return end

    monkeypatch.setitem(FLOWS, flow, Flow(name=flow, title="One", context=Context, steps=(Step("only", step),)))
    endpoint_make(
        merchant=connection.merchant, actor=factories.member(connection.merchant), address="http://127.0.0.1:9/told",
        events=[f"{kind}.booked", f"{kind}.held"], now=timezone.now(),
    )  # fmt: skip
    connection.refresh_from_db()
    for _ in range(3):
        job = job_enqueue(connection=connection, flow=flow, external_id="77", cause="retry", now=timezone.now())
        job_run(job_id=job.pk, now=timezone.now())
    assert ends == []
    told = [json.loads(message.body) for message in WebhookMessage.objects.order_by("pk")]
    assert [one["type"] for one in told] == [f"{kind}.held", f"{kind}.booked"]  # held again is no news
    record = Record.objects.get(connection=connection, flow=flow)
    assert told[0]["data"] == {
        "store": str(connection.public_id),
        kind: record.pk,
        "external_id": "77",
        "number": "77",
        "order_external_id": "10457",
        "state": "held",
        "code": "asked",
        "target_id": "",
        "target_label": "",
        "currency": "USD",
        "source_total": "23.49",
        "target_total": None,
    }
    assert {event for event in EVENTS if event.startswith(f"{kind}.")} == {
        f"{kind}.booked", f"{kind}.held", f"{kind}.dead",
    }  # fmt: skip
