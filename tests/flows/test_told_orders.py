"""Orders that other systems are told of: in the transaction of what is told."""

import json

import pytest
from django.utils import timezone

from connections.models import WebhookMessage
from connections.services.webhooks import endpoint_make
from syncjobs.engine import lanes
from syncjobs.engine.enqueueing import jobs_enqueue, lane_of
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
