"""A push undone: products go back field by field, what it made is hidden, what was changed since stays."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from connections.models import Role
from ipaas import failpoints
from syncjobs.bulk.undoing_runs import ITEMS_UNDO
from syncjobs.engine.retention import retention_apply
from syncjobs.models import BeforeImage, Run
from tests import factories
from tests.bulk import run_whole
from tests.catalogue.conftest import Catalogue
from tests.catalogue.test_pushing import GLOVE, SOLD_ON_WEB, grid, price
from tests.flows.test_worklist import dying_at

OTHER = "CMP-JUG"


def pushed(catalogue: Catalogue) -> Run:
    """Two prices raised and a product made."""
    catalogue.choose("push", updates=True, includes_imageless=True, filters=SOLD_ON_WEB, option_keys="size")
    price(catalogue, GLOVE, "27.60")
    price(catalogue, OTHER, "99.00")
    grid(catalogue)
    run = catalogue.apply(catalogue.preview())
    assert run.sentence == "Created 1, updated 2; 0 needed nothing."
    return run


def asked(catalogue: Catalogue, sku: str) -> Decimal:
    """What the store asks for a SKU."""
    variant, product = catalogue.variant(sku), catalogue.product(sku)
    return Decimal(str(product["price"] if variant["price"] is None else variant["price"]))


def undo(catalogue: Catalogue, run: Run) -> Run:
    return run_whole(catalogue.pair.connection, ITEMS_UNDO, of=run.pk)


def test_prices_go_back_and_what_it_made_is_hidden(catalogue: Catalogue) -> None:
    before = [catalogue.product(sku) | {"date_modified": ""} for sku in (GLOVE, OTHER)]
    prices = [asked(catalogue, sku) for sku in (GLOVE, OTHER)]
    run = pushed(catalogue)
    assert [asked(catalogue, sku) for sku in (GLOVE, OTHER)] == [Decimal("27.60"), Decimal("99.00")]
    assert run.images.count() == 3
    undone = undo(catalogue, run)
    assert undone.sentence == "Put 3 products back."
    assert [asked(catalogue, sku) for sku in (GLOVE, OTHER)] == prices
    after = [catalogue.product(sku) | {"date_modified": ""} for sku in (GLOVE, OTHER)]
    assert [row["name"] for row in after] == [row["name"] for row in before]
    assert catalogue.product("ST-S")["is_visible"] is False
    assert sorted(undone.changes.values_list("kind", flat=True)) == ["archive", "update", "update"]
    client = Client()
    client.force_login(factories.member(catalogue.pair.connection.merchant, Role.OWNER))
    page = f"/stores/{catalogue.pair.connection.public_id}/items/runs/{run.pk}/"
    assert "It was undone." in client.get(page).content.decode()
    again = client.post(f"/stores/{catalogue.pair.connection.public_id}/runs/{run.pk}/undo/", follow=True)
    assert "Nothing was undone: it was undone already." in again.content.decode()


def test_what_was_changed_since_is_left_and_named(catalogue: Catalogue) -> None:
    run = pushed(catalogue)
    former = asked(catalogue, OTHER)
    product = catalogue.product(OTHER)
    catalogue.store.products_update([{"id": product["id"], "price": Decimal("101.00")}])
    made = catalogue.product("ST-S")
    catalogue.store.products_update([{"id": made["id"], "name": "Shore Tee, by hand"}])
    undone = undo(catalogue, run)
    assert undone.sentence == "Put 1 product back; 2 left as they are, as listed."
    assert (former, asked(catalogue, OTHER)) == (Decimal("99.00"), Decimal("101.00"))
    assert catalogue.product("ST-S")["is_visible"] is True
    reasons = dict(undone.changes.filter(kind="conflict").values_list("subject", "reason"))
    assert reasons == {
        OTHER: "Price: It was changed since: it is left as it is.",
        "ST-S": "It was changed since: it is left as it is.",
    }


def test_a_worker_killed_while_it_pushed_or_undid_loses_no_image(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    prices = [asked(catalogue, sku) for sku in (GLOVE, OTHER)]
    catalogue.choose("push", updates=True, includes_imageless=True, filters=SOLD_ON_WEB)
    price(catalogue, GLOVE, "27.60")
    price(catalogue, OTHER, "99.00")
    preview = catalogue.preview()
    monkeypatch.setattr(failpoints, "passing", dying_at("items.sent"))
    with pytest.raises(KeyboardInterrupt):
        catalogue.apply(preview)
    monkeypatch.undo()
    run = catalogue.go_on()
    assert (run.state, run.images.exclude(before={}).exclude(after={}).count()) == ("done", 2)
    monkeypatch.setattr(failpoints, "passing", dying_at("items.sent"))
    with pytest.raises(KeyboardInterrupt):
        undo(catalogue, run)
    monkeypatch.undo()
    done = catalogue.go_on()
    assert (done.state, done.sentence) == ("done", "Put 2 products back.")
    assert list(done.changes.values_list("kind", flat=True)) == ["update", "update"]
    assert [asked(catalogue, sku) for sku in (GLOVE, OTHER)] == prices


def test_images_are_kept_for_a_day(catalogue: Catalogue) -> None:
    pushed(catalogue)
    retention_apply(timezone.now() + timedelta(hours=23))
    assert BeforeImage.objects.count() == 3
    retention_apply(timezone.now() + timedelta(hours=25))
    assert BeforeImage.objects.count() == 0
