"""Whose sales order it becomes: nobody is taken for somebody else, and nobody is renamed by an order."""

import importlib
from typing import Any

import pytest
from django.apps import apps
from django.db import connection as database

from mappings.models import Link
from tests.flows.conftest import Pair
from tests.flows.shoppers import (
    AUSTIN,
    account,
    address,
    at_the_desk,
    booked,
    customer,
    post,
    sales_order,
    send,
)

NO_CONTACT = {"phone": "", "email": ""}


def test_c04_buyers_without_contact_become_a_customer_each(pair: Pair) -> None:
    quinn = booked(pair, NO_CONTACT | {"first_name": "Quinn", "last_name": "Abbott"})
    maria = booked(pair, NO_CONTACT | {"first_name": "Maria", "last_name": "Zamora", "street_1": "9 Oak Rd"})
    again = booked(pair, NO_CONTACT | {"first_name": "Quinn", "last_name": "Abbott"})
    assert [customer(pair, web_id)["name"] for web_id in (quinn, maria, again)] == [
        "Quinn Abbott", "Maria Zamora", "Quinn Abbott",
    ]  # fmt: skip
    assert len({customer(pair, web_id)["id"] for web_id in (quinn, maria, again)}) == 3
    assert address(pair, maria)["line_1"] == "9 Oak Rd"
    assert not Link.objects.filter(source_id="").exists()


def test_the_customer_of_one_order_is_used_again_when_the_order_is_tried_again(pair: Pair) -> None:
    pair.heartland.post("/_sim/faults", {"method": "POST", "path": r"/api/sales/orders$", "times": 1, "status": 500})
    before = len(pair.heartland.rows("customers"))
    web_id = str(pair.place(guest=AUSTIN_GUEST | NO_CONTACT))
    assert pair.run(web_id) == "retry"
    assert pair.run_until_settled(web_id) == "done"
    assert len(pair.heartland.rows("customers")) == before + 1


AUSTIN_GUEST = {
    "first_name": "Quinn", "last_name": "Abbott", "street_1": "12 Elm St", "city": "Austin", "state": "Texas",
    "zip": "78701", "country": "United States", "country_iso2": "US",
}  # fmt: skip


def test_a_lost_answer_doubles_no_customer_that_nothing_but_a_name_tells(pair: Pair) -> None:
    before = len(pair.heartland.rows("customers"))
    pair.lose(pair.heartland, "POST", r"/api/customers$")
    web_id = post(pair, NO_CONTACT | {"first_name": "Quinn", "last_name": "Abbott"})
    assert pair.run(web_id) == "retry"
    assert pair.run_until_settled(web_id) == "done"
    assert customer(pair, web_id)["name"] == "Quinn Abbott"
    assert len(pair.heartland.rows("customers")) == before + 1


def test_links_made_from_too_little_are_dropped(pair: Pair) -> None:
    def link(source_id: str, kind: Link.Kind = Link.Kind.CUSTOMER) -> Link:
        return Link(connection=pair.connection, kind=kind, source_id=source_id, target_id="100123")

    Link.objects.bulk_create(
        [
            link(""),
            link("phone:5125550100"),
            link("email:ana@example.com"),
            link("customer:7"),
            link("9", Link.Kind.ORDER),
        ]
    )
    migration: Any = importlib.import_module("mappings.migrations.0007_no_links_from_nothing")
    for _ in range(2):
        migration.drop_links_from_too_little(apps, database.schema_editor())
    kept = Link.objects.filter(target_id="100123").values_list("source_id", flat=True)
    assert sorted(kept) == ["9", "customer:7", "email:ana@example.com"]


def test_f8_a_shared_phone_does_not_join_strangers(pair: Pair) -> None:
    bob = at_the_desk(
        pair, "POST", "/customers", {"first_name": "Bob", "last_name": "Home", "phone_number": "(512) 555-0139"}
    )
    phone = {"phone": "512-555-0139"}
    alice = booked(pair, phone | {"first_name": "Alice", "last_name": "Work", "email": "alice@example.org"})
    assert customer(pair, alice)["name"] == "Alice Work"
    (row,) = pair.heartland.get("/_sim/state/customers", id=bob)["rows"]
    assert (row["name"], row["email"]) == ("Bob Home", None)
    his_own = booked(pair, phone | {"first_name": "HOME", "last_name": "Böb", "email": ""})
    assert customer(pair, his_own)["id"] == bob
    carol = booked(pair, phone | {"first_name": "Carol", "last_name": "Home", "email": ""})
    assert customer(pair, carol)["name"] == "Carol Home"


