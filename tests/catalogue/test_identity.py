"""What can change is no key: renamed SKUs, renumbered items, several listings of one item; over both systems."""

import pytest
from django.utils import timezone

from connections.models import Connection
from errors.failures import ConfigurationFailure
from errors.issues.record_errors import error_record
from errors.models import SyncError
from mappings.link_list import SHORTENED
from mappings.models import CatalogueSku, Link
from syncjobs.bulk.runs import run_start, slice_work
from syncjobs.catalogue.follow_catalogues import catalogue_follow
from syncjobs.catalogue.walk_catalogues import CHECK, PREVIEW
from syncjobs.models import Cursor, Run
from syncjobs.stock.follow_locations import SYNC
from tests.bulk import link_all
from tests.catalogue.conftest import Catalogue
from tests.screens.conftest import Shop
from tests.screens.test_linking import link, people_of, said

LEAD, HEARTLAND_LEAD = "DOG-LEAD", "DOG-LEAD-OLD"


def rename(catalogue: Catalogue, sku: str, new: str) -> None:
    """The shop owner gives a product without options, or a variant, another SKU."""
    variant = catalogue.variant(sku)
    if catalogue.product(sku).get("base_variant_id") or len(catalogue.items_of_product(sku, by_store=True)) == 1:
        catalogue.store.products_update([{"id": variant["product_id"], "sku": new}])
    else:
        catalogue.store.variants_write([{"id": variant["id"], "sku": new}])


def follow(catalogue: Catalogue, feed: str) -> None:
    Cursor.objects.filter(feed=feed).update(due_at=timezone.now())
    assert catalogue_follow(connection=catalogue.pair.connection, feed=feed, now=timezone.now())


def items_booked(catalogue: Catalogue, sku: str) -> list[int]:
    web_id = catalogue.pair.book(lines=[{"sku": sku, "quantity": 1}])
    (order,) = catalogue.pair.sales_orders(web_id)
    return [row["item_id"] for row in catalogue.pair.rows_of("order_lines", order["id"]) if row.get("item_id")]


def shop(catalogue: Catalogue) -> Shop:
    return people_of(catalogue.pair)


@pytest.mark.parametrize("sku", [LEAD, "HP-TEE-RED-XS"])
def test_a_sku_renamed_in_the_store_waits_and_makes_no_second_item(catalogue: Catalogue, sku: str) -> None:
    catalogue.choose("pull", updates=True)
    link_all(catalogue.pair.connection)
    catalogue.choose("pull", follows=True)
    items = len(catalogue.pair.heartland.rows("items"))
    rename(catalogue, sku, f"{sku}-2")
    follow(catalogue, Cursor.PRODUCTS)
    assert not Run.objects.filter(kind="items_pull").exists()
    preview = catalogue.preview()
    row = preview.changes.get(key=str(catalogue.product(f"{sku}-2")["id"]))
    assert (row.kind, row.reason) == (
        "conflict",
        f"“{sku}-2” in the store may be “{sku}” in Heartland: link them, or exclude it.",
    )
    assert len(catalogue.pair.heartland.rows("items")) == items
    waiting = CatalogueSku.objects.get(side="store", sku=f"{sku}-2")
    assert (waiting.state, waiting.suggestion, waiting.score) == ("unlinked", sku, 100)
    assert waiting.reason.startswith(f"It was “{sku}” in the store, linked with item “{sku}”.")


def test_a_renamed_sku_is_listed_with_its_ways_out(catalogue: Catalogue) -> None:
    connection = catalogue.pair.connection
    link_all(connection)
    rename(catalogue, LEAD, "LEAD-9")
    link_all(connection)
    failure = ConfigurationFailure("gone")
    error_record(
        connection=connection,
        flow="stock",
        external_id=LEAD,
        label=f"Stock of {LEAD}",
        failure=failure,
        state=SyncError.State.HELD,
        now=timezone.now(),
    )
    people = shop(catalogue)
    client = people.client()
    page = client.get(people.at("items/")).content.decode()
    assert "Linked, but the store no longer has the SKU" in page
    assert "Link LEAD-9" in page
    item_id = Link.objects.get(source_id=LEAD).target_id
    assert link(client, people, "LEAD-9", LEAD)[0] == f"LEAD-9 is linked with item {LEAD}."
    made = Link.objects.get(source_id="LEAD-9")
    assert (made.target_id, made.is_by_hand) == (item_id, True)
    assert not Link.objects.filter(source_id=LEAD).exists()
    assert not SyncError.objects.open().exists()
    assert items_booked(catalogue, "LEAD-9") == [int(item_id)]


