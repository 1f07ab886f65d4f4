"""Beside the arithmetic of a SKU's card: its product and what the store was told; how many SKUs a rule is about."""

import re
from datetime import timedelta

from pytest_django import Settings

from ipaas.checks import picture_hosts
from mappings.models import CatalogueProduct, CatalogueSku, Side
from syncjobs.models import Run, RunChange, StockMove
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


def test_pictures_are_shown_of_hosts_that_were_allowed_and_of_no_others(shop: Shop, settings: Settings) -> None:
    cdn = "https://cdn11.bigcommerce.com"
    for number, address in enumerate((f"{cdn}/tee.png", "https://elsewhere.example/bin.png", "http://[", ""), 1):
        facts = {"name": f"Product {number}", "pictures": [address] if address else []}
        product = CatalogueProduct.objects.create(
            connection=shop.connection, side=Side.STORE, external_id=str(number), facts=facts
        )
        CatalogueSku.objects.create(
            connection=shop.connection, side=Side.STORE, product=product, external_id=f"{number}-1",
            sku=f"SKU-{number}", folded="",
        )  # fmt: skip
    order = factories.order(shop.connection, "700")
    lines = [{"sku": f"SKU-{number}", "name": "x", "quantity": 1, "total": "1.00"} for number in range(1, 6)]
    order.facts |= {"lines": lines}
    order.save()
    assert "<img" not in shop.client().get(shop.at("orders/700/")).content.decode()
    settings.PICTURE_HOSTS = [cdn]
    page = shop.client().get(shop.at("orders/700/")).content.decode()
    assert re.findall(r'<img [^>]*src="([^"]*)"', page) == [f"{cdn}/tee.png"]
    assert 'loading="lazy" referrerpolicy="no-referrer"' in page
    assert f'src="{cdn}/tee.png"' in shop.client().get(shop.at("inventory/why/?sku=SKU-1")).content.decode()
    assert "<img" not in shop.client().get(shop.at("inventory/why/?sku=SKU-2")).content.decode()


def test_what_is_no_origin_is_no_part_of_the_policy(settings: Settings) -> None:
    settings.PICTURE_HOSTS = ["https://cdn11.bigcommerce.com", "https://x.example; script-src *", "*", "x.example/a"]
    assert [found.msg for found in picture_hosts(None)] == [
        "PICTURE_HOSTS: 'https://x.example; script-src *' is no origin.",
        "PICTURE_HOSTS: '*' is no origin.",
        "PICTURE_HOSTS: 'x.example/a' is no origin.",
    ]


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


def test_a_run_names_its_products_and_says_by_how_much_each_number_moves(shop: Shop) -> None:
    product = CatalogueProduct.objects.create(
        connection=shop.connection, side=Side.STORE, external_id="1", facts={"name": "Harbor tee"}
    )
    CatalogueSku.objects.create(
        connection=shop.connection, side=Side.STORE, product=product, external_id="1-1", sku="HT-M-RED", folded=""
    )
    run = Run.objects.create(connection=shop.connection, kind="stock_preview", state="done", started_at=factories.NOW)
    rows = (("HT-M-RED", "update", "3", "12"), ("BIN", "update", "9", "4"), ("CRATE", "refused", "", "4"))
    for weight, (sku, kind, before, after) in enumerate(reversed(rows)):
        RunChange.objects.create(run=run, kind=kind, subject=sku, before=before, after=after, weight=weight)
    page = shop.client().get(shop.at(f"inventory/runs/{run.pk}/"))
    assert [(row.subject, moved) for row, moved in page.context["drawn"]] == [
        ("HT-M-RED", "+9"), ("BIN", "−5"), ("CRATE", ""),
    ]  # fmt: skip
    assert '<td class="cell-wide small">Harbor tee</td>' in page.content.decode()
    assert "<strong>Refused.</strong>" in page.content.decode()
