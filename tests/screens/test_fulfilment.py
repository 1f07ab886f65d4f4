"""The Order Fulfillment tab: settings, statuses, value maps and required fields."""

import html
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from connections import clients, heartland_lists
from connections.models import ConnectionLocation, Location, OrderSettings, Role
from errors.failures import Violation
from mappings.models import FieldDefault, ValueMap
from syncjobs import engine
from syncjobs.models import Record
from syncjobs.pages.fulfilment.fulfilment_tables import shipment_sums
from tests import factories
from tests.screens.conftest import Shop
from tests.screens.order_settings import filled, pending, place, save, settings_of

State = Record.Disposition


def test_invoices_that_waited_are_looked_at_when_shipments_are_decided_anew(shop: Shop) -> None:
    fields = {"connection": shop.connection, "flow": "shipments", "first_seen_at": factories.NOW}
    for number, state, code in (
        ("1", State.IN_FLIGHT, "awaiting_tracking"),
        ("2", State.SKIPPED, "shipments_off"),
        ("3", State.BOOKED, ""),
    ):
        Record.objects.create(external_id=number, disposition=state, code=code, changed_at=factories.NOW, **fields)
    save(shop, shipped_status=10)
    assert pending(shop) == []
    save(shop, notifies_shopper=None)
    assert pending(shop) == ["1", "2"]
    assert (settings_of(shop).notifies_shopper, settings_of(shop).shipped_status) == (False, "10")


@pytest.fixture
def tenant(shop: Shop, heartland_url: str) -> Shop:
    """The shop with Heartland's sandbox behind it."""
    account = shop.connection.heartland
    account.base_url = f"{heartland_url}/api"
    account.credential = factories.credential("sim-heartland-token")
    account.save()
    heartland_lists.choices(account, fresh=True)
    return shop


def test_saving_what_is_shown_changes_nothing(shop: Shop) -> None:
    """Nor the hour of the start date, which a date field does not show."""
    start = datetime(2026, 3, 1, 17, 42, tzinfo=UTC)
    OrderSettings.objects.filter(connection=shop.connection).update(history_start_at=start)
    assert save(shop, history_start_on="2026-03-01").status_code == 302
    assert settings_of(shop).history_start_at == start
    assert shop.merchant.audit_entries.count() == 0


def test_staff_change_settings_with_a_trail_of_before_and_after(shop: Shop) -> None:
    answer = save(shop, shop.client(Role.STAFF), order_prefix="WEB-", history_start_on="2026-03-01")
    assert answer["Location"] == shop.at("fulfillment/")
    row = settings_of(shop)
    assert (row.order_prefix, row.history_start_at) == ("WEB-", datetime(2026, 3, 1, 5, tzinfo=UTC))
    entry = shop.merchant.audit_entries.get()
    assert (entry.action, entry.actor) == ("order_settings.changed", shop.people[Role.STAFF])
    assert entry.detail["order_prefix"] == {"was": "BC-", "is": "WEB-"}
    assert set(entry.detail) == {"order_prefix", "history_start_at"}


def test_fields_that_are_not_offered_cannot_be_set(shop: Shop) -> None:
    save(shop, order_prefix="WEB-", station_id="666", connection="1", gift_wrap_item_id="5", id="9")
    row = settings_of(shop)
    assert (row.gift_wrap_item_id, row.connection_id) == ("", shop.connection.pk)
    assert row.source_location is not None
    assert row.source_location.station_id == "100070"


def test_another_merchants_location_is_refused(shop: Shop, rival: Shop) -> None:
    theirs = factories.location(rival.connection.heartland, "999", "Theirs", station_id="1")
    for field in ("source_location", "ship_from"):
        answer = shop.client().post(shop.at("fulfillment/"), filled(shop, **{field: theirs.pk}))
        assert answer.status_code == 400
        assert "Nothing was saved." in answer.content.decode()
    assert shop.merchant.audit_entries.count() == 0


def test_a_location_brings_its_station(shop: Shop) -> None:
    main = Location.objects.get(account=shop.connection.heartland, name="Harbor Main")
    save(shop, source_location=main.pk)
    assert settings_of(shop).source_location == main
    annex = Location.objects.get(account=shop.connection.heartland, name="Pine Annex")
    answer = save(shop, source_location=annex.pk)
    assert "Pine Annex has no station yet" in answer.content.decode()
    assert settings_of(shop).source_location == main