def test_a_link_whose_product_is_gone_can_be_unlinked(catalogue: Catalogue) -> None:
    link_all(catalogue.pair.connection)
    catalogue.store.product_delete(str(catalogue.product(LEAD)["id"]))
    link_all(catalogue.pair.connection)
    people = shop(catalogue)
    assert "No variant has it" in people.client().get(people.at("items/")).content.decode()
    words = said(people.client().post(people.at("items/unlink/"), {"sku": LEAD}, follow=True))
    assert words == [f"{LEAD} is parted from its item: no stock is sent for it, and orders with it wait."]
    assert "No variant has it" not in people.client().get(people.at("items/")).content.decode()


@pytest.mark.parametrize("how", ["check", "follow"])
def test_an_item_renumbered_in_heartland_gives_way_to_the_one_that_has_the_number(
    catalogue: Catalogue, how: str
) -> None:
    connection = catalogue.pair.connection
    link_all(connection)
    old = catalogue.item(LEAD)
    assert items_booked(catalogue, LEAD) == [old["id"]]
    catalogue.heartland.item_update(str(old["id"]), {"public_id": HEARTLAND_LEAD})
    if how == "check":
        link_all(connection)
        row = CatalogueSku.objects.get(side="store", sku=LEAD)
        assert (row.state, row.reason) == ("linked", f"Its Item # is “{HEARTLAND_LEAD}” now: the same item still.")
    assert items_booked(catalogue, LEAD) == [old["id"]]
    new = int(catalogue.heartland.item_create({"public_id": LEAD, "description": "New lead", "cost": 1, "price": 9}))
    if how == "check":
        link_all(connection)
    else:
        follow(catalogue, Cursor.ITEMS)
    assert Link.objects.get(source_id=LEAD).target_id == str(new)
    assert items_booked(catalogue, LEAD) == [new]


def test_c32_two_listings_of_an_item_sell_it_and_get_its_stock(catalogue: Catalogue) -> None:
    connection = catalogue.pair.connection
    catalogue.store.product_create(
        {"type": "physical", "weight": 1, "price": 9, "name": "Set again", "sku": "CRD-SET-B"}
    )
    link_all(connection)
    people = shop(catalogue)
    assert link(people.client(), people, "CRD-SET-B", "CRD-SET")[0].endswith(
        "CRD-SET means it too: both get its stock."
    )
    item_id = catalogue.item("CRD-SET")["id"]
    assert items_booked(catalogue, "CRD-SET-B") == items_booked(catalogue, "CRD-SET") == [item_id]
    catalogue.choose("pull", updates=True)
    preview = catalogue.preview()
    assert preview.changes.get(subject="CRD-SET-B").reason == (
        "A second listing of an item: what “CRD-SET” says of it moves, this one is left as it is."
    )
    assert CatalogueSku.objects.get(sku="CRD-SET-B").reason == (
        "A second listing of item “CRD-SET”, which “CRD-SET” means too: both get its stock."
    )
    catalogue.choose("push", updates=True, includes_imageless=True)
    assert not catalogue.preview().changes.filter(subject__startswith="CRD-SET").exclude(kind="left_out").exists()


def test_c17_a_sku_that_stands_twice_is_a_problem_of_both_lines(catalogue: Catalogue) -> None:
    link_all(catalogue.pair.connection)
    people = shop(catalogue)
    text = "SKU;Item #\nWEB-CRATE;DOG-LEAD\nWEB-CRATE;LGT-LANT\nWEB-CLUB;LGT-LANT\nWEB-CLUB;LGT-LANT\n"
    shown = people.client().post(people.at("items/list/"), {"list": text})
    words = (
        "“WEB-CRATE” stands twice, with “DOG-LEAD” in line 2, with “LGT-LANT” in line 3: leave the one that is right."
    )
    assert [(row.line, row.problem) for row in shown.context["problems"]] == [(2, words), (3, words)]
    assert (shown.context["new"], shown.context["items"]) == (1, 1)
    stored = people.client().post(
        people.at("items/list/"), {"list": text, "do": "store", "shown": shown.context["shown"]}, follow=True
    )
    assert said(stored) == ["1 SKU is linked from the list."]
    assert not Link.objects.filter(source_id="WEB-CRATE").exists()


