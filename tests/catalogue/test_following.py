"""Following: a change reaches the other side by itself, our own write comes back unheard, an edit by hand is told."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal

from django.test import Client
from django.utils import timezone

from errors.models import SyncError
from mappings.models import CatalogueSku, Link, Side
from syncjobs.catalogue.follow_catalogues import Changes, catalogue_follow
from syncjobs.engine import job_run, record_retry
from syncjobs.engine.expedite_items import items_expedite
from syncjobs.models import Cursor, Record, Run, SyncJob
from syncjobs.pages.errors.issue_cards import IssueCard
from tests import factories
from tests.bulk import link_all, work
from tests.catalogue.conftest import Catalogue
from tests.screens.conftest import Shop
from tests.screens.test_linking import people_of, said

PUT_PRODUCTS = "PUT /stores/<store_hash>/v3/catalog/products"


def look(catalogue: Catalogue, feed: str) -> Changes | None:
    """Look at one side's changes now, whether or not they are due."""
    Cursor.objects.filter(feed=feed).update(due_at=timezone.now())
    return catalogue_follow(connection=catalogue.pair.connection, feed=feed, now=timezone.now())


def settle(catalogue: Catalogue) -> Run | None:
    """Work the run that a look began."""
    run = Run.objects.filter(state=Run.State.RUNNING).first()
    return work(run) if run else None


def followed(catalogue: Catalogue, mode: str = "push") -> None:
    """Both sides are known, and follow from now on; what the seed left behind has been seen."""
    catalogue.choose(mode, updates=True, follows=True)
    link_all(catalogue.pair.connection)
    for feed in (Cursor.ITEMS, Cursor.PRODUCTS):
        look(catalogue, feed)
        settle(catalogue)
    Run.objects.all().delete()
    catalogue.calls()


def reprice(catalogue: Catalogue, sku: str, value: int) -> None:
    catalogue.heartland.item_update(str(catalogue.item(sku)["id"]), {"price": Decimal(value)})


def test_nothing_is_asked_before_the_first_check(catalogue: Catalogue) -> None:
    assert look(catalogue, Cursor.ITEMS) is None
    assert catalogue.calls() == Counter()


def test_a_new_price_in_heartland_reaches_the_store_by_itself(catalogue: Catalogue) -> None:
    followed(catalogue)
    reprice(catalogue, "DOG-LEAD", 31)
    changes = look(catalogue, Cursor.ITEMS)
    assert changes
    assert (changes.found, changes.echoes) == (1, 0)
    run = settle(catalogue)
    assert run
    assert (run.kind, run.sentence, run.started_by) == ("items_push", "Created 0, updated 1; 0 needed nothing.", None)
    assert catalogue.product("DOG-LEAD")["price"] == 31
    assert catalogue.writes()[PUT_PRODUCTS] == 1


def test_our_own_write_comes_back_as_an_echo_and_starts_nothing(catalogue: Catalogue) -> None:
    followed(catalogue)
    reprice(catalogue, "DOG-LEAD", 31)
    look(catalogue, Cursor.ITEMS)
    settle(catalogue)
    Run.objects.all().delete()
    before = Cursor.objects.get(feed=Cursor.PRODUCTS)
    changes = look(catalogue, Cursor.PRODUCTS)
    assert changes
    assert (changes.found, changes.echoes) == (1, 1)
    assert changes.ours == 1
    counts = Cursor.objects.get(feed=Cursor.PRODUCTS)
    assert (counts.echoes, counts.ours) == (counts.ours + before.echoes - before.ours, before.ours + 1)
    number = catalogue.product("LGT-LANT")["id"]
    catalogue.pair.bigcommerce.post("/_sim/clock/advance", {"seconds": 5})
    catalogue.store.products_update([{"id": number, "page_title": "Nothing that we keep"}])
    silent = look(catalogue, Cursor.PRODUCTS)
    assert silent
    assert (silent.echoes, silent.ours) == (1, 0)
    page = people_of(catalogue.pair)
    shown = " ".join(page.client().get(page.at("items/")).content.decode().split())
    sums = [sum(values) for values in zip(*Cursor.objects.values_list("echoes", "ours"), strict=True)]
    assert f"ignored: {sums[1]} ours, {sums[0] - sums[1]} that said nothing new." in shown
    assert not Run.objects.exists()
    assert not SyncError.objects.exists()


