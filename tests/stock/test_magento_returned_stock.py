"""M19: sold by shop A, brought back to shop B. Each piece lies where Heartland says, and is for sale once."""

import pytest

from connections.models import ConnectionLocation
from connections.preferences import location_feed
from ipaas.types import JSON
from syncjobs.flows.shipments import SHIPMENTS
from syncjobs.models import Record
from tests import factories
from tests.flows.tills import record_of, refunding, take_back, work
from tests.stock.magento_shelf import SOURCE, MagentoShelf, heartland_server, magento_pair, magento_server, shelf

__all__ = ["heartland_server", "magento_pair", "magento_server", "shelf"]

TRACKED = {"tracking_number": "1Z999AA10123456784", "carrier": "UPS Ground"}
SKU, OTHER = "DOG-LEAD", "depot"
AUTO_RETURN = "cataloginventory/item_options/auto_return"


@pytest.fixture
def shops(shelf: MagentoShelf) -> dict[str, str]:
    """Shop A feeds one source and shop B another, where 10 and 4 pieces lie; answers their locations by source."""
    shelf.only("")
    connection = shelf.pair.connection
    connection.inventory_settings.counts_all_locations = False
    connection.inventory_settings.save()
    refunding(connection, tracking_field="tracking_number", carrier_field="carrier")
    places = dict(
        zip((SOURCE, OTHER), ("100005", next(one for one in shelf.open_places() if one != "100005")), strict=True)
    )
    person = factories.member(connection.merchant)
    for source, place in places.items():
        location = connection.heartland.locations.get(external_id=place)
        row = ConnectionLocation.objects.create(connection=connection, location=location, store_location=SOURCE)
        location_feed(place=row, store_location=source, actor=person)
    shelf.sync()
    feeds = {place: source for source, place in places.items()}
    lying = shelf.expected_at(SKU, feeds)
    for source, count in ((SOURCE, 10), (OTHER, 4)):
        shelf.move(SKU, count - lying[source], connection.heartland.locations.get(external_id=places[source]).name)
    shelf.follow()
    assert at(shelf) == (10, 4)
    return places


def at(shelf: MagentoShelf) -> tuple[int, int]:
    """On hand at the sources of A and B."""
    return shelf.at(SKU), shelf.at(SKU, OTHER)


@pytest.mark.parametrize("returns_by_itself", [False, True])
def test_m19_what_shop_a_sold_and_shop_b_took_back_lies_in_b_alone(
    shelf: MagentoShelf, shops: dict[str, str], *, returns_by_itself: bool
) -> None:
    if returns_by_itself:
        shelf.magento.put("/_sim/settings", {"path": AUTO_RETURN, "value": 1})
    order = shelf.place(DOG_LEAD=1)
    assert shelf.pair.run(order) == "done"
    sales_order = shelf.distributed(order)
    sold: JSON = shelf.pair.heartland.post("/_sim/staff/invoice", {"order_id": sales_order, "custom": TRACKED})
    work(shelf.pair.connection)
    assert Record.objects.get(flow=SHIPMENTS.name, order_id=order).disposition == "booked"
    shelf.follow()
    assert at(shelf) == (9, 4)
    offered = [shelf.salable(SKU)]
    ticket = take_back(
        shelf.pair.heartland, shelf.pair.connection, str(sold["invoices"][0]["id"]), {"sku": SKU, "qty": 1},
        location=int(shops[OTHER]),
    )  # fmt: skip
    work(shelf.pair.connection)
    assert record_of(ticket).disposition == "booked", record_of(ticket).reason
    offered.append(shelf.salable(SKU))
    shelf.follow()
    offered.append(shelf.salable(SKU))
    assert at(shelf) == (9, 5)
    assert shelf.expected_at(SKU, {place: source for source, place in shops.items()}) == {SOURCE: 9, OTHER: 5}
    assert max(offered) <= 14
    assert offered[-1] == 14