def test_a_list_says_what_a_spreadsheet_may_have_done(catalogue: Catalogue) -> None:
    link_all(catalogue.pair.connection)
    people = shop(catalogue)
    text = "SKU,Item #\n8.41E+11,DOG-LEAD\nWEB-CLUB,8.41E+11\ndog-lead,DOG-LEAD\n"
    problems = people.client().post(people.at("items/list/"), {"list": text}).context["problems"]
    assert [row.problem for row in problems] == [
        f"The store has no SKU “8.41E+11”.{SHORTENED}",
        f"Heartland has no Item # “8.41E+11”.{SHORTENED}",
        "The store has no SKU “dog-lead”. It has “DOG-LEAD”, which differs in capital and small letters.",
    ]


def test_a_page_acts_only_on_what_it_showed(catalogue: Catalogue) -> None:
    connection = catalogue.pair.connection
    people = shop(catalogue)
    client = people.client()
    catalogue.choose("push", updates=True, includes_imageless=True)
    catalogue.heartland.item_create({"public_id": "AU-1", "description": "Thing", "cost": 1, "price": 9})
    preview = catalogue.preview()
    at = people.at(f"items/runs/{preview.pk}/")
    assert "Apply all" in client.get(at).content.decode()

    def applied() -> str:
        (words,) = said(client.post(f"{at}apply/", {"what": "all"}, follow=True))
        return words

    catalogue.choose("pull")
    assert applied() == (
        "Nothing was applied: this preview was made for the other direction, Heartland → BigCommerce (one-way)."
        " Preview again."
    )
    page = client.get(at).content.decode()
    assert "This preview cannot be applied:" in page
    assert "Apply all" not in page
    catalogue.choose("push", includes_imageless=False)
    assert applied().startswith("Nothing was applied: what moves was changed after this preview.")
    catalogue.choose("push", includes_imageless=True)
    newer = catalogue.preview()
    assert applied() == "Nothing was applied: there is a newer preview. Look at that one, and apply it."
    assert not Run.objects.filter(kind__in=["items_push", "items_pull"]).exists()

    rows = {"filter-TOTAL_FORMS": "0", "filter-INITIAL_FORMS": "0"}
    form = {"version": "another", "updates": "on", "archived": "nothing", **rows}
    assert client.post(people.at("items/settings/"), form).status_code == 409
    (words,) = said(client.post(people.at("items/sync/"), {"sku": LEAD, "mode": "pull"}, follow=True))
    assert words == "Nothing was written: the direction is Heartland → BigCommerce (one-way) now."
    link(client, people, LEAD, LEAD)
    answer = client.post(people.at("items/link/"), {"sku": LEAD, "number": "LGT-LANT", "was": ""}, follow=True)
    assert said(answer)[0] == (
        f"Nothing was linked. “{LEAD}” was linked with item “{LEAD}” meanwhile: look at it again, and choose anew."
    )
    client.post(people.at("items/mode/"), {"mode": "pull"})
    connection.item_settings.refresh_from_db()
    assert (connection.item_settings.mode, connection.item_settings.updates) == ("pull", False)
    assert newer.pk > preview.pk


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (Connection.State.DISCONNECTED, "Nothing was begun: this store is disconnected. Connect it again first."),
        (
            Connection.State.SETTING_UP,
            "Nothing was begun: the set-up of this store is not finished. Finish it in the set-up assistant first.",
        ),
    ],
)
@pytest.mark.parametrize("kind", [CHECK, PREVIEW, SYNC])
def test_nothing_begins_where_nothing_can_run(catalogue: Catalogue, state: str, words: str, kind: str) -> None:
    catalogue.choose("push")
    connection = catalogue.pair.connection
    connection.state = state
    connection.save()
    with pytest.raises(ConfigurationFailure) as refusal:
        run_start(connection=connection, actor=None, kind=kind, now=timezone.now())
    assert refusal.value.summary == words
    assert not Run.objects.exists()


def test_a_preview_whose_choices_change_meanwhile_stops(catalogue: Catalogue) -> None:
    catalogue.choose("push", updates=True)
    run = run_start(connection=catalogue.pair.connection, actor=None, kind=PREVIEW, now=timezone.now())
    catalogue.choose("push", updates=False)
    run.connection = Connection.objects.get()
    assert slice_work(run=run, now=timezone.now()) == "stopped"
    run.refresh_from_db()
    assert run.sentence == "Stopped: the choices were changed meanwhile: preview again."
