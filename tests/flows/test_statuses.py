"""Every status of BigCommerce, plain and renamed: what the tab says becomes of it is what becomes of it."""

import pytest
from django.test import Client

from mappings.core.bigcommerce.statuses import STATUSES
from syncjobs import tasks
from syncjobs.models import Record, SyncJob
from tests import factories
from tests.flows.conftest import Pair

SKIPPED = ("skipped", "status_not_eligible")
NEW = {  # of an order that is not booked yet
    0: ("skipped", "incomplete"), 1: SKIPPED, 2: ("booked", ""), 3: SKIPPED, 4: ("skipped", "refunded"),
    5: ("skipped", "cancelled_before_booking"), 6: ("skipped", "declined_before_booking"), 7: SKIPPED,
    8: ("skipped", "awaiting_pickup"), 9: SKIPPED, 10: SKIPPED, 11: ("booked", ""), 12: SKIPPED, 13: SKIPPED,
    14: ("held", "partially_refunded"),
}  # fmt: skip
KEPT = ("booked", "")
BOOKED = {  # of an order that is booked already
    **dict.fromkeys(map(int, STATUSES), KEPT), 0: ("skipped", "incomplete"), 4: ("held", "refunded_in_full"),
    5: ("cancelled", "cancelled"), 6: ("cancelled", "cancelled"), 14: ("held", "refunded_after_booking"),
}  # fmt: skip
SAID = {  # how the tab's words begin, for each of the outcomes above
    "booked": "New sales order", "held": "Always needs you", "refunded": "Never sent", "incomplete": "Never sent",
    "status_not_eligible": "Skipped until", "awaiting_pickup": "Skipped until",
    "cancelled_before_booking": "Cancelled in Heartland", "declined_before_booking": "Cancelled in Heartland",
}  # fmt: skip


def outcome(pair: Pair, web_id: str) -> tuple[str, str]:
    pair.run(web_id)
    record = pair.record(web_id)
    return record.disposition, record.code


def move(pair: Pair, web_id: str, status_id: int) -> None:
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/status", {"status_id": status_id})


@pytest.mark.parametrize("is_renamed", [False, True])
@pytest.mark.parametrize("status_id", list(map(int, STATUSES)))
def test_each_status_has_its_disposition(pair: Pair, client: Client, status_id: int, is_renamed: bool) -> None:
    if is_renamed:
        pair.bigcommerce.put(f"/_sim/statuses/{status_id}", {"custom_label": "Weird & wonderful"})
    fresh, booked = pair.place(), pair.book()
    move(pair, fresh, status_id)
    move(pair, booked, status_id)
    assert outcome(pair, fresh) == NEW[status_id]
    assert outcome(pair, booked) == BOOKED[status_id]
    client.force_login(factories.member(pair.connection.merchant))
    page = client.get(f"/stores/{pair.connection.public_id}/fulfillment/counts/")
    (row,) = [row for row in page.context["statuses"] if row.key == str(status_id)]
    disposition, code = NEW[status_id]
    assert row.effect.startswith(SAID.get(disposition) or SAID[code])
    assert (row.label == "Weird & wonderful") is is_renamed
    assert ("“Weird &amp; wonderful” in your store" in page.content.decode()) is is_renamed


def test_an_order_that_a_former_worker_skipped_by_its_list_comes_within_the_hour(pair: Pair) -> None:
    """While a new version's migrations run, workers of before read numbers where keys stand now."""
    settings = pair.connection.order_settings
    chosen, settings.eligible_statuses = settings.eligible_statuses, []
    settings.save()
    web_id = pair.place()
    assert pair.run(web_id) == "done"
    assert pair.record(web_id).code == "status_not_eligible"
    settings.eligible_statuses = chosen
    settings.save()
    tasks.prove(pair.connection.pk)
    assert SyncJob.objects.filter(external_id=web_id, status="pending").count() == 1
    assert pair.run(web_id) == "done"
    assert pair.record(web_id).disposition == Record.Disposition.BOOKED
    tasks.prove(pair.connection.pk)
    assert SyncJob.objects.filter(external_id=web_id, status="pending").count() == 0
