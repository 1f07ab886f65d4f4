"""An order's link is finished with the outcome of its run: in one transaction, whatever comes between."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mappings.models import Link
from syncjobs.engine.lanes import _abandon
from syncjobs.engine.recording import Try
from syncjobs.flows.base import Outcome
from syncjobs.models import Lane
from tests.flows.burst import are_booked_once, enqueue, work
from tests.flows.conftest import Pair

pytestmark = pytest.mark.django_db
LATER = timedelta(seconds=90)  # what was written had time to show


class Died(BaseException):
    """As kill -9: nobody catches it."""


def link_of(pair: Pair, web_id: str) -> Link:
    return Link.objects.get(connection=pair.connection, kind=Link.Kind.ORDER, source_id=web_id)


def test_who_dies_before_the_outcome_is_written_leaves_an_order_that_is_adopted(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    web_id = pair.place()
    enqueue(pair, [web_id])

    def dies(the_try: Try, outcome: Outcome) -> str:
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr("syncjobs.engine.running.try_done", dies)
        with pytest.raises(Died):
            work(pair)
    (sales_order,) = pair.sales_orders(web_id)
    assert (sales_order["status"], link_of(pair, web_id).fingerprint) == ("open", "")
    assert _abandon(Lane.objects.get(service_class="now").pk, timezone.now(), is_death=True)
    work(pair, LATER)
    assert are_booked_once(pair, [web_id])
    assert link_of(pair, web_id).fingerprint == pair.record(web_id).facts["content"] != ""
    assert len(pair.rows_of("payments", sales_order["id"])) == 1


def test_an_order_that_the_store_cannot_be_told_of_is_booked_for_all_that(pair: Pair) -> None:
    web_id = pair.place()
    pair.bigcommerce.post("/_sim/faults", {"method": "PUT", "path": "/v2/orders/", "times": 1, "status": 500})
    assert pair.run(web_id) == "retry"
    link = link_of(pair, web_id)
    assert link.fingerprint == pair.record(web_id).facts["content"] != ""
    assert pair.run_until_settled(web_id) == "done"
    assert pair.calls(web_id) == ["GET /v2/orders", "GET /sales/orders", "PUT /v2/orders"]
    assert are_booked_once(pair, [web_id])
