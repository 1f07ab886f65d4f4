"""Stock at both systems, against the sandbox over real HTTP."""

from collections.abc import Sequence

import pytest

from connections.connectors import parts
from connections.connectors.bigcommerce import BigCommerceClient
from connections.connectors.heartland import HeartlandClient
from connections.connectors.heartland import stock as heartland_stock
from errors.failures import Rejected
from mappings.core.rules.stock_arithmetic import figures_of
from syncjobs.stories.demo.sim import Sandbox
from tests.connectors.conftest import switch


def walked(client: HeartlandClient, places: Sequence[str], *, by_location: bool = False) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    has_more, last = True, 0
    while has_more:
        rows, has_more = client.stock_page(last, places, by_location=by_location)
        found += rows
        last = rows[-1]["item_id"] if rows else last
    return found


def test_stock_is_walked_by_item_and_never_twice(
    heartland: HeartlandClient, heartland_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = [str(row["id"]) for row in heartland.locations()]
    whole = walked(heartland, places)
    monkeypatch.setattr(heartland_stock, "ROWS", 100)
    assert walked(heartland, places) == whole
    ids = [row["item_id"] for row in whole]
    assert ids == sorted(set(ids))  # type: ignore[type-var]
    assert len(ids) > 500


def test_pooled_stock_is_the_sum_of_the_locations(heartland: HeartlandClient) -> None:
    places = [str(row["id"]) for row in heartland.locations()]
    pooled = {row["item_id"]: figures_of(row) for row in walked(heartland, places)}
    single: dict[object, object] = {}
    for row in walked(heartland, places, by_location=True):
        item = row["item_id"]
        single[item] = single[item] + figures_of(row) if item in single else figures_of(row)  # type: ignore[operator]
    assert pooled == single


def test_the_stock_of_some_items_at_some_locations(heartland: HeartlandClient) -> None:
    place = str(heartland.locations()[0]["id"])
    one, two = [int(str(row["item_id"])) for row in walked(heartland, [place])[:2]]
    assert [row["item_id"] for row in heartland.stock_of([two, one], [place])] == [one, two]
    assert heartland.stock_of([], [place]) == []


def test_the_ledger_tells_what_moved_after_a_fence(heartland: HeartlandClient, heartland_url: str) -> None:
    fence = heartland.newest_transaction()
    assert list(heartland.iter_transactions(fence)) == []
    moved = Sandbox(heartland_url).post("/_sim/staff/adjust", {"location": "MAIN", "sku": "DOG-LEAD", "qty": -1})
    (page,) = heartland.iter_transactions(fence)
    assert [row["item_id"] for row in page] == [moved["item_id"]]
    assert heartland.newest_transaction() == page[-1]["id"] > fence


def test_quantities_are_set_and_read_back(bigcommerce: BigCommerceClient, bigcommerce_url: str) -> None:
    switch(bigcommerce_url, inventory_delay=0, product_identity="any")
    bigcommerce.stock_set([{"location_id": 1, "sku": "DOG-LEAD", "quantity": 41}], "Test")
    levels = {row["identity"]["sku"]: row for page in bigcommerce.iter_levels(1) for row in page}
    assert levels["DOG-LEAD"]["available_to_sell"] == 41


def test_one_bad_item_refuses_all_and_is_named(bigcommerce: BigCommerceClient, bigcommerce_url: str) -> None:
    switch(bigcommerce_url, product_identity="any")
    items = [{"location_id": 1, "sku": sku, "quantity": 5} for sku in ("DOG-LEAD", "NOT-THERE")]
    with pytest.raises(Rejected, match="NOT-THERE"):
        bigcommerce.stock_set(items, "Test")
    levels = {row["identity"]["sku"]: row for page in bigcommerce.iter_levels(1) for row in page}
    assert levels["DOG-LEAD"]["available_to_sell"] != 5


def test_the_store_has_locations(bigcommerce: BigCommerceClient) -> None:
    assert bigcommerce.stock_locations()[0]["id"] == 1


@pytest.mark.parametrize("status", [413, 414])
def test_c07_a_list_that_makes_the_address_too_long_is_halved_and_the_size_kept(
    heartland: HeartlandClient, heartland_url: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other side's limit is not known: addresses of more than 1,500 bytes are refused here."""
    monkeypatch.setattr(parts, "_rooms", {})
    sandbox = Sandbox(heartland_url)
    place = str(heartland.locations()[0]["id"])
    items = [int(str(row["item_id"])) for row in walked(heartland, [place])][:500]
    sandbox.post("/_sim/faults", {"path": "/inventory/values.{1500}", "status": status})
    sandbox.delete("/_sim/calls")
    assert [row["item_id"] for row in heartland.stock_of(items, [place])] == items
    first = sandbox.get("/_sim/calls")["counts"]["GET /api/inventory/values"]
    sandbox.delete("/_sim/calls")
    assert len(heartland.stock_of(items, [place])) == len(items)
    again = sandbox.get("/_sim/calls")["counts"]["GET /api/inventory/values"]
    assert (first - again, again <= 8) == (2, True)  # two refusals the first time, and none any more


def test_one_value_that_is_too_long_alone_is_refused_in_words(heartland: HeartlandClient, heartland_url: str) -> None:
    Sandbox(heartland_url).post("/_sim/faults", {"path": "/items.*W{200}", "status": 414})
    with pytest.raises(Rejected, match="refused the request \\(414\\)"):
        heartland.items_by_numbers(["A-1", "W" * 255, "B-2"])


def test_a_page_smaller_than_asked_for_loses_no_item(
    heartland: HeartlandClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tenant may cap a page; what stands on the next one is not none."""
    monkeypatch.setattr(heartland_stock, "ROWS", 7)
    places = [str(row["id"]) for row in heartland.locations()]
    items = [int(str(row["item_id"])) for row in walked(heartland, places)][:20]
    assert [row["item_id"] for row in heartland.stock_of(items, places)] == items