def test_an_edit_in_the_store_is_told_and_waits_for_a_person(catalogue: Catalogue) -> None:
    followed(catalogue)
    number = catalogue.product("DOG-LEAD")["id"]
    catalogue.store.products_update([{"id": number, "price": 5}])
    look(catalogue, Cursor.PRODUCTS)
    problem = SyncError.objects.open().get()
    assert (problem.flow, problem.code) == ("items", "item_edited_outside")
    reprice(catalogue, "DOG-LEAD", 31)
    look(catalogue, Cursor.ITEMS)
    run = settle(catalogue)
    assert run
    assert run.sentence == "Created 0, updated 0, 1 in conflict; 0 needed nothing."
    assert catalogue.product("DOG-LEAD")["price"] == 5


def test_retrying_it_writes_the_originals_values(catalogue: Catalogue) -> None:
    test_an_edit_in_the_store_is_told_and_waits_for_a_person(catalogue)
    problem = SyncError.objects.open().get()
    connection = catalogue.pair.connection
    job = record_retry(connection=connection, flow="items", external_id=problem.external_id, actor=None)
    assert job_run(job_id=job.pk, now=timezone.now()) == SyncJob.Status.DONE
    run = settle(catalogue)
    assert run
    assert run.sentence == "Created 0, updated 1; 0 needed nothing."
    assert catalogue.product("DOG-LEAD")["price"] == 31
    assert not SyncError.objects.open().exists()


def test_retrying_it_after_the_mode_became_manual_writes_nothing_and_says_so(catalogue: Catalogue) -> None:
    test_an_edit_in_the_store_is_told_and_waits_for_a_person(catalogue)
    problem = SyncError.objects.open().get()
    connection = catalogue.pair.connection
    catalogue.choose("manual")
    catalogue.calls()
    job = record_retry(connection=connection, flow="items", external_id=problem.external_id, actor=None)
    assert job_run(job_id=job.pk, now=timezone.now()) == SyncJob.Status.DONE
    record = Record.objects.get(connection=connection, flow="items", external_id=problem.external_id)
    assert (record.disposition, record.code) == ("skipped", "manual")
    assert catalogue.writes() == Counter()
    assert catalogue.product("DOG-LEAD")["price"] == 5


def test_a_closed_edit_stays_as_it_is_until_another_is_made(catalogue: Catalogue, client: Client) -> None:
    test_an_edit_in_the_store_is_told_and_waits_for_a_person(catalogue)
    place = f"/stores/{catalogue.pair.connection.public_id}"
    client.force_login(factories.member(catalogue.pair.connection.merchant))
    problem = SyncError.objects.open().get()
    wish = {"pick": [problem.pk], "drawn": (timezone.now() + timedelta(seconds=1)).isoformat()}
    client.post(f"{place}/close/", wish | {"kind": "settled_elsewhere", "note": "A price of the web"})
    assert "A price of the web" in client.get(f"{place}/closed/").content.decode()
    assert not SyncError.objects.open().exists()
    reprice(catalogue, "DOG-LEAD", 32)
    look(catalogue, Cursor.ITEMS)
    settle(catalogue)
    assert catalogue.product("DOG-LEAD")["price"] == 5
    catalogue.store.products_update([{"id": catalogue.product("DOG-LEAD")["id"], "price": 6}])
    look(catalogue, Cursor.PRODUCTS)
    again = SyncError.objects.open().get()
    assert (again.external_id, again.code) == (problem.external_id, "item_edited_outside")
    assert "is “6.00”, not “32.00”" in again.reason


def card_of(catalogue: Catalogue) -> tuple[Shop, IssueCard]:
    shop = people_of(catalogue.pair)
    (card,) = shop.client().get(shop.at("errors/")).context["cards"]
    return shop, card


def decide(shop: Shop, card: IssueCard, do: str) -> str:
    assert card.form is not None
    wish = {"shown": card.form.shown, "do": do, "next": shop.at("errors/")}
    answer = shop.client().post(shop.at(f"issues/{card.issue.pk}/fix/"), wish, follow=True)
    return " ".join(said(answer))


