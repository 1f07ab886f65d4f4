"""Grids of SKUs, pushed to a Magento shop and pulled out of one, of which the other side knows none; then again."""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.conf import LazySettings
from django.core.cache import cache

from connections.call_limits import CallLimits
from connections.connect.magento.connecting import store_connect
from connections.headless import pairs_set_up
from connections.models import Connection, Merchant
from connections.services import heartland_connect
from connections.store_kinds import KINDS
from ipaas.sandbox.catalog import scale
from syncjobs.models import Run, RunChange
from syncjobs.stories.demo.sim import Sandbox
from tests.catalogue.conftest import Catalogue
from tests.flows.conftest import Pair
from tests.sandbox.conftest import running
from tests.stock.magento_shelf import WEBSITE
from tests.stores.magento import SECRETS

SKUS = int(os.environ.get("CATALOGUE_SKUS", "700"))  # 5,000 by `make catalogue`; the seed has some 590 of them
PRODUCT = "POST /V1/products"
ITEM = "POST /api/items"
TOKEN = {"token": SECRETS["token"]}  # alone, as bearer


def catalogue_of(heartland: Sandbox, store: Sandbox, secrets: dict[str, str]) -> Catalogue:
    """A connected pair of these two."""
    merchant = Merchant.objects.create(name="Harbor & Pine")
    heartland_connect(merchant=merchant, base_url=f"{heartland.base}/api", token="sim-heartland-token")
    store_connect(merchant=merchant, address=store.base, secrets=secrets, website=WEBSITE)
    pairs_set_up(merchant, currency="USD")
    made = Catalogue(Pair(heartland=heartland, bigcommerce=store, connection=Connection.objects.get()))
    made.calls()
    return made


def foretold(preview: Run) -> str:
    """What applying all of it is to say."""
    created, updated = preview.result["create"], preview.result.get("update", 0)
    return f"Created {created:,}, updated {updated:,}; 0 needed nothing."


@pytest.fixture
def systems(
    request: pytest.FixtureRequest, db: None, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Catalogue]:
    """The one that `request` names has the grids, the other one has its seed. Neither is spared.

    What is pushed is signed, what is pulled is read with a token.
    """
    settings.HEARTLAND_CALLS_PER_SECOND = 10_000
    magento = KINDS["magento"]
    unspared = replace(magento.profile, limits=CallLimits(quota=1_000_000))
    monkeypatch.setitem(KINDS, "magento", replace(magento, profile=unspared))
    cache.clear()
    size = ["--scale", str(SKUS)]
    heartland = running("heartland", "--switch", "rate_limit=false", *(size if request.param == "heartland" else []))
    is_pull = request.param == "magento"
    store = running("magento", "--switch", f"integration_as_bearer={str(is_pull).lower()}", *(size if is_pull else []))
    yield catalogue_of(Sandbox(heartland.url), Sandbox(store.url), TOKEN if is_pull else SECRETS)
    heartland.close()
    store.close()


@pytest.mark.parametrize("systems", ["heartland"], indirect=True)
def test_a_push_makes_each_grid_and_the_second_writes_nothing(systems: Catalogue) -> None:
    systems.choose("push", updates=True, includes_imageless=True)
    before = {row["sku"] for row in systems.pair.bigcommerce.rows("products")}
    preview = systems.preview()
    assert systems.writes() == Counter()
    done = systems.apply(preview)
    assert done.sentence == foretold(preview)
    assert done.changes.filter(kind=RunChange.Kind.REFUSED).count() == 0
    made = {row["sku"]: row for row in systems.pair.bigcommerce.rows("products") if row["sku"] not in before}
    assert systems.writes()[PRODUCT] == len(made)
    simple = {sku for sku, row in made.items() if row["type_id"] == "simple"}
    assert len(simple) >= scale(SKUS).count
    assert simple <= {row["public_id"] for row in systems.pair.heartland.rows("items")}
    children = [child for row in made.values() if row["type_id"] == "configurable" for child in row["child_ids"]]
    assert len(children) == len(set(children)) == scale(SKUS).count
    again = systems.preview()
    assert (again.result.get("create", 0), again.result.get("update", 0)) == (0, 0)
    assert systems.apply(again).total == 0
    assert systems.writes() == Counter()


@pytest.mark.parametrize("systems", ["magento"], indirect=True)
def test_a_pull_makes_each_grid_and_the_second_writes_nothing(systems: Catalogue) -> None:
    systems.choose("pull", updates=True)
    known = {row["public_id"] for row in systems.pair.heartland.rows("items")}
    preview = systems.preview()
    assert systems.writes() == Counter()
    done = systems.apply(preview)
    assert done.sentence == foretold(preview)
    assert done.changes.filter(kind=RunChange.Kind.REFUSED).count() == 0
    items = {row["public_id"] for row in systems.pair.heartland.rows("items")}
    assert systems.writes()[ITEM] == len(items - known) >= scale(SKUS).count
    again = systems.preview()
    assert (again.result.get("create", 0), again.result.get("update", 0)) == (0, 0)
    assert systems.apply(again).total == 0
    assert systems.writes() == Counter()