def test_distribution_needs_a_location_and_is_kept(shop: Shop) -> None:
    assert "Choose the location that ships" in save(shop, shipping="one").content.decode()
    main = place(shop, "Harbor Main")
    save(shop, shipping="one", ship_from=main.pk)
    row = settings_of(shop)
    assert (row.shipping, row.ship_from) == ("one", main)
    assert "distributed to Harbor Main" in shop.client().get(shop.at("fulfillment/")).content.decode()


@pytest.mark.parametrize("shipping", ["one", "invoiced", "store"])
def test_one_location_is_refused_while_several_sell(shop: Shop, shipping: str) -> None:
    places = [place(shop, "Harbor Main"), place(shop, "Pine Annex")]
    for one in places:
        ConnectionLocation.objects.create(connection=shop.connection, location=one)
    page = shop.client().get(shop.at("fulfillment/")).content.decode()
    assert "2 locations sell online, so one of them cannot ship everything" in page
    assert save(shop, shipping=shipping, ship_from=places[0].pk).status_code == 400
    assert settings_of(shop).shipping == "staff"
    OrderSettings.objects.filter(connection=shop.connection).update(shipping="one", ship_from=places[0])
    save(shop, shipping="staff")
    assert settings_of(shop).shipping == "staff"


@pytest.mark.parametrize("shipping", ["invoiced", "store"])
def test_an_invoice_needs_a_station(shop: Shop, shipping: str) -> None:
    annex = place(shop, "Pine Annex")
    answer = save(shop, shipping=shipping, ship_from=annex.pk)
    assert "Pine Annex has no station in Heartland" in answer.content.decode()
    save(shop, shipping=shipping, ship_from=place(shop, "Harbor Main").pk)
    assert settings_of(shop).invoices_at_once


def test_several_locations_ship_by_their_turn(shop: Shop) -> None:
    main, annex = place(shop, "Harbor Main"), place(shop, "Pine Annex")
    assert "Number the locations that ship" in save(shop, shipping="priority").content.decode()
    turns: dict[str, Any] = {f"rank-{main.pk}": 2, f"rank-{annex.pk}": 1}
    save(shop, shipping="priority", **turns)
    assert settings_of(shop).shipping == "priority"
    assert [str(route) for route in shop.connection.shipping_routes.all()] == ["1. Pine Annex", "2. Harbor Main"]
    entry = shop.merchant.audit_entries.get(action="shipping_routes.changed")
    assert entry.detail == {"was": {}, "is": {"Harbor Main": 2, "Pine Annex": 1}}
    save(shop, **turns)
    assert shop.merchant.audit_entries.filter(action="shipping_routes.changed").count() == 1


def test_the_nearest_location_ships_by_what_the_merchant_wrote(shop: Shop) -> None:
    main, annex = place(shop, "Harbor Main"), place(shop, "Pine Annex")
    Location.objects.filter(pk=annex.pk).update(state="AL", postal_code="36532")
    page = shop.client().get(shop.at("fulfillment/")).content.decode()
    assert f'name="areas-{annex.pk}" value="AL, 365"' in page
    assert "The longest beginning of the shopper's postcode counts most, then the state, then the country" in page
    turns: dict[str, Any] = {f"rank-{main.pk}": 1, f"rank-{annex.pk}": 2, f"areas-{annex.pk}": " tx ;787, TX"}
    save(shop, shipping="nearest", **turns)
    assert settings_of(shop).shipping == "nearest"
    routes = shop.connection.shipping_routes.order_by("rank")
    assert list(routes.values_list("location__name", "areas")) == [("Harbor Main", ""), ("Pine Annex", "TX, 787")]
    entry = shop.merchant.audit_entries.get(action="shipping_routes.changed")
    assert entry.detail["is"] == {"Harbor Main": 1, "Pine Annex": "2: TX, 787"}


def test_that_others_could_ship_too_is_said_also_when_none_counts_for_stock(shop: Shop) -> None:
    assert not shop.connection.counted_locations.exists()
    page = shop.client().get(shop.at("fulfillment/")).content.decode()
    places = shop.connection.heartland.locations.filter(is_active=True).order_by("name")
    names = [place.name for place in places if place != settings_of(shop).source_location]
    assert len(names) > 1
    assert f"{len(names)} locations can ship: {', '.join(names)}." in page