def test_an_edit_is_written_over_or_kept_in_the_card_of_its_cause(catalogue: Catalogue) -> None:
    test_an_edit_in_the_store_is_told_and_waits_for_a_person(catalogue)
    shop, card = card_of(catalogue)
    assert card.form is not None
    assert card.form.products is not None
    (row,) = card.form.products.rows
    assert (row.sku, row.words) == ("DOG-LEAD", "Changed in BigCommerce: price of DOG-LEAD is “5.00”, not “31.00”.")
    assert decide(shop, card, "other") == "Nothing was done: say whose values hold."
    assert decide(shop, card, "keep") == "1 product stays as both sides have it, until somebody edits it again."
    assert not SyncError.objects.open().exists()
    assert catalogue.product("DOG-LEAD")["price"] == 5
    number = catalogue.product("DOG-LEAD")["id"]
    catalogue.store.products_update([{"id": number, "price": 6}])
    look(catalogue, Cursor.PRODUCTS)
    assert decide(shop, card, "write").startswith("Nothing was done: it is set to something else by now.")
    shop, again = card_of(catalogue)
    assert decide(shop, again, "write") == "Heartland’s values are written over 1 product now."
    job = SyncJob.objects.get(flow="items", status=SyncJob.Status.PENDING)
    assert job_run(job_id=job.pk, now=timezone.now()) == SyncJob.Status.DONE
    settle(catalogue)
    assert catalogue.product("DOG-LEAD")["price"] == 31
    assert not SyncError.objects.open().exists()


def test_undoing_the_edit_closes_the_problem(catalogue: Catalogue) -> None:
    followed(catalogue)
    number, price = (catalogue.product("DOG-LEAD")[name] for name in ("id", "price"))
    catalogue.store.products_update([{"id": number, "price": 5}])
    look(catalogue, Cursor.PRODUCTS)
    assert SyncError.objects.open().count() == 1
    catalogue.store.products_update([{"id": number, "price": price}])
    look(catalogue, Cursor.PRODUCTS)
    assert not SyncError.objects.open().exists()


def test_linking_is_tried_again_when_either_side_changes(catalogue: Catalogue) -> None:
    link_all(catalogue.pair.connection)
    catalogue.heartland.item_update(str(catalogue.item("CMP-P0T1")["id"]), {"public_id": "CMP-POT1"})
    look(catalogue, Cursor.ITEMS)
    assert Link.objects.filter(source_id="CMP-POT1").exists()
    catalogue.store.variants_write([{"id": catalogue.variant("CMP-KETL")["id"], "sku": "cmp-ketl"}])
    look(catalogue, Cursor.PRODUCTS)
    assert Link.objects.filter(source_id="cmp-ketl").exists()
    states = CatalogueSku.objects.filter(side=Side.STORE, sku__in=["CMP-POT1", "cmp-ketl"])
    assert set(states.values_list("state", flat=True)) == {"linked"}


def test_a_barcode_that_comes_or_goes_brings_its_suggestion_or_takes_it_away(catalogue: Catalogue) -> None:
    about = {"type": "physical", "weight": 1, "price": 45, "sku": "BAG-1", "upc": "036000291452"}
    catalogue.store.product_create({"name": "Rope Bag", **about})
    link_all(catalogue.pair.connection)
    item = str(catalogue.item("CMP-P0T1")["id"])
    for code, suggestion in (("036000291452", "CMP-P0T1"), ("", "")):
        catalogue.heartland.item_update(item, {"custom": {"upc": code}})
        look(catalogue, Cursor.ITEMS)
        assert CatalogueSku.objects.get(side=Side.STORE, sku="BAG-1").suggestion == suggestion


def test_a_new_product_of_the_store_becomes_an_item_by_itself(catalogue: Catalogue) -> None:
    followed(catalogue, "pull")
    catalogue.store.product_create({"name": "Rope Bag", "type": "physical", "weight": 1, "price": 45, "sku": "BAG-1"})
    look(catalogue, Cursor.PRODUCTS)
    assert settle(catalogue)
    assert (catalogue.item("BAG-1")["description"], catalogue.item("BAG-1")["price"]) == ("Rope Bag", 45)


