"""Orders that no list of changes tells of, as a store whose clock some changes do not move has to list them."""

from collections.abc import Iterable

from mappings.core.canonical.statuses import StatusMeaning
from syncjobs.stores.port import OrderHead
from tests.stores.contract.orders import LEADS
from tests.stores.under_test import Counted, StoreUnderTest


def ids(heads: Iterable[OrderHead]) -> list[str]:
    return [head.id for head in heads]


def test_orders_are_found_by_their_ids_alone(under_test: StoreUnderTest) -> None:
    counted = Counted()
    sweeps = under_test.opened(counted).order_sweeps
    before = sweeps.newest()
    assert (ids(sweeps.after(before)), len(counted.calls)) == ([], 2)
    placed = [under_test.order_place(**LEADS) for _ in range(3)]
    assert ids(sweeps.after(before)) == placed
    assert ids(sweeps.after(placed[0])) == placed[1:]
    assert sweeps.newest() == placed[-1]


def test_those_are_open_of_which_more_is_to_happen(under_test: StoreUnderTest) -> None:
    sweeps = under_test.opened().order_sweeps
    going, ended = (under_test.order_place(**LEADS) for _ in range(2))
    under_test.sandbox.post(f"/_sim/orders/{ended}/ship", {})
    found = {head.id: head.meaning for head in sweeps.open_now()}
    assert going in found
    assert ended not in found
    assert StatusMeaning.SHIPPED not in found.values()
