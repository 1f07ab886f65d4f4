"""Beside the arithmetic of a SKU's card: its product and what the store was told; how many SKUs a rule is about."""

from datetime import timedelta

from mappings.models import CatalogueProduct, CatalogueSku, Side
from syncjobs.models import StockMove
from tests import factories
from tests.screens.conftest import Shop
from tests.screens.test_inventory import level


def test_the_card_names_the_product_and_draws_what_the_store_was_told(shop: Shop) -> None:
    factories.item_link(shop.connection, "HT-M-RED")
    facts = {"name": "Harbor tee"}
    product = CatalogueProduct.objects.create(connection=shop.connection, side=Side.STORE, external_id="1", facts=facts)
    CatalogueSku.objects.create(
        connection=shop.connection, side=Side.STORE, product=product, external_id="1-1", sku="HT-M-RED", folded=""
    )
    for number, (before, after) in enumerate(((9, 7), (7, 3), (3, 8))):
        StockMove.objects.create(
            connection=shop.connection, sku="HT-M-RED", before=before, after=after,
            at=factories.NOW + timedelta(minutes=number),
        )  # fmt: skip
    shown = shop.client().get(shop.at("inventory/why/?sku=HT-M-RED"))
    assert [one.numbers for one in shown.context["told"]] == [[9, 7, 3, 8]]
    page = shown.content.decode()
    assert "Harbor tee" in page
    assert 'aria-label="From 9 to 8, at most 9, at least 3"' in page
    assert shop.client().get(shop.at("inventory/why/")).context["told"] == []


def test_a_rule_says_before_it_is_saved_how_many_skus_it_is_about(shop: Shop, rival: Shop) -> None:
    for number, sku in enumerate(("HT-M-RED", "HT-L-RED", "BIN"), 1):
        one = level(shop, sku, quantity=3)
        product = CatalogueProduct.objects.create(
            connection=shop.connection, side=Side.HEARTLAND, external_id=str(number)
        )
        CatalogueSku.objects.create(
            connection=shop.connection, side=Side.HEARTLAND, product=product, external_id=str(one.item_id), sku=sku,
            folded="", facts={"custom": {"department": "Tees" if sku != "BIN" else "Storage"}},
        )  # fmt: skip

    def said(shop: Shop, query: str) -> str:
        return shop.client().get(shop.at(f"inventory/affects/?{query}")).content.decode()

    assert said(shop, "field=department&value=Tees") == ("As last read, it would be about 2 SKUs whose stock is sent.")
    assert said(shop, "value=BIN") == "As last read, it would be about 1 SKU whose stock is sent."
    assert said(shop, "field=department") == "Name the SKU, or the value of the field, first."
    assert said(rival, "field=department&value=Tees").startswith("As last read, it would be about 0 SKUs")
    assert "inventory/affects/" in shop.client().get(shop.at("inventory/")).content.decode()