def test_in_manual_mode_nothing_is_written(catalogue: Catalogue) -> None:
    followed(catalogue)
    catalogue.choose("manual")
    reprice(catalogue, "DOG-LEAD", 31)
    catalogue.calls()
    look(catalogue, Cursor.ITEMS)
    assert not Run.objects.exists()
    assert catalogue.writes() == Counter()


def test_a_look_with_nothing_changed_costs_one_call_a_side(catalogue: Catalogue) -> None:
    followed(catalogue)
    look(catalogue, Cursor.ITEMS)
    look(catalogue, Cursor.PRODUCTS)
    assert sum(catalogue.calls().values()) == 2


def test_a_change_while_a_run_rests_waits_and_is_not_lost(catalogue: Catalogue) -> None:
    followed(catalogue)
    preview = catalogue.preview()
    Run.objects.create(
        connection=catalogue.pair.connection, kind="items_push", state="paused", started_at=timezone.now(),
        parameters={"preview": preview.pk},
    )  # fmt: skip
    reprice(catalogue, "DOG-LEAD", 31)
    assert look(catalogue, Cursor.ITEMS) is None
    assert "goes on already" in Cursor.objects.get(feed=Cursor.ITEMS).failure
    Run.objects.all().delete()
    look(catalogue, Cursor.ITEMS)
    assert settle(catalogue)
    assert catalogue.product("DOG-LEAD")["price"] == 31


def test_a_webhook_brings_the_look_forward_once(catalogue: Catalogue) -> None:
    followed(catalogue)
    now, connection = timezone.now(), catalogue.pair.connection
    assert items_expedite(connection.pk, Cursor.ITEMS, now)
    assert not items_expedite(connection.pk, Cursor.ITEMS, now)
    assert (Cursor.objects.get(feed=Cursor.ITEMS).due_at - now).total_seconds() == 3


def test_what_is_refused_is_tried_again_only_when_it_changes(catalogue: Catalogue) -> None:
    followed(catalogue)
    refusal = {"status": 422, "title": "No", "type": "about:blank", "errors": {"name": "name must be nicer"}}
    rule = {"method": "PUT", "path": "/v3/catalog/products", "times": 1, "status": 422, "body": refusal}
    catalogue.pair.bigcommerce.post("/_sim/faults", rule)
    catalogue.heartland.item_update(str(catalogue.item("DOG-LEAD")["id"]), {"description": "Another lead"})
    look(catalogue, Cursor.ITEMS)
    run = settle(catalogue)
    assert run
    assert run.result["refused"] == 1
    catalogue.calls()
    look(catalogue, Cursor.ITEMS)
    assert settle(catalogue) is None
    assert catalogue.writes() == Counter()
    assert SyncError.objects.open().get().code == "item_refused"


def test_what_cannot_be_brought_over_is_told_until_it_can(catalogue: Catalogue) -> None:
    followed(catalogue)
    lead, name = catalogue.item("DOG-LEAD"), catalogue.product("CMP-SPRK")["name"]
    catalogue.heartland.item_update(str(lead["id"]), {"description": name})
    look(catalogue, Cursor.ITEMS)
    assert settle(catalogue) is None
    error = SyncError.objects.open().get()
    assert error.code == "item_conflict"
    assert error.reason.startswith("BigCommerce takes a name once, and its product with CMP-SPRK is called")
    _, card = card_of(catalogue)
    assert card.form is not None
    assert card.form.products is not None
    assert [(one.sku, one.words) for one in card.form.products.rows] == [("DOG-LEAD", error.reason)]
    catalogue.heartland.item_update(str(lead["id"]), {"description": lead["description"]})
    look(catalogue, Cursor.ITEMS)
    assert settle(catalogue) is None
    assert not SyncError.objects.open().exists()


def test_a_product_update_which_every_sale_fires_too_is_looked_at_within_a_minute(catalogue: Catalogue) -> None:
    followed(catalogue)
    now, connection = timezone.now(), catalogue.pair.connection
    assert items_expedite(connection.pk, Cursor.PRODUCTS, now, is_frequent=True)
    assert (Cursor.objects.get(feed=Cursor.PRODUCTS).due_at - now).total_seconds() == 60
    assert items_expedite(connection.pk, Cursor.PRODUCTS, now)
    assert (Cursor.objects.get(feed=Cursor.PRODUCTS).due_at - now).total_seconds() == 3
