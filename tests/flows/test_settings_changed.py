"""A setting that changes between a lost answer and its retry doubles nothing: what was begun is found and finished."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from connections.models import Connection, Location
from connections.preferences import order_settings_save
from ipaas.types import JSON
from mappings import services
from mappings.core.heartland.marks import order_marked
from mappings.models import ValueMap
from syncjobs.engine.enqueueing import job_enqueue
from syncjobs.engine.running import job_run
from syncjobs.models import Record, SyncJob
from tests import factories
from tests.flows import desk
from tests.flows.conftest import Pair
from tests.flows.test_c36_endings import archive
from tests.flows.test_order_changes import choose, state

CREATES, PAYS = ("POST", r"/api/sales/orders$"), ("POST", r"/api/sales/orders/\d+/payments")


def change(pair: Pair, **changes: object) -> None:
    """As the settings page saves it."""
    actor = factories.member(pair.connection.merchant)
    assert order_settings_save(connection=pair.connection, changes=changes, actor=actor)
    pair.connection = Connection.objects.get(pk=pair.connection.pk)


def other_fields(pair: Pair) -> None:
    """The mark goes into two new fields from now on."""
    client, keys = pair.heartland_client(), []
    for name in ("Shop number", "Shop reference"):
        keys.append(client.custom_field_read(client.custom_field_create("sales.order", name))["key"])
    change(pair, number_field=keys[0], source_field=keys[1])


def other_location(pair: Pair) -> None:
    settings = pair.connection.order_settings
    places = Location.objects.filter(account=pair.connection.heartland).exclude(station_id="")
    change(pair, source_location=next(place for place in places if place != settings.source_location))


def other_payment_type(pair: Pair) -> None:
    types = {str(row["id"]) for row in pair.heartland.rows("payment_types") if row["accept_on_sales_orders"]}
    (other, *_) = sorted(types - {pair.connection.order_settings.payment_type_id})
    ValueMap.objects.filter(connection=pair.connection, kind=ValueMap.Kind.PAYMENT).delete()
    change(pair, payment_type_id=other)


def prefix_twice(pair: Pair) -> None:
    change(pair, order_prefix="WEB-")
    change(pair, order_prefix="NET-")


def prefix_and_fields(pair: Pair) -> None:
    other_fields(pair)
    change(pair, order_prefix="WEB-")


CHANGES: dict[str, Callable[[Pair], None]] = {
    "prefix": lambda pair: change(pair, order_prefix="WEB-"),
    "prefix twice": prefix_twice,
    "fields of the mark": other_fields,
    "no fields any more": lambda pair: change(pair, number_field="", source_field=""),
    "prefix and fields": prefix_and_fields,
    "location": other_location,
    "one location ships": lambda pair: change(
        pair, shipping="one", ship_from=pair.connection.order_settings.source_location
    ),
    "guests": lambda pair: change(pair, guest_policy="unknown", guest_customer_id="100001"),
}


END: dict[str, Callable[[Pair, str], object]] = {
    "cancelled": lambda pair, web_id: pair.bigcommerce.post(f"/_sim/orders/{web_id}/status", {"status_id": 5}),
    "archived": lambda pair, web_id: archive(pair, web_id, answers=200),
    "deleted": lambda pair, web_id: archive(pair, web_id, answers=404),
}


def there(pair: Pair, web_id: str) -> list[JSON]:
    """All that Heartland holds of the web order, under whatever prefix."""
    return [row for row in pair.heartland.rows("orders") if web_id in str(row["public_id"])]


@pytest.mark.parametrize("setting", CHANGES)
def test_a_lost_order_is_found_after_a_setting_changed(pair: Pair, setting: str) -> None:
    pair.book()
    pair.lose(pair.heartland, *CREATES)
    web_id = pair.place()
    assert pair.run(web_id) == "retry"
    CHANGES[setting](pair)
    assert pair.run_until_settled(web_id) == "done"
    assert [(row["public_id"], row["status"]) for row in there(pair, web_id)] == [(f"BC-{web_id}", "open")]
    (order,) = there(pair, web_id)
    assert len(pair.rows_of("payments", order["id"])) == 1
    assert (pair.record(web_id).target_id, pair.record(web_id).target_label) == (str(order["id"]), f"BC-{web_id}")


def test_a_lost_payment_is_not_made_again_under_another_type(pair: Pair) -> None:
    pair.lose(pair.heartland, *PAYS)
    web_id = pair.place()
    assert pair.run(web_id) == "retry"
    other_payment_type(pair)
    assert [pair.run_until_settled(web_id) for _ in range(2)] == ["retry", "done"]
    assert [(row["public_id"], row["status"]) for row in there(pair, web_id)] == [
        (f"BC-{web_id}", "canceled"), (f"BC-{web_id}-2", "open"),
    ]  # fmt: skip
    first, second = there(pair, web_id)
    paid = [sum(payment["amount"] for payment in pair.rows_of("payments", row["id"])) for row in (first, second)]
    assert paid == [0, second["total"]]


def test_after_lost_memory_a_former_prefix_is_looked_under_too(pair: Pair) -> None:
    web_id = pair.book()
    target = pair.record(web_id).target_id
    change(pair, order_prefix="WEB-")
    pair.forget(web_id)
    assert pair.run(web_id) == "done"
    assert (pair.record(web_id).target_id, len(there(pair, web_id))) == (target, 1)
    assert len(pair.calls(pair.book())) == 8


def test_a_number_told_under_a_former_prefix_gives_way(pair: Pair) -> None:
    web_id = pair.book()
    change(pair, order_prefix="WEB-")
    desk.cancel(pair, pair.record(web_id).target_id)
    assert pair.run(web_id) == "hold"
    assert choose(pair, web_id, Record.Choice.STORE) == "done"
    assert pair.record(web_id).target_label == f"WEB-{web_id}"
    assert pair.store_client().order_read(web_id)["external_order_id"] == f"WEB-{web_id}"


def test_an_order_without_a_mark_is_a_question_where_an_answer_was_lost(pair: Pair) -> None:
    change(pair, number_field="", source_field="")
    pair.book()
    pair.lose(pair.heartland, *CREATES)
    web_id = pair.place()
    assert pair.run(web_id) == "retry"
    assert pair.run_until_settled(web_id) == "hold"
    assert state(pair, web_id) == ("held", "maybe_ours")
    assert choose(pair, web_id, Record.Choice.HEARTLAND) == "waiting"
    assert pair.run_until_settled(web_id) == "done"
    assert [(row["public_id"], row["status"]) for row in there(pair, web_id)] == [(f"BC-{web_id}", "open")]


@pytest.mark.parametrize("end", ["cancelled", "archived", "deleted"])
@pytest.mark.parametrize("setting", ["", "prefix and fields"])
def test_an_order_that_ended_after_a_lost_answer_leaves_nothing_begun(pair: Pair, setting: str, end: str) -> None:
    pair.lose(pair.heartland, *CREATES)
    web_id = pair.place()
    assert pair.run(web_id) == "retry"
    if setting:
        CHANGES[setting](pair)
    END[end](pair, web_id)
    later = timezone.now() + timedelta(seconds=90)
    job = job_enqueue(connection=pair.connection, flow="orders", external_id=web_id, cause="retry", now=later)
    SyncJob.objects.filter(pk=job.pk).update(attempts=3)  # a message may come before its order can be read
    assert job_run(job_id=job.pk, now=later) == "done"
    assert [row["status"] for row in there(pair, web_id)] == ["canceled"]
    assert pair.record(web_id).disposition == Record.Disposition.CANCELLED


def test_marks_in_former_fields_still_tell_whose_an_order_is(pair: Pair) -> None:
    web_id = pair.book()
    other_fields(pair)
    (order,) = there(pair, web_id)
    assert order_marked(order, services.marking_of(pair.connection)) == web_id
