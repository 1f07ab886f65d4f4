"""Edit and retry of a Magento order: the values of its own kind of order, written otherwise for one booking."""

import re

from django.test import Client

from connections.models import Role
from tests import factories
from tests.flows.magento.conftest import Pair, line


def test_row_127_an_unknown_sku_is_booked_as_the_item_that_a_person_writes(pair: Pair) -> None:
    order_id = pair.place(line("DOG-LEAD", "20", 1))
    heartland = pair.heartland_client()
    item = heartland.items_by_numbers(["DOG-LEAD"])["DOG-LEAD"]
    heartland.item_update(str(item["id"]), {"public_id": "DOG-LEAD-OLD"})
    assert pair.run(order_id) == "hold"
    client, where = Client(), f"/stores/{pair.connection.public_id}/orders/{order_id}/edit/"
    client.force_login(factories.member(pair.connection.merchant, Role.OPS, "ops@pine.example"))
    page = client.get(where).content.decode()
    shown = re.findall(r'name="shown" value="(\w{32})"', page)[0]
    client.post(where, {"shown": shown, "note": "Renamed there.", "edit-line.1.sku": "DOG-LEAD-OLD"})
    assert pair.run(order_id) == "done", pair.record(order_id).reason
    (row,) = pair.there(order_id)["lines"]
    assert str(row["item_id"]) == str(item["id"])
