"""Orders of a Magento shop distributed from the list, taken back, and left over when they changed there."""

from django.test import Client

from connections.models import Role
from syncjobs.models import Assignment
from tests import factories
from tests.flows.magento.conftest import Pair, line
from tests.flows.test_shipping import ANNEX, DEPOT, MAIN
from tests.flows.test_worklist import open_list, path, send, work


def test_orders_of_a_magento_shop_are_distributed_and_taken_back(pair: Pair) -> None:
    for location, pieces in ((MAIN, 3), (ANNEX, 0), (DEPOT, 0)):
        pair.heartland.post("/_sim/staff/adjust", {"location": location, "sku": "DOG-LEAD", "set_to": pieces})
    first, second = (pair.book(line("DOG-LEAD", "20.00")) for _ in range(2))
    cancelled = pair.book(line("DOG-LEAD", "20.00"))
    desk = Client()
    desk.force_login(factories.member(pair.connection.merchant, Role.STAFF))
    assert "3 orders are being distributed now." in send(pair, desk, open_list(pair, desk), "suggested")
    pair.act(cancelled, "cancel")
    run = work(pair)
    assert run.sentence == "2 orders distributed. 1 left over."
    assert Assignment.objects.get(state="left").record.external_id == cancelled
    assert [places(pair, one) for one in (first, second, cancelled)] == [[MAIN], [MAIN], [None]]
    assert pair.record(first).is_distributed
    desk.post(path(pair, f"{run.pk}/back/"))
    assert work(pair, "distribution_back").sentence == "2 orders taken back."
    assert [places(pair, one) for one in (first, second)] == [[None], [None]]
    assert not pair.record(first).is_distributed


def places(pair: Pair, order_id: str) -> list[int | None]:
    return [row["ship_from_location_id"] for row in pair.there(order_id)["lines"]]