def test_every_invoice_is_counted_once(shop: Shop) -> None:
    kinds = [
        (State.BOOKED, ""), (State.BOOKED, ""), (State.BOOKED, "left_deleted"), (State.IN_FLIGHT, "awaiting_tracking"),
        (State.RETRYING, ""), (State.HELD, "invoice_voided"), (State.DEAD, ""), (State.SKIPPED, "invoice_voided"),
        (State.SKIPPED, "not_complete"), (State.SETTLED, "not_wanted"),
    ]  # fmt: skip
    for number, (state, code) in enumerate(kinds):
        factories.invoice(shop.connection, str(number), "10457", state, code=code)
    engine.job_enqueue(connection=shop.connection, flow="shipments", external_id="99", cause="poll", now=timezone.now())
    sums = shipment_sums(shop.connection)
    assert (sums.total, sum(count for _, count in sums.parts)) == (11, 11)
    assert dict(sums.parts) == {
        "shown in the store": 2, "left as you chose": 1, "waiting for a tracking number": 1, "waiting for you": 2,
        "voided": 1, "closed by hand": 1, "nothing for the store": 1, "on their way": 2,
    }  # fmt: skip


def test_unpaid_orders_that_were_left_out_are_taken_up_when_they_are_wanted(shop: Shop) -> None:
    OrderSettings.objects.filter(connection=shop.connection).update(takes_unpaid=False)
    factories.order(shop.connection, "10457", State.SKIPPED, code="not_paid", source_status="Awaiting Fulfillment")
    save(shop, takes_unpaid="on")
    assert pending(shop) == ["10457"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"guest_policy": "default"}, "Name the Heartland customer"),
        ({"customisation": "note"}, "Choose the order-line field"),
        ({"order_prefix": "MUCH-TOO-LONG-"}, "at most 10 characters"),
        ({"order_prefix": " "}, "Free is BC2-, for example."),
        ({"payment_type_id": "999999"}, "Select a valid choice"),
        ({"eligible_statuses": ["11", "77"]}, "Select a valid choice"),
        ({"history_start_on": "yesterday"}, "Enter a valid date"),
    ],
)
def test_wrong_answers_are_refused_in_words(changes: dict[str, Any], words: str, shop: Shop) -> None:
    answer = save(shop, **changes)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert shop.merchant.audit_entries.count() == 0


def test_a_prefix_of_another_store_of_the_account_is_refused_by_name(shop: Shop) -> None:
    other = factories.connection(shop.merchant, name="Outlet")
    OrderSettings.objects.filter(connection=other).update(order_prefix="OUT-")
    answer = save(shop, order_prefix="out-")
    assert answer.status_code == 400
    assert "“out-” is taken by Outlet, which books in the same Heartland account." in html.unescape(
        answer.content.decode()
    )
    assert settings_of(shop).order_prefix == "BC-"


def test_statuses_say_what_happens_and_how_many_are_ignored(shop: Shop) -> None:
    for number in range(2):
        factories.order(
            shop.connection, str(number), State.SKIPPED, code="awaiting_pickup", source_status="Awaiting Pickup"
        )
    rows = {row.name: row for row in shop.client().get(shop.at("fulfillment/")).context["statuses"]}
    assert len(rows) == 15
    assert rows["Awaiting Fulfillment"].effect == "New sales order in Heartland, open."
    assert rows["Cancelled"].effect == "Cancelled in Heartland; never booked when it was cancelled before."
    assert rows["Awaiting Pickup"].effect == "Skipped until its status changes."
    assert rows["Awaiting Pickup"].ignored == 2
    assert [row.name for row in rows.values() if not row.is_choosable] == [
        "Incomplete",
        "Refunded",
        "Partially Refunded",
    ]