def test_c53_a_shared_mailbox_is_one_customer_and_nobody_is_renamed(pair: Pair) -> None:
    mailbox = {"email": "orders@pine.example", "company": "Pine Ltd"}
    first = booked(pair, mailbox | {"first_name": "Ann", "last_name": "Ruiz", "phone": ""})
    second = booked(pair, mailbox | {"first_name": "Peter", "last_name": "Hale", "phone": "512-555-0999"})
    assert customer(pair, first) == customer(pair, second)
    assert (customer(pair, second)["name"], customer(pair, second)["phone_number"]) == ("Ann Ruiz", None)
    assert (address(pair, second)["first_name"], address(pair, second)["line_2"]) == ("Peter", "Pine Ltd")


@pytest.mark.parametrize("length", [200, 254])
def test_a_long_e_mail_address_is_one_customer(pair: Pair, length: int) -> None:
    email = "a" * (length - len("@example.org")) + "@example.org"
    first, second = booked(pair, {"email": email}), booked(pair, {"email": email})
    assert customer(pair, first) == customer(pair, second)
    assert customer(pair, first)["email"] == email


@pytest.mark.parametrize(
    ("place", "state", "code"),
    [
        ({"city": "Hobart", "zip": "7000", "country": "Australia", "country_iso2": "AU"}, "", "N/A"),
        ({"city": "Taipei", "zip": "100", "country": "Taiwan", "country_iso2": "TW"}, "", "N/A"),
        ({"city": "Dubai", "zip": "", "country": "United Arab Emirates", "country_iso2": "AE"}, "", "N/A"),
        ({"city": "Kowloon", "zip": "", "country": "Hong Kong", "country_iso2": "HK"}, "", "N/A"),
        ({"city": "Pago Pago", "zip": "96799"}, "American Samoa", "AS"),
        ({"city": "APO", "zip": "09012"}, "Armed Forces Europe", "AE"),
        ({"city": "San Juan", "zip": "00901", "country": "Puerto Rico", "country_iso2": "PR"}, "", "N/A"),
    ],
)
def test_c23_c48_addresses_of_the_world_are_booked(pair: Pair, place: dict[str, str], state: str, code: str) -> None:
    web_id = booked(pair, place | {"state": state, "email": "world@example.org"})
    held = address(pair, web_id)
    assert (held["city"], held["state"], held["postal_code"]) == (place["city"], code, place["zip"] or "N/A")


def test_c25_one_name_or_a_company_only_is_booked(pair: Pair) -> None:
    one = booked(pair, {"first_name": "Suharto", "last_name": "", "email": "one@example.org"})
    hotel = {"first_name": "", "last_name": "", "company": "Harbor Hotel LLC", "email": "hotel@example.org"}
    company = booked(pair, hotel)
    assert (customer(pair, one)["first_name"], customer(pair, one)["last_name"]) == ("Suharto", ".")
    assert customer(pair, company)["name"] == "Harbor Hotel LLC"
    held = address(pair, company)
    assert (held["first_name"], held["last_name"], held["line_2"]) == ("Harbor Hotel", "LLC", None)
    again = booked(pair, hotel)
    assert (customer(pair, again), address(pair, again)) == (customer(pair, company), held)


def test_c11_f7_an_account_keeps_its_name_and_phone_whoever_paid(pair: Pair) -> None:
    ines = account(pair)
    card = {"first_name": "Corporate", "last_name": "Cardholder", "phone": "512-555-0999", "email": "ines@example.org"}
    first = booked(pair, card, customer_id=ines)
    assert "GET /v3/customers" in pair.calls(first)
    hers = {"first_name": "Ines", "last_name": "Marlow", "phone": "512-555-0111", "email": "ines@example.org"}
    second, third = booked(pair, hers, customer_id=ines), booked(pair, card, customer_id=ines)
    held = customer(pair, third)
    assert (held["name"], held["phone_number"], held["email"]) == ("Ines Marlow", "5125550111", "ines@example.org")
    assert customer(pair, first) == customer(pair, second) == held
    assert address(pair, third)["last_name"] == "Cardholder"
    assert not [call for call in pair.calls(third) if "customers" in call]


@pytest.mark.parametrize("trouble", ["deleted", "not allowed"])
def test_an_account_that_cannot_be_read_is_taken_from_the_order(pair: Pair, trouble: str) -> None:
    ines = account(pair)
    web_id = post(pair, customer_id=ines)
    if trouble == "deleted":
        send(pair, "DELETE", f"/v3/customers?id:in={ines}", None)
    else:
        pair.bigcommerce.post("/_sim/faults", {"method": "GET", "path": "/v3/customers", "times": 1, "status": 403})
    assert pair.run(web_id) == "done"
    assert customer(pair, web_id)["name"] == "Robin Wells"


