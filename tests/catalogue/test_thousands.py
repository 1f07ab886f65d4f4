"""Thousands of SKUs in grids, pushed to a store and pulled into a Heartland that know none of them; then again."""

import os
from collections import Counter
from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from connections.connect.bigcommerce.install import store_connect
from connections.headless import pairs_set_up
from connections.models import Connection, Merchant
from connections.services import heartland_connect
from ipaas.sandbox.catalog import scale
from syncjobs.stories.demo.sim import Sandbox
from tests.catalogue.conftest import Catalogue
from tests.flows.conftest import Pair
from tests.sandbox.conftest import running

PRODUCT = "POST /stores/<store_hash>/v3/catalog/products"
CATEGORY = "POST /stores/<store_hash>/v3/catalog/categories"
ITEM = "POST /api/items"
SKUS = int(os.environ.get("CATALOGUE_SKUS", "1500"))  # 5,000 by `make catalogue`


def catalogue_of(heartland: Sandbox, store: Sandbox) -> Catalogue:
    """A connected pair of these two."""
    merchant = Merchant.objects.create(name="Harbor & Pine")
    heartland_connect(merchant=merchant, base_url=f"{heartland.base}/api", token="sim-heartland-token")
    store_connect(
        merchant=merchant, store_hash="a1b2c3d4e5", access_token="sim-bigcommerce-token", client_id="simclientid0001",
        client_secret="sim-client-secret-0001", api_base=store.base,
    )  # fmt: skip
    pairs_set_up(merchant)
    made = Catalogue(Pair(heartland=heartland, bigcommerce=store, connection=Connection.objects.get()))
    made.calls()
    return made


@pytest.fixture
def systems(request: pytest.FixtureRequest, db: None, settings: LazySettings) -> Iterator[Catalogue]:
    """The one that `request` names has thousands of SKUs, the other one has its seed."""
    settings.HEARTLAND_CALLS_PER_SECOND = 10_000
    size = ["--scale", str(SKUS)]
    heartland = running("heartland", "--switch", "rate_limit=false", *(size if request.param == "heartland" else []))
    switches = ["--switch", "allow_http_loopback=true", "--switch", "quota=1000000"]
    store = running("bigcommerce", *switches, *(size if request.param == "bigcommerce" else []))
    yield catalogue_of(Sandbox(heartland.url), Sandbox(store.url))
    heartland.close()
    store.close()


@pytest.mark.parametrize("systems", ["heartland"], indirect=True)
def test_a_push_makes_all_of_them_and_the_second_writes_nothing(systems: Catalogue) -> None:
    systems.choose("push", updates=True, includes_imageless=True)
    preview = systems.preview()
    created = preview.result["create"]
    done = systems.apply(preview)
    assert done.sentence == f"Created {created:,}, updated 0; 0 needed nothing."
    assert systems.writes() == Counter({PRODUCT: created, CATEGORY: 1})
    prices = {row["sku"]: row["price"] for row in systems.pair.bigcommerce.rows("variants")}
    made = [row for row in systems.pair.heartland.rows("items") if row["custom"].get("department") == "Workshop"]
    assert len(made) == scale(SKUS).count
    assert [row["public_id"] for row in made if prices.get(row["public_id"]) != row["price"]] == []
    again = systems.preview()
    assert (again.result.get("create", 0), again.result.get("update", 0)) == (0, 0)
    assert systems.apply(again).total == 0
    assert systems.writes() == Counter()


@pytest.mark.parametrize("systems", ["bigcommerce"], indirect=True)
def test_a_pull_makes_all_of_them_and_the_second_writes_nothing(systems: Catalogue) -> None:
    systems.choose("pull", updates=True)
    known = {row["public_id"] for row in systems.pair.heartland.rows("items")}
    preview = systems.preview()
    created = preview.result["create"]
    done = systems.apply(preview)
    assert done.sentence == f"Created {created:,}, updated 0; 0 needed nothing."
    items = {row["public_id"]: row for row in systems.pair.heartland.rows("items")}
    missing = {row["sku"].strip() for row in systems.pair.bigcommerce.rows("variants")} - set(items)
    assert len(missing) == preview.result["conflict"]  # the seed's near misses
    assert systems.writes()[ITEM] == len(set(items) - known) >= scale(SKUS).count
    again = systems.preview()
    assert (again.result.get("create", 0), again.result.get("update", 0)) == (0, 0)
    assert systems.apply(again).total == 0
    assert systems.writes() == Counter()