def test_live_counts_come_from_bigcommerce(shop: Shop, bigcommerce_url: str) -> None:
    store = shop.connection.store
    store.api_base, store.store_hash = bigcommerce_url, "a1b2c3d4e5"
    store.credential = factories.credential("sim-bigcommerce-token")
    store.save()
    client = shop.client()
    rows = client.get(shop.at("fulfillment/counts/")).context["statuses"]
    assert sum(row.live for row in rows) > 0
    ignored = next(row for row in rows if row.live and not row.is_chosen)
    part = client.get(shop.at("fulfillment/counts/"), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert f'id="live-{ignored.key}" hx-swap-oob="true">{ignored.live_words}<' in part


def test_choosing_a_status_takes_up_the_orders_skipped_for_it(shop: Shop) -> None:
    factories.order(shop.connection, "1", State.SKIPPED, code="awaiting_pickup", source_status="Awaiting Pickup")
    factories.order(shop.connection, "2", State.SKIPPED, code="status_not_eligible", source_status="Pending")
    factories.order(shop.connection, "3", State.SKIPPED, code="before_history_start", source_status="Awaiting Pickup")
    save(shop, eligible_statuses=["11", "5", "6", "2", "8"])
    assert settings_of(shop).eligible_statuses == ["2", "5", "6", "8", "11"]
    assert pending(shop) == ["1"]


def test_lists_come_from_heartland(tenant: Shop) -> None:
    form = tenant.client().get(tenant.at("fulfillment/")).context["form"]
    assert "Cash" in [name for _, name in form.fields["payment_type_id"].choices]
    assert len(form.fields["shipping_method_id"].choices) > 1


def test_a_gift_wrap_item_is_named_by_its_number(tenant: Shop) -> None:
    assert "no active item with Item # NO-SUCH-ITEM" in save(tenant, gift_wrap_item="NO-SUCH-ITEM").content.decode()
    client = clients.heartland_setup_client(tenant.connection.heartland)
    item = next(iter(client.iter_items(active=True)))
    factories.problem(tenant.connection, "1", wrap_hold())
    shown = tenant.client().post(
        tenant.at("fulfillment/"), filled(tenant, gift_wrap_item=item["public_id"]), follow=True
    )
    assert settings_of(tenant).gift_wrap_item_id == str(item["id"])
    assert shown.context["form"].initial["gift_wrap_item"] == item["public_id"]
    assert "1 waiting order is looked at again now." in shown.content.decode()
    assert pending(tenant) == ["1"]


def wrap_hold() -> Any:
    from errors.failures import Violation

    return Violation(code="gift_wrap_unmapped", sentence="The wrapping has no item.", fix_page="orders")


def test_mapping_a_value_releases_the_orders_that_waited_for_it(tenant: Shop) -> None:
    factories.problem(tenant.connection, "1", factories.unmapped("Bank Deposit"))
    factories.problem(tenant.connection, "2", factories.unmapped("Bank Deposit"))
    row = ValueMap.objects.create(connection=tenant.connection, kind="payment", source_value="Bank Deposit", seen=2)
    page = tenant.client().get(tenant.at("fulfillment/"))
    table = page.context["maps"][0]
    assert [(one.label, one.target, one.waiting) for one in table.rows] == [
        ("Everything else (default)", "", 0),
        ("Bank Deposit", "", 2),
    ]
    target, name = table.options[0]
    client = tenant.client(Role.OPS)
    shown = client.post(tenant.at("fulfillment/maps/payment/"), {f"target-{row.pk}": target}, follow=True)
    row.refresh_from_db()
    assert (row.target_value, row.target_label) == (target, name)
    assert "2 waiting orders are looked at again now." in shown.content.decode()
    assert pending(tenant) == ["1", "2"]
    default = client.post(tenant.at("fulfillment/maps/payment/"), {"target-default": target})
    assert default.status_code == 302
    assert ValueMap.objects.get(connection=tenant.connection, source_value="*").target_value == target


def test_a_target_that_heartland_does_not_offer_is_refused(tenant: Shop) -> None:
    row = ValueMap.objects.create(connection=tenant.connection, kind="payment", source_value="Cash on pickup")
    shown = tenant.client().post(tenant.at("fulfillment/maps/payment/"), {f"target-{row.pk}": "424242"}, follow=True)
    row.refresh_from_db()
    assert row.target_value == ""
    assert "is not offered any more" in shown.content.decode()
    assert tenant.client().post(tenant.at("fulfillment/maps/nonsense/")).status_code == 404


def test_required_fields_get_values_and_release_orders(shop: Shop) -> None:
    account = shop.connection.heartland
    account.required_fields = [{"group": "sales.order", "key": "channel", "name": "Channel"}]
    account.save()
    page = shop.client().get(shop.at("fulfillment/")).content.decode()
    assert "Channel" in page
    shop.client().post(shop.at("fulfillment/fields/"), {"value-sales.order-channel": " Web "})
    row = FieldDefault.objects.get(connection=shop.connection)
    assert (row.group, row.key, row.value) == ("sales.order", "channel", "Web")
    shop.client().post(shop.at("fulfillment/fields/"), {"value-sales.order-other": "x"})
    assert FieldDefault.objects.count() == 1


def test_orders_that_waited_for_shipments_go_on_when_somebody_else_ships(shop: Shop) -> None:
    main = place(shop, "Harbor Main")
    OrderSettings.objects.filter(connection=shop.connection).update(shipping="store", ship_from=main)
    factories.problem(
        shop.connection, "10457", Violation(code="shipped_without_items", sentence="No shipment holds it.")
    )
    save(shop, ship_from=main.pk, sales_rep="Web")
    assert pending(shop) == []
    save(shop, shipping="staff", ship_from=main.pk)
    assert pending(shop) == ["10457"]


@pytest.mark.parametrize(
    ("number", "says"),
    [
        ("abc", "Heartland has no customer with Customer # or id abc."),
        ("999999", "Heartland has no customer with Customer # or id 999999."),
        ("", "Name the Heartland customer that guests&#x27; orders go to."),
    ],
)
@pytest.mark.parametrize("policy", ["default", "unknown"])
def test_f19_a_customer_for_guests_must_be_in_heartland(tenant: Shop, number: str, says: str, policy: str) -> None:
    page = save(tenant, guest_policy=policy, guest_customer_id=number)
    assert page.status_code == 400
    assert says in page.content.decode()
    assert (settings_of(tenant).guest_policy, settings_of(tenant).guest_customer_id) == ("match", "")


def test_the_customer_for_guests_is_named_by_number_or_id_and_kept_by_id(tenant: Shop) -> None:
    (cash,) = clients.heartland_client(tenant.connection.heartland).customers_by_number("CASH")
    for named in ("CASH", str(cash["id"])):
        assert save(tenant, guest_policy="default", guest_customer_id=named).status_code == 302
        assert settings_of(tenant).guest_customer_id == str(cash["id"])
    page = tenant.client().get(tenant.at("fulfillment/")).content.decode()
    assert 'name="guest_customer_id" value="CASH"' in page
    clients.heartland_client(tenant.connection.heartland).customer_update(str(cash["id"]), active=False)
    refused = save(tenant, guest_policy="default", guest_customer_id="CASH")
    assert "Customer CASH is switched off in Heartland." in refused.content.decode()


def test_a_new_customer_for_guests_releases_the_orders_that_waited_for_one(tenant: Shop) -> None:
    gone = Violation(code="guest_customer_gone", sentence="Gone.", field="guest_customer_id", value="9")
    factories.problem(tenant.connection, "10450", gone)
    save(tenant, guest_policy="default", guest_customer_id="CASH")
    assert pending(tenant) == ["10450"]


def test_the_status_tables_are_saved_both_ways_and_contradictions_refused(shop: Shop) -> None:
    answer = save(shop, held_statuses=["12", "13"], booked_status=9, part_shipped_status="", shipped_status=10)
    assert answer.status_code == 302
    row = settings_of(shop)
    assert (row.held_statuses, row.booked_status, row.part_shipped_status, row.shipped_status) == (
        ["12", "13"],
        "9",
        "",
        "10",
    )
    assert save(shop).status_code == 302  # a page without the new questions leaves their answers
    row = settings_of(shop)
    assert (row.booked_status, row.part_shipped_status) == ("9", "")
    answer = save(shop, held_statuses=["11"])
    assert answer.status_code == 400
    assert "Awaiting Fulfillment: either taken or held, not both." in answer.content.decode()


def test_money_is_taken_as_goods_leave_where_the_merchant_says_so(shop: Shop) -> None:
    mail: dict[str, Any] = {
        "refused_mail_subject": "Order {order}",
        "refused_mail_text": "Dear {name}, please pay {total} to {shop}.",
    }
    assert save(shop, charges_at_shipment="on", refused_status="12", **mail).status_code == 302
    row = settings_of(shop)
    assert (row.charges_at_shipment, row.refused_status) == (True, "12")
    assert (row.refused_mail_subject, row.refused_mail_text) == tuple(mail.values())


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"charges_at_shipment": "on", "sends_shipments": None}, "Tell the store what Heartland shipped"),
        ({"refused_mail_subject": "Order"}, "A mail has a subject and a text."),
        ({"refused_mail_text": "Pay"}, "A mail has a subject and a text."),
        ({"refused_mail_subject": "{nmae}", "refused_mail_text": "Pay"}, "Nothing fills in {nmae}."),
        ({"refused_status": "5"}, "5 is not one of the available choices."),
    ],
)
def test_a_charge_that_could_not_be_carried_out_is_not_saved(shop: Shop, changes: Any, sentence: str) -> None:
    answer = save(shop, **changes)
    assert sentence in html.unescape(answer.content.decode())
    assert (settings_of(shop).charges_at_shipment, settings_of(shop).refused_mail_subject) == (False, "")
