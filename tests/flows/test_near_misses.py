"""A hold for an unknown SKU names the item that nearly has it, whichever side lost or mistook a sign."""

import pytest

from ipaas.types import JSON
from mappings.core.rules.near_misses import folded
from mappings.models import CatalogueProduct, CatalogueSku, Side
from tests.flows.conftest import Pair

ZEROS, ALIKE, ACCENTS = (
    "leading zeros",
    "characters that look alike, such as 0 and O",
    "how its accents are written",
)
MISSES = [("7712", "0007712", ZEROS), ("0088", "88", ZEROS), ("CAMP-9", "САМP-9", ALIKE), ("САМP-9", "CAMP-9", ALIKE),
          ("CAFÉ-1", "CAFE\u0301-1", ACCENTS)]  # fmt: skip


def item(pair: Pair, number: str) -> JSON:
    pair.heartland_client().item_create({"public_id": number, "description": "Thing", "cost": 1, "price": 5})
    return next(row for row in pair.heartland.rows("items") if row["public_id"] == number)


def reason(pair: Pair, sku: str) -> str:
    web_id = pair.place(custom_line={"name": "Thing", "price": "5.00", "sku": sku})
    assert pair.run(web_id) == "hold"
    assert pair.record(web_id).code == "item_not_linked"
    return pair.record(web_id).reason


@pytest.mark.parametrize(("number", "sku", "difference"), [row for row in MISSES if row[0].isascii() or "É" in row[0]])
def test_c22_the_near_miss_is_searched_for(pair: Pair, number: str, sku: str, difference: str) -> None:
    item(pair, number)
    assert reason(pair, sku) == (
        f"No Heartland item has the Item # “{sku}”. Heartland has “{number}”, which differs in {difference}."
    )


@pytest.mark.parametrize(("number", "sku", "difference"), MISSES)
def test_c22_the_catalogue_knows_where_to_look(pair: Pair, number: str, sku: str, difference: str) -> None:
    made = item(pair, number)
    for external_id, known in ((made["id"], number), (999999, f"{number} ")):  # the second is gone since
        product = CatalogueProduct.objects.create(
            connection=pair.connection, side=Side.HEARTLAND, external_id=f"i{external_id}"
        )
        CatalogueSku.objects.create(
            connection=pair.connection, side=Side.HEARTLAND, product=product, external_id=str(external_id), sku=known,
            folded=folded(known),
        )  # fmt: skip
    assert reason(pair, sku).endswith(f"Heartland has “{number}”, which differs in {difference}.")
