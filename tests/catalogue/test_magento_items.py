"""Items between Heartland and Magento through both sandboxes: linked, previewed, pushed, pulled, and then equal."""

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from connections.models import InventorySettings, ItemSettings
from ipaas.types import JSON
from mappings.models import CatalogueSku, Link, Side, StockLevel
from syncjobs.catalogue.choices import apply_kind
from syncjobs.catalogue.walk_catalogues import PREVIEW
from syncjobs.models import Run, RunChange
from syncjobs.stock.follow_locations import SYNC
from tests.bulk import link_all, run_whole
from tests.flows.conftest import Pair
from tests.stock.magento_shelf import heartland_server, magento_pair, magento_server
from tests.stores.magento import SECRETS

__all__ = ["SECRETS", "heartland_server", "magento_pair", "magento_server"]

NEW = ["POS-BAIT", "POS-ICE", "POS-KEYS"]  # of the shop's items that no store of the seed sells


@pytest.fixture
def pair(magento_pair: Pair) -> Pair:
    link_all(magento_pair.connection)
    return magento_pair


def choose(pair: Pair, mode: str, **choices: Any) -> None:
    chosen = {"mode": mode, "updates": True} | choices
    ItemSettings.objects.update_or_create(connection=pair.connection, defaults=chosen)
    pair.connection.refresh_from_db()


def preview(pair: Pair) -> Run:
    return run_whole(pair.connection, PREVIEW)


def applied(pair: Pair, of: Run) -> Run:
    return run_whole(pair.connection, apply_kind(ItemSettings.objects.get()), preview=of.pk)


def kinds(run: Run) -> Counter[str]:
    return Counter(run.changes.values_list("kind", flat=True))


def named(run: Run, kind: str) -> list[str]:
    return sorted(run.changes.filter(kind=kind).values_list("subject", flat=True))


def of_magento(pair: Pair) -> Counter[str]:
    counts: Counter[str] = Counter(pair.bigcommerce.get("/_sim/calls")["counts"])
    pair.bigcommerce.delete("/_sim/calls")
    return counts


def product(pair: Pair, sku: str) -> JSON:
    return next(row for row in pair.bigcommerce.rows("products") if row["sku"] == sku)


def test_both_catalogues_are_linked_by_their_numbers(pair: Pair) -> None:
    """Children of configurable products and bundles too: both stand on orders."""
    links = dict(Link.objects.filter(kind=Link.Kind.ITEM).values_list("source_id", "target_label"))
    assert len(links) > 560
    assert all(sku == number for sku, number in links.items())
    sold = CatalogueSku.objects.filter(side=Side.STORE)
    assert sold.get(sku="HP-TEE-RED-XS").facts["options"] == [["Size", "XS"], ["Color", "Red"]]
    assert {"HP-TEE-RED-XS", "KIT-MORNING", "DOG-LEAD"} <= links.keys()
    assert not sold.filter(sku="HP-TEE").exists()  # a parent is nothing that lies on a shelf


def test_what_only_heartland_has_is_pushed_and_then_nothing_is_left_to_do(pair: Pair) -> None:
    choose(pair, "push", includes_imageless=True)
    before = len(pair.bigcommerce.rows("products"))
    first = preview(pair)
    assert named(first, RunChange.Kind.CREATE) == NEW
    assert len(pair.bigcommerce.rows("products")) == before
    of_magento(pair)
    done = applied(pair, first)
    made = of_magento(pair)
    assert (done.result["create"], made["POST /V1/products"]) == (len(NEW), len(NEW))
    assert not kinds(done)[RunChange.Kind.REFUSED]
    for sku in NEW:
        row = product(pair, sku)
        assert (row["type_id"], row["website_ids"]) == ("simple", [1])
    again = preview(pair)
    assert kinds(again)[RunChange.Kind.CREATE] == kinds(again)[RunChange.Kind.UPDATE] == 0


def test_a_grid_is_pushed_as_one_product_with_options_once(pair: Pair) -> None:
    """One call to look, one for each child, and one for what holds them."""
    rows = pair.bigcommerce.rows("products")
    gone = [row for row in rows if row["sku"] == "HP-TEE" or row["sku"].startswith("HP-TEE-")]
    for row in gone:
        pair.bigcommerce.post("/_sim/products/delete", {"sku": row["sku"]})
    link_all(pair.connection)
    choose(pair, "push", includes_imageless=True)
    shown = preview(pair)
    assert len(named(shown, RunChange.Kind.CREATE)) == len(NEW) + 1
    of_magento(pair)
    done = applied(pair, shown)
    assert not kinds(done)[RunChange.Kind.REFUSED]
    assert of_magento(pair)["POST /V1/products"] == len(NEW) + len(gone)
    made = {row["id"]: row for row in pair.bigcommerce.rows("products")}
    (parent,) = [row for row in made.values() if row["type_id"] == "configurable" and row["sku"] == "HP-TEE"]
    children = sorted(made[child]["sku"] for child in parent["child_ids"])
    assert children == sorted(row["sku"] for row in gone if row["type_id"] == "simple")
    again = preview(pair)
    assert kinds(again)[RunChange.Kind.CREATE] == kinds(again)[RunChange.Kind.UPDATE] == 0


def test_a_price_of_heartland_reaches_the_store_and_nothing_else_is_written(pair: Pair) -> None:
    choose(pair, "push", moved_fields=["price"])
    item = next(row for row in pair.heartland.rows("items") if row["public_id"] == "DOG-LEAD")
    pair.heartland_client().item_update(str(item["id"]), {"price": Decimal("36.5")})
    shown = preview(pair)
    assert named(shown, RunChange.Kind.UPDATE) == ["DOG-LEAD"]
    of_magento(pair)
    applied(pair, shown)
    writes = {call: count for call, count in of_magento(pair).items() if not call.startswith("GET")}
    assert writes == {"POST /V1/products/base-prices": 1}
    prices = pair.bigcommerce.get("/_sim/selling-price", sku="DOG-LEAD")
    assert prices["default"] == Decimal("36.5")
    assert kinds(preview(pair))[RunChange.Kind.UPDATE] == 0


def test_what_only_the_store_has_is_pulled_with_its_options(pair: Pair) -> None:
    choose(pair, "pull")
    shown = preview(pair)
    wanted = named(shown, RunChange.Kind.CREATE)
    assert wanted
    assert not {"DOG-LEAD", "HP-TEE-RED-XS"} & set(wanted)
    done = applied(pair, shown)
    assert done.result["create"] == len(wanted)
    assert not kinds(done)[RunChange.Kind.REFUSED]
    assert kinds(preview(pair))[RunChange.Kind.CREATE] == 0


def test_a_bundle_is_linked_and_its_stock_is_its_parts(pair: Pair) -> None:
    InventorySettings.objects.update_or_create(connection=pair.connection, defaults={"counts_all_locations": True})
    run_whole(pair.connection, SYNC)
    level = StockLevel.objects.get(sku="KIT-MORNING")
    assert (level.is_tracked, level.is_left_alone, level.pushed_at) == (False, True, None)
