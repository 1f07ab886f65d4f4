"""The Items Information tab over both sandbox systems: direction, linking, previews, and who may do what."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from connections.models import ItemSettings, Role
from mappings.models import CatalogueSku, Link, Side
from syncjobs.models import Run, RunChange
from tests import factories
from tests.bulk import link_all, work
from tests.flows.conftest import Pair, heartland_server, open_store, pair
from tests.screens.conftest import Shop
from tests.screens.test_linking import people_of, said

__all__ = ["heartland_server", "open_store", "pair"]


@pytest.fixture
def checked(pair: Pair) -> Shop:
    """A shop whose items were checked."""
    link_all(pair.connection)
    return people_of(pair)


def choose(shop: Shop, mode: str, **choices: object) -> None:
    ItemSettings.objects.update_or_create(connection=shop.connection, defaults={"mode": mode} | choices)


def post(client: Client, shop: Shop, path: str, **data: object) -> list[str]:
    return said(client.post(shop.at(path), data, follow=True))


def test_manual_mode_says_what_moves_and_what_does_not(shop: Shop) -> None:
    page = shop.client().get(shop.at("items/")).content.decode()
    assert "Manage manually" in page
    assert "No item data moves in either direction." in page
    assert "Not checked yet." in page
    assert "What moves" not in page


def test_unlinked_skus_show_reason_near_miss_and_waiting_orders(shop: Shop) -> None:
    hint = "Item “jour-blk” differs in capital and small letters."
    for number in ("1", "2"):
        factories.problem(shop.connection, number, factories.not_linked("JOUR-BLK", hint), factories.unmapped("Cash"))
    factories.problem(shop.connection, "3", factories.not_linked("HP-9"))
    page = shop.client().get(shop.at("items/")).content.decode()
    assert hint in page
    assert page.index("JOUR-BLK") < page.index("HP-9")
    assert '2<span class="unseen"> orders wait for JOUR-BLK</span>' in page


def test_the_check_is_a_run_that_the_tab_shows(pair: Pair) -> None:
    shop = people_of(pair)
    client = shop.client(Role.OPS)
    assert post(client, shop, "items/runs/", kind="items_check")[0].startswith("Both catalogues are being read")
    assert "a second" in client.get(shop.at("items/"), headers={"HX-Request": "true"}).content.decode()
    run = work(Run.objects.get())
    shown = client.get(shop.at("items/"))
    assert run.sentence == "572 SKUs are linked; 9 are not."
    counts = {tab.label: tab.count for tab in shown.context["list"]["tabs"]}
    assert counts == {"Needs you": "9", "All": "581", "Linked": "572", "Not in Heartland": "9"}
    assert [row.sku for row in shown.context["list"]["rows"]] == sorted(
        row.sku for row in shown.context["list"]["rows"]
    )
    assert "Check of all items" in shown.content.decode()


def test_linked_items_are_listed_and_found_and_a_rivals_are_not(checked: Shop, rival: Shop) -> None:
    rows = checked.client().get(checked.at("items/?q=dog-lead")).context["list"]["rows"]
    assert [(row.sku, row.state) for row in rows] == [("DOG-LEAD", "linked")]
    assert len(checked.client().get(checked.at("items/?state=linked")).context["list"]["rows"].rows) == 50
    assert "DOG-LEAD" not in rival.client().get(rival.at("items/?q=dog-lead")).content.decode()
    run = Run.objects.filter(connection=checked.connection).latest("pk")
    assert rival.client().get(rival.at(f"items/runs/{run.pk}/")).status_code == 404


def test_suggestions_are_accepted_together(checked: Shop) -> None:
    client = checked.client(Role.OPS)
    words = post(client, checked, "items/many/", do="accept", sku=["CMP-POT1", "0417", "WEB-CRATE"])
    assert words[0] == "2 of 3 are linked with what was suggested."
    assert Link.objects.get(source_id="0417").target_label == "417"
    assert CatalogueSku.objects.get(side=Side.STORE, sku="0417").state == "linked"
    assert checked.merchant.audit_entries.filter(action="item.linked").count() == 2
    assert "Linked by hand" in client.get(checked.at("items/?q=0417")).content.decode()


def test_excluding_and_taking_in_again(checked: Shop) -> None:
    client = checked.client(Role.OPS)
    words = post(client, checked, "items/many/", do="exclude", sku=["WEB-CRATE", "DOG-LEAD"])
    assert words == [
        "1 of 2 are excluded: nothing links or moves them. Linked ones are parted first, on their own page."
    ]
    shown = client.get(checked.at("items/?state=excluded"))
    assert [row.sku for row in shown.context["list"]["rows"]] == ["WEB-CRATE"]
    assert post(client, checked, "items/many/", do="include", sku=["WEB-CRATE"]) == ["1 of 1 are taken in again."]
    assert CatalogueSku.objects.get(side=Side.STORE, sku="WEB-CRATE").state == "unlinked"
    assert post(client, checked, "items/many/", do="accept") == ["Nothing was changed: tick at least one SKU."]
    assert client.post(checked.at("items/many/"), {"do": "explode", "sku": "X"}).status_code == 404


def test_all_that_match_are_linked_or_excluded_as_they_were_shown(checked: Shop) -> None:
    client = checked.client(Role.OPS)
    shown = client.get(checked.at("items/")).context["list"]
    everything = {"all_matching": "1", "filters": shown["query"], "shown": shown["shown_mark"]}
    CatalogueSku.objects.filter(side=Side.STORE, sku="0417").update(suggestion="416")
    words = post(client, checked, "items/many/", do="accept", **everything)
    assert words == ["Nothing was done: what the page showed is another by now. It is shown as it is; choose again."]
    CatalogueSku.objects.filter(side=Side.STORE, sku="0417").update(suggestion="417")
    words = post(client, checked, "items/many/", do="accept", **everything)
    assert (words[0], Link.objects.get(source_id="0417").target_label) == (
        "6 of 9 are linked with what was suggested.",
        "417",
    )
    rest = client.get(checked.at("items/")).context["list"]
    everything = {"all_matching": "1", "filters": rest["query"], "shown": rest["shown_mark"]}
    words = post(client, checked, "items/many/", do="exclude", **everything)
    assert words == ["3 of 3 are excluded: nothing links or moves them."]
    assert client.get(checked.at("items/")).context["list"]["rows"].rows == []


def test_columns_views_sort_and_the_file_of_the_list(checked: Shop) -> None:
    client = checked.client(Role.VIEWER)
    client.post(checked.at("items/columns/"), {"column": ["barcode", "state"], "filters": "state=all"})
    client.post(checked.at("items/views/"), {"name": "Leads", "filters": "q=lead&sort=sku_back&page=7"})
    shown = client.get(checked.at("items/?q=lead&sort=sku_back")).context["list"]
    assert [column.key for column in shown["columns"]] == ["state", "barcode"]
    assert [(view.name, view.query) for view, _ in shown["views"]] == [("Leads", "q=lead&sort=sku_back")]
    skus = [row.sku for row in shown["rows"]]
    assert "DOG-LEAD" in skus
    assert skus == sorted(skus, reverse=True)
    lines = b"".join(client.get(checked.at("items/links.csv?q=lead"))).decode().splitlines()[1:]
    assert sorted(line.split(",")[0] for line in lines) == sorted(skus)
    elsewhere = client.get(checked.at("items/?q=lead&state=unlinked")).context["list"]
    assert (elsewhere["rows"].rows, [tab.label for tab in elsewhere["tabs"] if tab.is_current]) == (
        [],
        ["Not in Heartland"],
    )


def test_an_item_is_made_in_heartland_and_linked(checked: Shop, pair: Pair) -> None:
    client = checked.client(Role.OPS)
    page = client.get(checked.at("items/match/?sku=WEB-CRATE")).content.decode()
    assert "Create it in Heartland" in page
    post(client, checked, "items/runs/", kind="items_check")  # an item made meanwhile would count as not read by it
    assert post(client, checked, "items/make/", sku="WEB-CRATE") == [
        "Nothing was made. A run over the items goes on: wait for its end, or stop it."
    ]
    work(Run.objects.get(kind="items_check", state="running"))
    assert post(client, checked, "items/make/", sku="WEB-CRATE") == ["1 item was made in Heartland and linked."]
    item = next(row for row in pair.heartland.rows("items") if row["public_id"] == "WEB-CRATE")
    assert Link.objects.get(source_id="WEB-CRATE").target_id == str(item["id"])
    assert post(client, checked, "items/make/", sku="CMP-POT1")[0].startswith(
        "Nothing was made. “CMP-POT1” in the store may be “CMP-P0T1” in Heartland"
    )
    assert post(client, checked, "items/make/", sku="NOBODY")[0].startswith("Nothing was made. No check has seen")


def test_a_list_is_shown_first_and_stored_then(checked: Shop) -> None:
    client = checked.client(Role.OPS)
    exported = b"".join(client.get(checked.at("items/links.csv"))).decode()
    assert exported.splitlines()[0] == "SKU,Item #,State,Product,Reason,Suggestion,Score"
    assert len(exported.splitlines()) == 582
    text = "SKU,Item #\nCMP-POT1,CMP-P0T1\nNOBODY,DOG-LEAD\nWEB-CRATE,DOG-LEAD\nWEB-CLUB,NOTHING\nDOG-LEAD,DOG-LEAD\n"
    shown = client.post(checked.at("items/list/"), {"file": SimpleUploadedFile("Links.CSV", text.encode())})
    assert (shown.context["new"], [row.problem for row in shown.context["problems"]]) == (
        2,
        ["The store has no SKU “NOBODY”.", "Heartland has no Item # “NOTHING”."],
    )
    assert [(row.sku, row.note) for row in shown.context["notes"]] == [
        ("WEB-CRATE", "A further listing of an item that “DOG-LEAD” means too.")
    ]
    assert not Link.objects.filter(source_id="CMP-POT1").exists()
    (words,) = post(client, checked, "items/list/", list=text, do="store")
    assert words.startswith("Nothing was done: what the page showed is another by now.")
    outlook = shown.context["shown"]
    assert post(client, checked, "items/list/", list=text, do="store", shown=outlook) == [
        "2 SKUs are linked from the list."
    ]
    assert Link.objects.get(source_id="CMP-POT1").target_label == "CMP-P0T1"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("links.xlsx", b"SKU,Item #\nCMP-POT1,CMP-P0T1\n", "This is no CSV file: save the list as CSV"),
        ("links.csv", b"a,b\n1,2\n", "The file needs the columns “SKU” and “Item #”"),
        ("links.csv", b"\xff\xfe\x00", "The file is no text that we can read"),
    ],
)
def test_a_file_that_is_no_list_changes_nothing(checked: Shop, name: str, content: bytes, words: str) -> None:
    answer = checked.client().post(checked.at("items/list/"), {"file": SimpleUploadedFile(name, content)}, follow=True)
    assert said(answer)[0].startswith(words)


def test_choosing_a_direction_moves_nothing_and_is_noted(checked: Shop) -> None:
    client = checked.client()
    words = post(client, checked, "items/mode/", mode="push")
    assert words == ["Heartland is the original now. Nothing has moved yet: choose what goes, and preview it."]
    assert checked.merchant.audit_entries.get(action="item_settings.changed").detail["mode"] == {
        "was": "manual",
        "is": "push",
    }
    page = client.get(checked.at("items/")).content.decode()
    assert "Heartland → BigCommerce (one-way)" in page
    assert "Preview changes" in page
    assert client.post(checked.at("items/mode/"), {"mode": "sideways"}).status_code == 404
    assert checked.client(Role.OPS).post(checked.at("items/mode/"), {"mode": "pull"}).status_code == 403


def settings_of(shop: Shop) -> ItemSettings:
    return ItemSettings.objects.get(connection=shop.connection)


def filled(**changes: object) -> dict[str, object]:
    """The form as the page sends it."""
    return {
        "moved_fields": ["price"],
        "archived": "hide",
        "brand_key": "brand",
        "category_key": "department",
        "barcode_key": "upc",
        "filter-TOTAL_FORMS": "1",
        "filter-INITIAL_FORMS": "0",
        "filter-0-field": "sold_on_web",
        "filter-0-operator": "is",
        "filter-0-value": "yes",
    } | changes


def test_what_moves_is_saved_and_counted(checked: Shop) -> None:
    choose(checked, "push")
    client = checked.client()
    assert post(client, checked, "items/settings/", **filled(updates="on")) == [
        "Saved. A preview shows what follows from it."
    ]
    saved = settings_of(checked)
    assert (saved.moved_fields, saved.updates, saved.archived) == (["price"], True, "hide")
    assert saved.filters == [{"field": "sold_on_web", "operator": "is", "value": "yes"}]
    assert client.get(checked.at("items/fitting/")).content.decode() == "577 active items of Heartland fit the filter."
    again = post(client, checked, "items/settings/", **filled(updates="on"))
    assert again == ["Nothing was changed."]
    assert client.post(checked.at("items/settings/"), filled(archived="burn")).status_code == 400
    assert settings_of(checked).archived == "hide"


def test_the_last_run_leads_to_what_it_found(checked: Shop) -> None:
    run = Run.objects.get(connection=checked.connection)
    for headers in ({}, {"HX-Request": "true"}):
        page = checked.client().get(checked.at("items/"), headers=headers).content.decode()
        assert (
            f'<a class="button button-small" href="{checked.at(f"items/runs/{run.pk}/")}">See what it found</a>' in page
        )


def test_a_preview_is_looked_at_and_applied_in_part(checked: Shop, pair: Pair) -> None:
    on_web = [{"field": "sold_on_web", "operator": "is", "value": "true"}]
    choose(checked, "push", updates=True, includes_imageless=True, filters=on_web)
    for sku, price in (("DOG-LEAD", 31), ("CMP-JUG", 45)):
        item = next(row for row in pair.heartland.rows("items") if row["public_id"] == sku)
        pair.heartland_client().item_update(str(item["id"]), {"price": price})
    client = checked.client(Role.OPS)
    post(client, checked, "items/runs/", kind="items_preview")
    preview = work(Run.objects.get(kind="items_preview"))
    shown = client.get(checked.at(f"items/runs/{preview.pk}/"))
    page = shown.content.decode()
    assert "<del>" in page
    assert "Items: Heartland → BigCommerce (one-way)" in page
    assert page.index("CMP-JUG") < page.index("DOG-LEAD")
    assert shown.context["can_apply"]
    assert "Applying all takes at least 1 call to Heartland and 3 to BigCommerce: no less than" in page
    conflicts = client.get(checked.at(f"items/runs/{preview.pk}/?kind=conflict")).content.decode()
    assert f'<a href="{checked.at("items/")}?q=CMP-P0T1">Its SKUs' in conflicts
    assert [row.sku for row in client.get(checked.at("items/?q=CMP-P0T1")).context["list"]["rows"]] == ["CMP-POT1"]
    chosen = preview.changes.get(subject="DOG-LEAD")
    words = post(client, checked, f"items/runs/{preview.pk}/apply/", what="ticked", change=[chosen.pk])
    assert words == ["It is being applied; the progress is shown here."]
    done = work(Run.objects.get(kind="items_push"))
    assert done.sentence == "Created 0, updated 1; 0 needed nothing."
    assert post(client, checked, f"items/runs/{preview.pk}/apply/", what="ticked") == [
        "Nothing was applied: tick at least one product."
    ]
    lines = b"".join(client.get(checked.at(f"runs/{preview.pk}/csv/"))).decode().splitlines()
    assert lines[0] == "Product,Kind,SKU,Field,Before,After,Reason"
    assert any(",DOG-LEAD,Price," in line for line in lines)
    assert client.post(checked.at(f"items/runs/{done.pk}/apply/"), {"what": "all"}).status_code == 404


def test_one_item_is_synced_now(checked: Shop, pair: Pair) -> None:
    choose(checked, "push", updates=True)
    item = next(row for row in pair.heartland.rows("items") if row["public_id"] == "DOG-LEAD")
    pair.heartland_client().item_update(str(item["id"]), {"price": 31})
    client = checked.client(Role.OPS)
    assert post(client, checked, "items/sync/", sku="DOG-LEAD") == ["DOG-LEAD is read anew and written."]
    assert work(Run.objects.get(kind="items_push")).sentence == "Created 0, updated 1; 0 needed nothing."
    assert post(client, checked, "items/sync/", sku="NOBODY")[0].startswith("No check has seen “NOBODY”")


def test_in_manual_mode_nothing_can_be_previewed(checked: Shop) -> None:
    (words,) = post(checked.client(), checked, "items/runs/", kind="items_preview")
    assert words.startswith("Nothing was begun: items are managed manually")


def test_a_viewer_looks_and_changes_nothing(checked: Shop) -> None:
    choose(checked, "push")
    client = checked.client(Role.VIEWER)
    assert "Link as suggested" not in client.get(checked.at("items/")).content.decode()
    for path in ("items/many/", "items/runs/", "items/settings/", "items/mode/", "items/list/", "items/make/"):
        assert client.post(checked.at(path)).status_code == 403


def test_a_runs_products_are_filtered_by_how_far_a_price_moves(shop: Shop) -> None:
    run = Run.objects.create(connection=shop.connection, kind="items_preview", state="done", started_at=factories.NOW)
    for title, cents in (("Small", 99), ("Middle", 500), ("Large", 2_500)):
        details = [{"field": "price", "sku": f"{title}-{size}", "before": "24.00", "after": "27.60"} for size in "SM"]
        RunChange.objects.create(run=run, kind="update", subject=title, title=title, details=details, weight=cents)
    path = shop.at(f"items/runs/{run.pk}/")

    def titles(query: str) -> list[str]:
        return [one.row.title for one in shop.client().get(path + query).context["differences"]]

    assert titles("") == titles("?size=") == titles("?size=7") == ["Large", "Middle", "Small"]
    assert titles("?size=500") == ["Large", "Middle"]
    assert titles("?size=2000") == ["Large"]
    page = shop.client().get(path + "?size=2000").content.decode()
    assert "<summary>2 variants</summary>" in page
    assert "<del>$24.00</del> → <ins>$27.60</ins>" in page
    assert "(+15 %)" in page