def test_an_account_opened_after_checkout_joins_what_the_guest_was(pair: Pair) -> None:
    web_id = booked(pair)
    ours = customer(pair, web_id)
    robin = account(pair, first_name="Robin", last_name="Wells", email=AUSTIN["email"], phone="")
    send(pair, "PUT", f"/v2/orders/{web_id}", {"customer_id": robin})
    assert pair.run(web_id) == "done"
    assert pair.record(web_id).disposition == "booked"
    later = booked(pair, customer_id=robin)
    assert customer(pair, later) == ours


def test_staff_own_the_name_in_heartland(pair: Pair) -> None:
    web_id = booked(pair)
    ours = customer(pair, web_id)["id"]
    at_the_desk(pair, "PUT", f"/customers/{ours}", {"first_name": "Robyn", "phone_number": "512-555-0777"})
    again = booked(pair, {"phone": "512-555-0143"})
    held = customer(pair, again)
    assert (held["id"], held["name"], held["phone_number"]) == (ours, "Robyn Wells", "512-555-0777")


def test_a_customer_merged_into_another_is_noticed_before_the_order_opens(pair: Pair) -> None:
    gone = customer(pair, booked(pair))["id"]
    kept = at_the_desk(
        pair, "POST", "/customers", {"first_name": "Robin", "last_name": "Wells", "email": AUSTIN["email"]}
    )
    pair.heartland.post("/_sim/staff/merge_customers", {"from": gone, "into": kept})
    web_id = booked(pair)
    assert sales_order(pair, web_id)["customer_id"] == kept
    assert address(pair, web_id)["customer_id"] == kept
    assert sales_order(pair, web_id)["public_id"] == f"BC-{web_id}"
    next_one = booked(pair)
    assert sales_order(pair, next_one)["customer_id"] == kept
    assert not [call for call in pair.calls(next_one) if "customers" in call]


def test_a_customer_who_became_somebody_else_is_looked_up_again(pair: Pair) -> None:
    before = customer(pair, booked(pair))["id"]
    at_the_desk(
        pair, "PUT", f"/customers/{before}", {"first_name": "Bo", "last_name": "Stone", "email": "bo@example.org"}
    )
    web_id = booked(pair)
    assert (customer(pair, web_id)["name"], customer(pair, web_id)["id"] == before) == ("Robin Wells", False)


def test_a_customer_switched_off_is_kept_while_nobody_else_is_found(pair: Pair) -> None:
    before = customer(pair, booked(pair))["id"]
    at_the_desk(pair, "PUT", f"/customers/{before}", {"active": False})
    assert sales_order(pair, booked(pair))["customer_id"] == before
    at_the_desk(pair, "POST", "/customers", {"first_name": "Robin", "last_name": "Wells", "email": AUSTIN["email"]})
    assert sales_order(pair, booked(pair))["customer_id"] != before


def chosen_for_guests(pair: Pair, customer_id: str, policy: str = "default") -> None:
    settings = pair.connection.order_settings
    settings.guest_policy, settings.guest_customer_id = policy, customer_id
    settings.save()


@pytest.mark.parametrize("customer_id", ["abc", "999999", ""])
def test_f19_a_customer_for_guests_that_is_not_there_is_the_settings_fault(pair: Pair, customer_id: str) -> None:
    chosen_for_guests(pair, customer_id)
    web_id = post(pair)
    assert pair.run(web_id) == "hold"
    record = pair.record(web_id)
    assert (record.disposition, record.code) == ("held", "guest_customer_gone")
    assert customer_id in record.reason
    assert pair.sales_orders(web_id) == []
    chosen_for_guests(pair, "", "match")
    assert pair.run(web_id) == "done"


def test_a_customer_for_guests_who_is_switched_off_holds_and_the_order_goes_on_with_another(pair: Pair) -> None:
    first, second = (
        at_the_desk(pair, "POST", "/customers", {"first_name": "Web", "last_name": name}) for name in ("One", "Two")
    )
    chosen_for_guests(pair, str(first))
    assert sales_order(pair, booked(pair))["customer_id"] == first
    at_the_desk(pair, "PUT", f"/customers/{first}", {"active": False})
    web_id = post(pair)
    assert pair.run(web_id) == "hold"
    assert pair.record(web_id).code == "guest_customer_gone"
    chosen_for_guests(pair, str(second))
    assert pair.run(web_id) == "done"
    assert sales_order(pair, web_id)["customer_id"] == second
    assert address(pair, web_id)["customer_id"] == second


def test_who_gave_nothing_may_go_to_one_customer_while_others_are_matched(pair: Pair) -> None:
    cash = at_the_desk(pair, "POST", "/customers", {"first_name": "Web", "last_name": "Guests"})
    chosen_for_guests(pair, str(cash), "unknown")
    assert sales_order(pair, booked(pair, NO_CONTACT))["customer_id"] == cash
    assert customer(pair, booked(pair))["name"] == "Robin Wells"
