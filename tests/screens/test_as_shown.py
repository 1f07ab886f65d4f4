"""A form acts only on what its page showed: one that does not say what that was is refused, whatever it asks for."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from connections.models import AuditEntry, Connection, ItemSettings, Location, Role
from mappings.models import CatalogueProduct, CatalogueSku, Link, StockRule, ValueMap
from syncjobs.intake.customer_choices import customer_settings_of
from syncjobs.models import Record, Run, Settlement, SyncJob
from syncjobs.pages.customer_settings.customer_form import initial_of
from tests import factories
from tests.screens.addresses import addresses
from tests.screens.conftest import Shop
from tests.screens.drawn import CARRIED
from tests.screens.test_access import OURS, path_of

Wish = dict[str, Any]
NEEDS_NO_STATE = {  # what such a form does is right whatever its page showed
    "payouts_read": "a file is chosen there and then; rows that are known are not doubled",
    "cards_find": "reads",
    "cards_take_over": "a file is chosen there and then; cards that are known are not doubled",
    "payouts_layout": "columns are typed there and then",
    "payouts_unexplain": "its address names what was said; taken back twice it is taken back once",
    "bigcommerce_install": "begins a log-in elsewhere",
    "bigcommerce_claim": "its address is good for one claim",
    "heartland_authorize": "begins a log-in elsewhere",
    "heartland_token": "the token is typed there and then",
    "store_pair": "a store that is paired already leads to its connection",
    "webhooks": "an address is typed there and then",
    "webhook_move": "one state only, from one state only",
    "webhook_replay": "the same message under the same id",
    "api_tokens": "a new token is made there and then",
    "api_token_end": "what is revoked already stays so",
    "connection_test": "asks, and changes nothing there",
    "connection_pause": "one state only, from one state only",
    "connection_resume": "one state only, from one state only",
    "connection_disconnect": "the store's name is typed",
    "hooks_arm": "what is there already is left alone",
    "hooks_remove": "what is gone already is no trouble",
    "hand_hook_renew": "the former are lost to their sender, whichever they were",
    "hand_hook_end": "what is gone already is no trouble",
    "payment_address_renew": "the former are lost to Heartland, whichever they were",
    "payment_address_end": "what is gone already is no trouble",
    "mastery": "a notice that is read is read",
    "preflight_look": "reads",
    "first_bring": "brings what nothing here knows of yet; one that is booked is not doubled",
    "fulfilment_lists": "reads",
    "inventory_lists": "reads",
    "loyalty_lists": "reads",
    "fulfilment_backfill": "orders are typed there and then; one that is booked is not doubled",
    "order_seen": "reads",
    "order_replay": "reads",
    "inventory_track": "tracking that is on already stays on",
    "proof_make": "reads, and adds a proof",
    "distribution_back": "takes back what its address names, where that still stands in Heartland",
    "distribution_stop": "a run that is over is left alone",
    "run_undo": "its address names the run; what was changed since it is left alone",
    "run_move": "a run that is over or in that state is left alone",
    "items_apply": "its address names the preview, whose version is compared",
    "item_make": "asks Heartland first whether it has such an item",
    "items_columns": "a person's own choice of what to see",
    "items_views": "a person's own filters under a name",
    "runs_columns": "a person's own choice of what to see",
    "runs_views": "a person's own filters under a name",
    "errors_views": "a person's own filters under a name",
    "comment": "what a person writes of an order or a SKU is right whatever its page showed",
    "issue_say": "what a person says of a cause is right whatever its page showed",
    "customer_groups_read": "reads what is so now",
    "person_join": "two customers are one person or not, whatever the page showed; one who was joined is refused",
    "inventory_send": "reads what is so now; with a preview its version is compared",
}
TOLD_ELSEWHERE = {  # of these a test of their own says that nothing happens without the state that was shown
    "merchant": "test_merchant",
    "cards_settings": "test_card_pages",
    "card_act": "test_card_pages",
    "loyalty": "test_loyalty_pages",
    "points_say": "test_loyalty_pages",
    "desk_order_choose": "test_desk_orders",
    "customer_answer": "test_customer_questions",
    "customer_answer_many": "test_customer_questions",
    "payouts_settle": "test_payouts",
    "payouts_unsettle": "test_payouts",
    "payouts_explain": "test_payouts",
    "payouts_give_back": "test_offers",
    "books_close": "test_books",
    "books_accounts_keep": "test_books",
    "merchant_currency": "test_merchant",
    "personal": "test_personal_data",
    "order_choose": "test_orders",
    "order_unchoose": "test_orders",
    "order_correct": "test_corrections",
    "order_edit": "test_edits",
    "order_distribute": "test_distribution",
    "distribution": "test_worklist",
    "invoice_choose": "test_shipments_truth",
    "return_choose": "test_till_returns",
    "refund_choose": "test_refunds",
    "close_one": "test_c09_closing",
    "close_many": "test_c09_closing",
    "order_departed": "test_departing",
    "retry_many": "test_errors",
    "retry_stop": "test_stopping",
    "release": "test_errors",
    "issue_fix": "test_card_fixes",
    "errors_assign": "test_errors",
    "errors_ignore": "test_errors",
}


def a_sku(connection: Connection) -> Wish:
    factories.catalogue(connection)
    sku = CatalogueSku.objects.filter(connection=connection, state="unlinked").exclude(sku="").first()
    assert sku is not None
    factories.item_link(connection, "HT-X", "100200")
    item = CatalogueProduct.objects.create(connection=connection, side="heartland", external_id="100300", facts={})
    CatalogueSku.objects.create(
        connection=connection, side="heartland", product=item, external_id="100300", sku=sku.suggestion,
        folded=sku.suggestion.lower(),
    )  # fmt: skip
    return {"sku": [sku.sku], "do": "accept"}


def a_link(connection: Connection) -> Wish:
    return {"sku": factories.item_link(connection, "HT-M-RED").source_id}


def a_rule(connection: Connection) -> Wish:
    return {"rule": StockRule.objects.create(connection=connection, value="HT-M-RED", safety_units=2).pk}


def a_method(connection: Connection) -> Wish:
    row = ValueMap.objects.create(connection=connection, kind="payment", source_value="Cash")
    return {f"target-{row.pk}": "", f"paid-target-{row.pk}": "on"}


def a_field(connection: Connection) -> Wish:
    rows = [{"group": "sales.order", "key": "channel", "name": "Channel"}]
    connection.heartland.required_fields = rows
    connection.heartland.save(update_fields=["required_fields"])
    return {"value-sales.order-channel": "Web"}


def a_mode(connection: Connection) -> Wish:
    ItemSettings.objects.create(connection=connection, mode="push")
    return {"updates": "on", "archived": "nothing", "filter-TOTAL_FORMS": 0, "filter-INITIAL_FORMS": 0}


def a_held_order(connection: Connection) -> Wish:
    factories.problem(connection, "10457")
    return {}


def a_closed_order(connection: Connection) -> Wish:
    factories.problem(connection, "10457")
    record = Record.objects.get(connection=connection, external_id="10457")
    Settlement.objects.create(record=record, kind="not_wanted", at=factories.NOW)
    return {}


def a_place(connection: Connection) -> Wish:
    place = Location.objects.filter(account=connection.heartland, external_id="100005").get()
    return {"location": place.external_id}


def a_counted_place(connection: Connection) -> Wish:
    wish = a_place(connection)
    connection.counted_locations.create(location=Location.objects.get(external_id=wish["location"]))
    return wish


def customer_wish(connection: Connection) -> Wish:
    """The form as it is from the start, switched on."""
    shown = initial_of(customer_settings_of(connection))
    given = {name: value for name, value in shown.items() if value not in (False, True)}
    return given | {"is_on": "on", "creates_in_heartland": "on"}


WISHES: dict[str, Callable[[Connection], Wish]] = {
    "items_mode": lambda _: {"mode": "push"},
    "items_settings": a_mode,
    "customer_settings_save": customer_wish,
    "items_barcodes": lambda _: {"links_by_barcode": "on"},
    "items_start": lambda _: {"kind": "items_check"},
    "items_many": a_sku,
    "item_unlink": a_link,
    "inventory_start": lambda connection: a_counted_place(connection) and {"kind": "stock_preview"},
    "inventory_all": lambda _: {"all": "on"},
    "inventory_add": a_place,
    "first_places": a_place,
    "first_ships": lambda connection: {"shipping": a_place(connection)["location"]},
    "inventory_remove": a_counted_place,
    "inventory_rules": lambda connection: {
        "value": a_link(connection)["sku"], "safety_units": 1, "safety_percent": 0, "last_units": 0
    },
    "inventory_rule_remove": a_rule,
    "inventory_rule": lambda _: {
        "counting": "on_hand", "safety_units": 1, "safety_percent": 0, "last_units": 0, "fast_moves": 0,
        "fast_units": 0, "blind_minutes": 60, "blind_units": 2,
    },
    "fulfilment_map": a_method,
    "fulfilment_fields": a_field,
    "retry_one": a_held_order,
    "reopen": a_closed_order,
}  # fmt: skip
OVER_BOTH_SYSTEMS = {  # the same, where an outside system is asked
    "fulfilment": "test_fulfilment",
    "setup": "test_connection",
    "item_link": "test_linking",
    "items_list": "test_items",
    "inventory_feeds": "test_truth",
    "items_sync": "test_identity",
    "invoice_unchoose": "test_shipments_truth",
    "return_unchoose": "test_till_returns",
}


def what_is_done(connection: Connection) -> list[int]:
    """Grows with whatever a person has done: entries of the trail, jobs, runs."""
    kinds = (AuditEntry, SyncJob, Run)
    counts = [kind.objects.count() for kind in kinds]
    rows = (Link, StockRule, Settlement)
    return [*counts, *(kind.objects.count() for kind in rows)]


def plain(shop: Shop) -> Client:
    client = Client()
    client.force_login(shop.people[Role.OWNER])
    return client


def test_every_form_is_one_that_carries_its_state_or_needs_none(shop: Shop) -> None:
    client = shop.client()
    ours = {one.name for one in OURS if client.post(path_of(one, shop)).status_code != 405}
    members = {one.name for one in addresses() if one.access == "member"} & {*NEEDS_NO_STATE, *TOLD_ELSEWHERE}
    told = NEEDS_NO_STATE.keys() | TOLD_ELSEWHERE.keys() | WISHES.keys() | OVER_BOTH_SYSTEMS.keys()
    assert (ours | members) - told == set()
    assert told - (ours | members) == set()
    assert CARRIED.keys() <= told - NEEDS_NO_STATE.keys()


@pytest.mark.parametrize("name", WISHES)
def test_a_form_that_does_not_say_what_its_page_showed_does_nothing(name: str, shop: Shop) -> None:
    wish = WISHES[name](shop.connection)
    path = path_of(next(one for one in OURS if one.name == name), shop)
    Run.objects.update(state="done")  # of the address
    before = what_is_done(shop.connection)
    answer = plain(shop).post(path, wish, follow=True)
    assert what_is_done(shop.connection) == before, name
    said = " ".join(str(one) for one in answer.context["messages"]) + answer.content.decode()
    assert any(words in said for words in ("Nothing was", "nothing was saved", "was not shown")), said[:300]
    shop.client().post(path, wish)
    assert what_is_done(shop.connection) != before, name


def test_the_order_settings_of_a_page_that_says_no_version_are_shown_anew(shop: Shop) -> None:
    form = {"currency": "USD", "order_prefix": "WEB-", "guest_policy": "match", "customisation": "hold"}
    wish = form | {"shipping": "staff", "shipped_status": 2}
    before = what_is_done(shop.connection)
    path = reverse("fulfilment", args=[shop.connection.public_id])
    answer = plain(shop).post(path, wish)
    assert answer.status_code == 409
    assert "does not say which settings its page showed" in answer.content.decode()
    answer = plain(shop).post(reverse("setup", args=[shop.connection.public_id]), {"location": "100007"}, follow=True)
    assert "does not say which settings its page showed" in answer.content.decode()
    assert what_is_done(shop.connection) == before
    assert shop.client().post(path, wish).status_code == 302
    assert what_is_done(shop.connection) != before
