"""The Inventory tab as people use it, over both sandbox systems."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connections.models import Connection, ConnectionLocation, InventorySettings, OrderSettings, Role
from connections.preferences import counted_locations
from errors.models import SyncError
from mappings.models import Link, StockLevel, StockRule
from syncjobs.models import Cursor, RateBudget, Run, RunChange
from syncjobs.pages.inventory.inventory_forms import StockRuleForm
from tests import factories
from tests.screens.conftest import Shop
from tests.stock.conftest import Shelf, heartland_server, open_store, pair, shelf

__all__ = ["heartland_server", "open_store", "pair", "shelf"]

BLIND = {"blind_minutes": "60", "blind_units": "2", "fast_moves": "0", "fast_units": "0"}


def text_of(shop: Shop, path: str) -> str:
    return " ".join(shop.client().get(shop.at(path)).content.decode().split())


def said(answer: object) -> list[str]:
    return [str(message) for message in answer.context["messages"]]  # type: ignore[attr-defined]


def at_work(shelf: Shelf) -> Shop:
    """The pair of the sandbox, with people."""
    connection = shelf.pair.connection
    people = {role: factories.member(connection.merchant, role) for role in Role}
    return Shop(merchant=connection.merchant, connection=connection, people=people)


def test_a_preview_then_a_sync_as_a_new_user_would(shelf: Shelf) -> None:
    shop = at_work(shelf)
    assert "Not synced yet" in text_of(shop, "inventory/")
    client = shop.client(Role.OPS)
    answer = client.post(shop.at("inventory/runs/"), {"kind": "stock_preview"}, follow=True)
    assert said(answer) == ["The preview has begun: nothing is written to the store."]
    preview = shelf.work(Run.objects.get(kind="stock_preview"))
    page = text_of(shop, f"inventory/runs/{preview.pk}/")
    assert "Would change 492 of 572; 0 to zero; 0 from zero." in page
    assert "Apply all" in page
    client.post(shop.at("inventory/runs/"), {"kind": "stock_sync"})
    run = shelf.work(Run.objects.get(kind="stock_sync"))
    page = text_of(shop, "inventory/")
    assert "Follows by itself" in page
    assert run.sentence in page
    lines = b"".join(client.get(shop.at(f"runs/{run.pk}/csv/"))).decode().splitlines()
    assert (lines[0], len(lines)) == ("SKU,Kind,Before,After,Reason", 493)


def test_the_card_explains_a_number(shelf: Shelf) -> None:
    shop = at_work(shelf)
    shelf.sync()
    shelf.pair.book(lines=[{"sku": "DOG-LEAD", "quantity": 2}])
    quantity = StockLevel.objects.get(sku="DOG-LEAD").quantity or 0
    page = text_of(shop, "inventory/why/?sku=DOG-LEAD")
    assert f"<b>{quantity}</b><span>available</span>" in page
    assert "<b>2</b><span>on web orders</span>" in page
    assert f"<b>{quantity - 2}</b><span>for sale online</span>" in page
    assert "Both agree" in page  # the shopper's two pieces are gone in the store already
    shelf.move("DOG-LEAD", 3)
    assert "On its way" in text_of(shop, "inventory/why/?sku=DOG-LEAD")
    shelf.follow()
    assert "Both agree" in text_of(shop, "inventory/why/?sku=DOG-LEAD")
    assert "No stock is sent for this SKU" in text_of(shop, "inventory/why/?sku=NOBODY")


def test_the_card_says_when_heartland_does_not_answer(shop: Shop) -> None:
    InventorySettings.objects.filter(connection=shop.connection).update(counts_all_locations=True)
    level(shop, "HT-M-RED", quantity=3)
    assert "Heartland could not be asked:" in text_of(shop, "inventory/why/?sku=HT-M-RED")


def test_saving_the_rule_starts_a_sync_where_stock_follows(shop: Shop) -> None:
    client = shop.client(Role.STAFF)
    InventorySettings.objects.filter(connection=shop.connection).update(counts_all_locations=True)
    wish = {"counting": "on_hand", "safety_units": "2", "safety_percent": "10", "last_units": "3"} | BLIND
    answer = client.post(shop.at("inventory/rule/"), wish, follow=True)
    assert said(answer) == ["The rule is saved."]
    assert not Run.objects.exists()
    page = text_of(shop, "inventory/")
    words = "<b>on hand</b> − <b>2 pieces or 10 % kept back (whichever is more)</b>"
    assert words in page
    assert "below 3 none" in page
    InventorySettings.objects.filter(connection=shop.connection).update(follows=True)
    assert said(client.post(shop.at("inventory/rule/"), wish, follow=True)) == ["Nothing was changed."]
    client.post(shop.at("inventory/rule/"), wish | {"last_units": "0"})
    assert Run.objects.get().kind == "stock_sync"
    trail = shop.merchant.audit_entries.filter(action="inventory_settings.changed").order_by("pk")
    assert trail[1].detail == {"last_units": {"was": 3, "is": 0}}


def test_other_locations_are_worked_out_anew_and_end_what_goes_on(shop: Shop) -> None:
    client = shop.client(Role.STAFF)
    client.post(shop.at("inventory/add/"), {"location": "100005"})
    assert not Run.objects.exists()
    InventorySettings.objects.filter(connection=shop.connection).update(follows=True)
    answer = client.post(shop.at("inventory/add/"), {"location": "100006"}, follow=True)
    assert said(answer)[-1] == "Pine Annex counts now. The stock of all items is worked out anew."
    client.post(shop.at("inventory/all/"), {"all": "on"})
    first, second = Run.objects.order_by("pk")
    assert (first.state, first.sentence) == ("stopped", "Stopped: the rule or the locations changed.")
    assert (second.state, second.kind) == ("running", "stock_sync")
    client.post(shop.at("inventory/all/"), {"all": "off"})
    for place in ("100005", "100006"):
        client.post(shop.at("inventory/remove/"), {"location": place})
    assert shop.client().get(shop.at("inventory/")).status_code == 200


def test_a_location_feeds_another_one_of_the_store(shelf: Shelf) -> None:
    shop = at_work(shelf)
    client = shop.client()
    InventorySettings.objects.update(counts_all_locations=False)
    main = shop.connection.heartland.locations.get(number="MAIN")
    client.post(shop.at("inventory/add/"), {"location": main.external_id})
    assert "Read BigCommerce" in text_of(shop, "inventory/")
    answer = client.post(shop.at("inventory/lists/"), follow=True)
    assert said(answer)[-1] == "BigCommerce has 2 locations that can show stock."
    client.post(shop.at("inventory/feeds/"), {f"feeds-{main.external_id}": "999"})
    assert ConnectionLocation.objects.get().store_location == "1"
    client.post(shop.at("inventory/feeds/"), {f"feeds-{main.external_id}": "2"})
    assert ConnectionLocation.objects.get().store_location == "2"
    entry = shop.merchant.audit_entries.get(action="location.feeds")
    assert entry.detail == {"location": "Harbor Main", "was": "1", "is": "2"}


def test_the_page_holds_every_field_that_its_forms_need(shop: Shop) -> None:
    answer = shop.client().get(shop.at("inventory/"))
    for form in (answer.context["form"], answer.context["item_form"]):
        for bound in form:
            assert f'id="{bound.auto_id}"' in answer.content.decode(), bound.name


def test_a_rule_of_some_items_is_set_shown_and_removed(shelf: Shelf) -> None:
    shop = at_work(shelf)
    client = shop.client(Role.STAFF)
    lead = next(row for row in shelf.pair.heartland.rows("items") if row["public_id"] == "DOG-LEAD")
    kind = lead["custom"]["department"]
    wish = {"field": "department", "value": kind, "safety_units": "2", "safety_percent": "0", "last_units": "3"}
    assert said(client.post(shop.at("inventory/rules/"), wish, follow=True)) == [
        f"The rule for department {kind} is saved."
    ]
    client.post(shop.at("inventory/rules/"), wish | {"safety_units": "4"})
    rule = StockRule.objects.get()
    assert (rule.safety_units, rule.last_units) == (4, 3)
    assert f"department: {kind}" in text_of(shop, "inventory/")
    wrong = client.post(shop.at("inventory/rules/"), wish | {"value": "", "safety_percent": "101"})
    assert (wrong.status_code, wrong.context["item_form"].errors.keys()) == (400, {"value", "safety_percent"})
    assert said(client.post(shop.at("inventory/rules/remove/"), {"rule": rule.pk}, follow=True)) == [
        "The rule is removed."
    ]
    assert client.post(shop.at("inventory/rules/remove/"), {"rule": rule.pk}).status_code == 404
    trail = shop.merchant.audit_entries.filter(action__startswith="stock_rule").order_by("pk")
    assert [entry.action for entry in trail] == ["stock_rule.set", "stock_rule.set", "stock_rule.removed"]


def test_a_preview_of_another_rule_is_shown_as_that_and_not_applied(shelf: Shelf) -> None:
    """A page acts only on what it showed."""
    shop = at_work(shelf)
    shelf.sync()
    preview = shelf.sync(kind="stock_preview")
    page = f"inventory/runs/{preview.pk}/"
    assert "cannot be applied any more" not in text_of(shop, page)
    InventorySettings.objects.update(safety_units=3)
    assert "This preview cannot be applied any more" in text_of(shop, page)
    client, runs = shop.client(), Run.objects.count()
    for path, wish in (("inventory/runs/", {"kind": "stock_sync"}), ("inventory/send/", {"sku": ["DOG-LEAD"]})):
        answer = client.post(shop.at(path), wish | {"preview": preview.pk}, follow=True)
        assert "made before the rule or the locations changed: nothing was done" in said(answer)[0]
    assert Run.objects.count() == runs
    assert not StockLevel.objects.filter(sku="DOG-LEAD", is_dirty=True).exists()


@pytest.mark.parametrize(("state", "words"), [("setting_up", "set-up"), ("disconnected", "disconnected")])
def test_no_run_begins_where_nothing_can_move(shop: Shop, state: str, words: str) -> None:
    InventorySettings.objects.filter(connection=shop.connection).update(counts_all_locations=True)
    Connection.objects.filter(pk=shop.connection.pk).update(state=state)
    for kind in ("stock_sync", "stock_preview", "stock_check"):
        (answer,) = said(shop.client().post(shop.at("inventory/runs/"), {"kind": kind}, follow=True))
        assert answer.startswith("Nothing was begun: ")
        assert words in answer
    assert not Run.objects.exists()


def test_a_closed_location_counts_no_more_and_is_shown_as_closed(shop: Shop) -> None:
    client = shop.client()
    for place in ("100005", "100006"):
        client.post(shop.at("inventory/add/"), {"location": place})
    shop.connection.heartland.locations.filter(external_id="100006").update(is_active=False)
    assert counted_locations(shop.connection) == 1
    page = text_of(shop, "inventory/")
    assert "Closed, or no longer shown to us in Heartland:</strong> Pine Annex." in page


def test_a_rule_of_another_merchant_does_not_exist(shop: Shop, rival: Shop) -> None:
    theirs = StockRule.objects.create(connection=rival.connection, value="HT-M-RED", safety_units=2)
    assert shop.client().post(shop.at("inventory/rules/remove/"), {"rule": theirs.pk}).status_code == 404
    assert "HT-M-RED" not in text_of(shop, "inventory/")
    assert StockRule.objects.count() == 1


def test_a_wrong_rule_is_refused_and_nothing_changes(shop: Shop) -> None:
    wish = {"counting": "on_hand", "safety_units": "-2", "safety_percent": "101", "last_units": "x"} | BLIND
    answer = shop.client().post(shop.at("inventory/rule/"), wish)
    assert answer.status_code == 400
    assert answer.context["form"].errors.keys() == {"safety_units", "safety_percent", "last_units"}
    assert InventorySettings.objects.get(connection=shop.connection).counting == "available"


def test_a_run_is_paused_resumed_and_stopped(shop: Shop) -> None:
    client = shop.client()
    InventorySettings.objects.filter(connection=shop.connection).update(counts_all_locations=True)
    client.post(shop.at("inventory/runs/"), {"kind": "stock_sync"})
    run = Run.objects.get()
    assert "goes on already" in said(client.post(shop.at("inventory/runs/"), {"kind": "stock_check"}, follow=True))[-1]
    for verb, state, offered in (
        ("pause", "paused", "Resume"),
        ("resume", "running", "Pause"),
        ("stop", "stopped", "Start Sync"),
    ):
        client.post(shop.at(f"runs/{run.pk}/move/"), {"do": verb})
        run.refresh_from_db()
        assert run.state == state
        assert f">{offered}</button>" in text_of(shop, "inventory/")
    assert (run.sentence, run.finished_at is not None) == ("Stopped by hand.", True)
    late = client.post(shop.at(f"runs/{run.pk}/move/"), {"do": "pause"}, follow=True)
    assert said(late) == ["The run was over already, or in that state."]
    assert client.post(shop.at(f"runs/{run.pk}/move/"), {"do": "explode"}).status_code == 404


def test_no_run_starts_without_a_location(shop: Shop) -> None:
    answer = shop.client().post(shop.at("inventory/runs/"), {"kind": "stock_sync"}, follow=True)
    assert "no location counts: choose on the Inventory tab" in said(answer)[0]
    assert not Run.objects.exists()
    assert shop.client().post(shop.at("inventory/runs/"), {"kind": "orders_backfill"}).status_code == 404


def test_chosen_skus_of_a_preview_are_sent(shelf: Shelf) -> None:
    shop = at_work(shelf)
    client = shop.client(Role.OPS)
    wish = {"sku": ["DOG-LEAD", "LGT-LANT"]}
    assert said(client.post(shop.at("inventory/send/"), wish, follow=True)) == [
        "Stock does not follow yet: start with a full sync."
    ]
    shelf.sync()
    for sku in ("DOG-LEAD", "LGT-LANT", "AID-KIT1"):
        shelf.move(sku, 5)
    Cursor.objects.update(position=str(10**9))  # as if the ledger had been followed already
    preview = shelf.sync(kind="stock_preview")
    assert "Apply ticked" in text_of(shop, f"inventory/runs/{preview.pk}/")
    answer = client.post(shop.at("inventory/send/"), wish, follow=True)
    assert said(answer) == ["The stock of 2 SKUs is read anew and sent now."]
    assert said(client.post(shop.at("inventory/send/"), {}, follow=True)) == [
        "Nothing was sent: tick at least one SKU."
    ]
    followed = shelf.follow()
    assert followed is not None
    assert sorted(one.level.sku for one in followed.pushed.taken) == ["DOG-LEAD", "LGT-LANT"]
    entry = shop.merchant.audit_entries.get(action="stock.sent")
    assert (entry.subject, entry.detail) == ("DOG-LEAD, LGT-LANT", {"skus": 2})


def test_a_run_of_another_store_does_not_exist(shop: Shop, rival: Shop) -> None:
    theirs = Run.objects.create(connection=rival.connection, kind="stock_sync", started_at=factories.NOW)
    for path in (f"inventory/runs/{theirs.pk}/", f"runs/{theirs.pk}/csv/"):
        assert shop.client().get(shop.at(path)).status_code == 404
    assert shop.client().post(shop.at(f"runs/{theirs.pk}/move/"), {"do": "stop"}).status_code == 404
    assert shop.client().get(shop.at("inventory/why/?sku=HT-M-RED")).context["history"].count() == 0


def test_a_file_holds_no_formula(shop: Shop) -> None:
    run = Run.objects.create(connection=shop.connection, kind="stock_sync", started_at=factories.NOW)
    RunChange.objects.create(run=run, kind="update", subject="=cmd|' /C calc'!A0", before="1", after="2")
    lines = b"".join(shop.client().get(shop.at(f"runs/{run.pk}/csv/"))).decode()
    assert "\n'=cmd" in lines.replace("\r", "").replace('"', "")


def test_numbers_in_a_file_stay_numbers(shop: Shop) -> None:
    run = Run.objects.create(connection=shop.connection, kind="stock_sync", started_at=factories.NOW)
    RunChange.objects.create(run=run, kind="update", subject="＝A", before="-5", after="-2.50", reason="'tis")
    lines = b"".join(shop.client().get(shop.at(f"runs/{run.pk}/csv/"))).decode().splitlines()
    assert lines[1] == "'＝A,Update,-5,-2.50,''tis"


def test_what_the_store_refuses_is_counted_and_on_the_errors_tab(shelf: Shelf) -> None:
    shop = at_work(shelf)
    connection = shop.connection
    Link.objects.create(connection=connection, kind=Link.Kind.ITEM, source_id="GONE", target_id="9")
    shelf.sync()
    assert "<b><a" in text_of(shop, "inventory/")
    errors = text_of(shop, "errors/")
    assert "Stock of GONE" in errors
    assert "no longer knows the SKU" in errors
    shop.client().post(shop.at("retry/stock/GONE/"))
    assert SyncError.objects.open().filter(external_id="GONE").exists()


def test_the_budget_and_what_a_full_sync_would_take_of_it(shop: Shop) -> None:
    account, store = shop.connection.heartland, shop.connection.store
    known = {"permits": 140, "capacity": 150, "refilled_at": timezone.now()}
    RateBudget.objects.create(system="bigcommerce", tenant=store.store_hash, quota=150, **known, refill_per_second=0)
    RateBudget.objects.create(system="heartland", tenant=account.base_url, refill_per_second=5, **known)
    RateBudget.objects.filter(system="heartland").update(blocked_until=timezone.now() - timedelta(minutes=1))
    RateBudget.objects.create(system="bigcommerce", tenant="somebody-else", quota=9_999, **known, refill_per_second=0)
    level(shop, "HT-M-RED", quantity=3)
    page = text_of(shop, "inventory/")
    assert "140 of 150" in page
    assert "9999" not in page
    assert "5 a second" in page
    assert "with its next window" in page
    assert "A full sync of 1 SKU takes about 4 reads from Heartland and at most 2 calls to BigCommerce" in page


def test_the_progress_refreshes_by_itself(shop: Shop) -> None:
    Run.objects.create(connection=shop.connection, kind="stock_sync", started_at=timezone.now(), total=400, done=100)
    part = shop.client().get(shop.at("inventory/"), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "100 of 400" in part
    assert 'value="25"' in part


def test_being_blind_is_said(shop: Shop) -> None:
    InventorySettings.objects.filter(connection=shop.connection).update(follows=True)
    long_ago = timezone.now() - timedelta(hours=2)
    Cursor.objects.create(connection=shop.connection, feed=Cursor.STOCK, due_at=long_ago, succeeded_at=long_ago)
    page = text_of(shop, "inventory/")
    assert "Nothing was heard of Heartland's stock since" in page
    assert "SKUs with 2 pieces or fewer are not offered" in page
    assert "stock has not been heard of for too long" in shop.client().get("/").content.decode()


def test_a_look_that_failed_is_said(shop: Shop) -> None:
    Cursor.objects.create(
        connection=shop.connection, feed=Cursor.STOCK, due_at=timezone.now(), failure="Heartland has trouble (503)."
    )
    assert "Heartland has trouble (503)." in text_of(shop, "inventory/")


def level(shop: Shop, sku: str, *, quantity: int) -> StockLevel:
    link = factories.item_link(shop.connection, sku)
    return StockLevel.objects.create(
        connection=shop.connection, link=link, item_id=int(link.target_id), sku=sku, quantity=quantity
    )


def counted(shop: Shop) -> list[str]:
    return [place.name for place in shop.client().get(shop.at("inventory/")).context["places"].counted]


def test_locations_are_added_and_removed_one_by_one(shop: Shop) -> None:
    client = shop.client(Role.STAFF)
    assert counted(shop) == []
    client.post(shop.at("inventory/add/"), {"location": "100005"})
    client.post(shop.at("inventory/add/"), {"location": "100005"})
    client.post(shop.at("inventory/add/"), {"location": "100006"})
    assert counted(shop) == ["Harbor Main", "Pine Annex"]
    client.post(shop.at("inventory/remove/"), {"location": "100005"})
    assert counted(shop) == ["Pine Annex"]
    trail = list(shop.merchant.audit_entries.order_by("pk").values_list("action", "actor__email"))
    email = shop.people[Role.STAFF].email
    assert trail == [("location.added", email), ("location.added", email), ("location.removed", email)]


def test_the_switch_all_locations_keeps_the_single_choice(shop: Shop) -> None:
    client = shop.client()
    client.post(shop.at("inventory/add/"), {"location": "100005"})
    client.post(shop.at("inventory/all/"), {"all": "on"})
    assert counted(shop) == ["Harbor Main", "Pine Annex", "Website"]
    client.post(shop.at("inventory/all/"), {"all": "off"})
    assert counted(shop) == ["Harbor Main"]
    assert InventorySettings.objects.get(connection=shop.connection).counts_all_locations is False


def test_a_second_location_warns_when_orders_distribute_themselves(shop: Shop) -> None:
    main = shop.connection.heartland.locations.get(name="Harbor Main")
    OrderSettings.objects.filter(connection=shop.connection).update(shipping="one", ship_from=main)
    client = shop.client()
    first = client.post(shop.at("inventory/add/"), {"location": "100005"}, follow=True).content.decode()
    second = client.post(shop.at("inventory/add/"), {"location": "100006"}, follow=True).content.decode()
    words = "orders still distribute themselves to Harbor Main"
    assert (words in first, words in second) == (False, True)


def test_a_foreign_location_cannot_be_added(shop: Shop, rival: Shop) -> None:
    factories.location(rival.connection.heartland, "999", "Theirs")
    for path in ("inventory/add/", "inventory/remove/"):
        assert shop.client().post(shop.at(path), {"location": "999"}).status_code == 404
    assert ConnectionLocation.objects.count() == 0


def test_the_direction_is_in_words(shop: Shop) -> None:
    page = " ".join(shop.client().get(shop.at("inventory/")).content.decode().split())
    assert "Heartland is master of quantities." in page
    assert ">one-way</button>" in page


def test_the_night_is_saved_without_a_sync_and_offered_for_runs(shelf: Shelf) -> None:
    shop = at_work(shelf)
    shelf.sync()
    client = shop.client()
    settings = InventorySettings.objects.get(connection=shop.connection)
    rule = {name: getattr(settings, name) for name in StockRuleForm.Meta.fields[:-2]}
    before = Run.objects.count()
    saved = client.post(shop.at("inventory/rule/"), rule | {"night_from": "01:00", "night_to": "05:00"}, follow=True)
    assert (said(saved), Run.objects.count()) == (["The night is saved."], before)
    assert "by night, from 01:00" in saved.content.decode()
    half = client.post(shop.at("inventory/rule/"), rule | {"night_from": "01:00"})
    assert half.status_code == 400
    client.post(shop.at("inventory/runs/"), {"kind": "stock_sync", "when": "night"})
    assert Run.objects.latest("pk").parameters == {"at_night": True}


def test_the_budget_says_who_used_it(shelf: Shelf) -> None:
    shop = at_work(shelf)
    shelf.sync()
    attempt = shelf.pair.attempt(shelf.pair.book(lines=[{"sku": "DOG-LEAD", "quantity": 1}]))
    shown = shop.client().get(shop.at("inventory/")).context["budgets"]
    shares = {budget.system: dict(budget.shares) for budget in shown}
    assert shares["heartland"]["orders"] == attempt.calls_heartland > 0
    assert shares["bigcommerce"]["orders"] == attempt.calls_store > 0
    assert shares["bigcommerce"]["runs over everything"] > 0
