"""A pull undone: items go back field by field, what it made is switched off, what was changed since stays."""

from decimal import Decimal

import pytest
from django.test import Client

from connections.models import Role
from ipaas import failpoints
from ipaas.types import JSON
from mappings.core.heartland.undo_bodies import Back, undo_of_item
from syncjobs.bulk.undoing_runs import PULL_UNDO
from syncjobs.models import Run
from tests import factories
from tests.bulk import run_whole
from tests.catalogue.conftest import Catalogue
from tests.catalogue.test_pulling import PUT_ITEM, shirt
from tests.flows.test_worklist import dying_at

LEAD, BOWL = "DOG-LEAD", "CMP-SPRK"


def pulled(catalogue: Catalogue) -> Run:
    """Both sides agree; then two products are changed in the store, and one is made there."""
    catalogue.choose("pull", updates=True)
    catalogue.apply(catalogue.preview())
    for sku, changes in ((LEAD, {"price": 21, "name": "Dog Lead, long"}), (BOWL, {"price": 77})):
        catalogue.store.products_update([{"id": catalogue.product(sku)["id"], **changes}])
    shirt(catalogue)
    run = catalogue.apply(catalogue.preview())
    assert run.sentence == "Created 1, updated 2; 0 needed nothing."
    return run


def undo(catalogue: Catalogue, run: Run) -> Run:
    return run_whole(catalogue.pair.connection, PULL_UNDO, of=run.pk)


def told(item: JSON) -> JSON:
    """What of an item a pull may write."""
    names = ("description", "long_description", "price", "original_price", "cost", "weight", "custom", "active")
    return {name: item.get(name) for name in names}


def test_items_go_back_and_what_it_made_is_switched_off(catalogue: Catalogue) -> None:
    catalogue.choose("pull", updates=True)
    catalogue.apply(catalogue.preview())
    before = [told(catalogue.item(sku)) for sku in (LEAD, BOWL)]
    run = pulled(catalogue)
    assert [catalogue.item(sku)["price"] for sku in (LEAD, BOWL)] == [21, 77]
    assert run.images.count() == 3
    catalogue.calls()
    undone = undo(catalogue, run)
    assert undone.sentence == "Put 3 products back."
    assert catalogue.writes() == {PUT_ITEM: 2 + 3}
    assert [told(catalogue.item(sku)) for sku in (LEAD, BOWL)] == before
    assert {catalogue.item(f"SHIRT-{one}")["active"] for one in ("S-Blue", "M-Blue", "M-Sand")} == {False}
    assert sorted(undone.changes.values_list("kind", flat=True)) == ["archive", "update", "update"]


def test_its_page_offers_it_once_and_shows_what_it_did(catalogue: Catalogue) -> None:
    run, client = pulled(catalogue), Client()
    client.force_login(factories.member(catalogue.pair.connection.merchant, Role.OWNER))
    place = f"/stores/{catalogue.pair.connection.public_id}"
    page = client.get(f"{place}/items/runs/{run.pk}/").content.decode()
    assert "New items are switched off, not deleted" in page
    undone = undo(catalogue, run)
    assert "It was undone." in client.get(f"{place}/items/runs/{run.pk}/").content.decode()
    shown = client.get(f"{place}/items/runs/{undone.pk}/").content.decode()
    assert "<del>Dog Lead, long</del>" in shown
    again = client.post(f"{place}/runs/{run.pk}/undo/", follow=True).content.decode()
    assert "Nothing was undone: it was undone already." in again


def test_what_was_changed_since_is_left_and_named(catalogue: Catalogue) -> None:
    run = pulled(catalogue)
    catalogue.heartland.item_update(str(catalogue.item(LEAD)["id"]), {"price": Decimal(25)})
    catalogue.heartland.item_update(str(catalogue.item("SHIRT-M-Sand")["id"]), {"cost": Decimal(3)})
    undone = undo(catalogue, run)
    assert undone.sentence == "Put 3 products back."
    lead = catalogue.item(LEAD)
    assert (lead["price"], lead["description"] == "Dog Lead, long") == (25, False)
    assert catalogue.item("SHIRT-M-Sand")["active"] is True
    assert dict(undone.changes.exclude(reason="").values_list("title", "reason")) == {
        "Rope Dog Lead": "DOG-LEAD: Price: It was changed since: it is left as it is.",
        "Linen Shirt": "SHIRT-M-Sand: It was changed since: it is left as it is.",
    }


def test_a_kill_at_any_write_of_an_undo_puts_all_back_once_and_tells_it(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker dies after each of the five writes; whoever goes on writes what is missing, and lists all of it."""
    run = pulled(catalogue)
    catalogue.calls()
    monkeypatch.setattr(failpoints, "passing", dying_at("items.undone"))
    with pytest.raises(KeyboardInterrupt):
        undo(catalogue, run)
    for _ in range(4):
        with pytest.raises(KeyboardInterrupt):
            catalogue.go_on()
    monkeypatch.undo()
    done = catalogue.go_on()
    assert (done.state, done.sentence) == ("done", "Put 3 products back.")
    assert catalogue.writes() == {PUT_ITEM: 2 + 3}
    assert sorted(done.changes.values_list("kind", flat=True)) == ["archive", "update", "update"]
    assert [catalogue.item(sku)["price"] != price for sku, price in ((LEAD, 21), (BOWL, 77))] == [True, True]
    assert {catalogue.item(f"SHIRT-{one}")["active"] for one in ("S-Blue", "M-Blue", "M-Sand")} == {False}


@pytest.mark.parametrize(
    ("now", "body", "moved"),
    [
        ({"price": "21", "custom": {"brand": "Loom"}}, {"price": Decimal("19.95"), "custom": {"brand": ""}}, ()),
        ({"price": "25", "custom": {"brand": "Loom"}}, {"custom": {"brand": ""}}, ("Price",)),
        ({"price": "19.95", "custom": {}}, {}, ()),
    ],
)
def test_only_what_still_stands_as_the_run_wrote_it_goes_back(now: JSON, body: JSON, moved: tuple[str, ...]) -> None:
    before, after = {"price": "19.95", "custom": {}}, {"price": "21", "custom": {"brand": "Loom"}}
    found = undo_of_item(before, after, now)
    assert (found.body, found.moved) == (body, moved)


def test_a_value_that_was_blank_is_made_blank_again() -> None:
    found = undo_of_item({"description": "Lead"}, {"description": "Lead", "long_description": "x"},
                         {"description": "Lead", "long_description": "x"})  # fmt: skip
    assert found.body == {"long_description": ""}
    assert found.back == (Back(name="Description", now="x", before=""),)
