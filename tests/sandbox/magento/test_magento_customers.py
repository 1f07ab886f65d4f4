"""Customers, their address books and groups, and what they have as credit (apis/magento.md §17, §18)."""

from __future__ import annotations

import base64
from typing import Any

import pytest
import requests

from tests.sandbox.magento.magento_api import Api, criteria
from tests.sandbox.magento.sales_desk import read, refused

Row = dict[str, Any]
TAKEN = "A customer with the same email address already exists in an associated website."
REQUIRED = '"%fieldName" is required. Enter and try again.'


def address(**more: Any) -> Row:
    return {
        "firstname": "Dana",
        "lastname": "Whitfield",
        "street": ["18 Larch Row", "Apt 4"],
        "city": "Ann Arbor",
        "region": {"region_code": "MI", "region": "Michigan", "region_id": 33},
        "postcode": "48104",
        "country_id": "US",
        "telephone": "734-555-0117",
        **more,
    }


def _create(shop: Api, **more: Any) -> requests.Response:
    person = {"email": "dana.whitfield@example.com", "firstname": "Dana", "lastname": "Whitfield", "website_id": 1}
    return shop.post("/V1/customers", {"customer": {**person, **more}})


def _created(shop: Api, **more: Any) -> Row:
    answer = _create(shop, **more)
    assert answer.status_code == 200, answer.text
    found: Row = answer.json()
    return found


def _put(shop: Api, customer_id: int, **more: Any) -> Row:
    answer = shop.put(f"/V1/customers/{customer_id}", {"customer": more})
    assert answer.status_code == 200, answer.text
    found: Row = answer.json()
    return found


def _search(shop: Api, *groups: list[tuple[str, str, str]]) -> list[int]:
    answer = shop.get("/V1/customers/search" + criteria(list(groups), [("entity_id", "ASC")]))
    return [row["id"] for row in answer.json()["items"]]


# --- creating and finding -------------------------------------------------------------------------


def test_a_customer_is_created_with_addresses_and_found_in_any_letter_case(shop: Api) -> None:
    made = _created(shop, group_id=2, addresses=[address(default_billing=True, default_shipping=True)])
    (home,) = made["addresses"]
    assert (made["default_billing"], made["default_shipping"]) == (str(home["id"]), str(home["id"]))
    assert home["region"] == {"region_code": "MI", "region": "Michigan", "region_id": 33}
    assert (made["group_id"], made["store_id"], made["created_in"]) == (2, 1, "Default Store View")
    assert _search(shop, [("email", "eq", "DANA.Whitfield@Example.COM")]) == [made["id"]]
    assert made["id"] in _search(shop, [("billing_city", "eq", "ann arbor")])
    assert made["id"] in _search(shop, [("name", "like", "dana whit%")])
    assert read(shop, f"/V1/customers/addresses/{home['id']}")["city"] == "Ann Arbor"
    assert read(shop, f"/V1/customers/{made['id']}/billingAddress")["id"] == home["id"]
    unknown = shop.get("/V1/customers/search" + criteria([[("shoe_size", "eq", "9")]]))
    assert refused(unknown) == 'The "%1" attribute name is invalid. Reset the name and try again.'


def test_an_email_is_one_account_a_website_unless_accounts_are_shared(shop: Api) -> None:
    first = _created(shop)
    assert refused(_create(shop, email="Dana.Whitfield@example.com")) == TAKEN
    second = _created(shop, website_id=2)
    assert _search(shop, [("email", "eq", "dana.whitfield@example.com")]) == [first["id"], second["id"]]
    wish = {"path": "customer/account_share/scope", "value": 0}
    requests.put(f"{shop.url}/_sim/settings", json=wish, timeout=10).raise_for_status()
    _created(shop, email="ana@example.org")
    assert refused(_create(shop, email="ana@example.org", website_id=2)) == TAKEN


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"email": "dana"}, '"Email" is not a valid email address.'),
        ({"group_id": 99}, "The specified customer group id does not exist."),
        ({"store_id": 3}, "The store view is not in the associated website."),
        ({"firstname": "Dana {x}"}, "First Name is not valid!"),
        ({"firstname": ""}, REQUIRED),
        ({"addresses": [address(telephone="")]}, REQUIRED),
        ({"addresses": [address(country_id="XX")]}, 'Invalid value of "%value" provided for the %fieldName field.'),
        (
            {"addresses": [address(region=None, region_id=9999)]},
            'Invalid value of "%value" provided for the %fieldName field.',
        ),
        ({"addresses": [address(region=None)]}, REQUIRED),
    ],
)
def test_what_a_customer_cannot_have_is_said_and_nobody_is_created(shop: Api, wish: Row, said: str) -> None:
    before = len(shop.state.customers)
    assert refused(_create(shop, **wish)) == said
    assert len(shop.state.customers) == before


def test_several_faults_of_an_address_come_together(shop: Api) -> None:
    answer = _create(shop, addresses=[{"country_id": "US", "firstname": "Dana", "lastname": "W"}])
    assert refused(answer) == "One or more input exceptions have occurred."
    names = [row["parameters"]["fieldName"] for row in answer.json()["errors"]]
    assert names == ["street", "city", "telephone", "postcode", "regionId"]


@pytest.mark.parametrize(("country", "region"), [("GB", {"region": "Greater London"}), ("JP", {"region": "東京都"})])
def test_a_country_without_a_list_takes_any_region(shop: Api, country: str, region: Row) -> None:
    made = _created(shop, addresses=[address(country_id=country, region=region)])
    assert made["addresses"][0]["region"]["region"] == region["region"]
    assert made["addresses"][0]["region_id"] == 0


def test_a_region_may_be_named_by_its_code_or_its_id(shop: Api) -> None:
    by_code = _created(shop, addresses=[address(region={"region_code": "TX"})])["addresses"][0]
    by_id = _created(shop, email="b@example.org", addresses=[address(region=None, region_id=57)])["addresses"][0]
    assert [row["region"]["region"] for row in (by_code, by_id)] == ["Texas", "Texas"]


def test_anybody_may_create_an_account_but_not_choose_its_group(shop: Api) -> None:
    guest = Api(shop.server, token="")
    made = _created(guest, group_id=2)
    assert made["group_id"] == 1
    assert (
        refused(guest.get(f"/V1/customers/{made['id']}"), 401) == "The consumer isn't authorized to access %resources."
    )


def test_whether_an_email_is_free_is_told_to_nobody(shop: Api) -> None:
    _created(shop)
    body = {"customerEmail": "dana.whitfield@example.com", "websiteId": 1}
    assert shop.post("/V1/customers/isEmailAvailable", body).json() is True


# --- changing -------------------------------------------------------------------------------------


@pytest.fixture
def three(shop: Api) -> Row:
    """A customer with three addresses, the first billed and the second shipped to."""
    rows = [address(default_billing=True), address(city="Ypsilanti", default_shipping=True), address(city="Saline")]
    return _created(shop, addresses=rows)


def _book(row: Row) -> list[tuple[int, str]]:
    return [(one["id"], one["city"]) for one in row["addresses"]]


def test_a_partial_body_merges_and_leaves_addresses_and_defaults(shop: Api, three: Row) -> None:
    after = _put(shop, three["id"], lastname="Lopez")
    assert (after["lastname"], after["firstname"], after["email"]) == ("Lopez", "Dana", three["email"])
    assert _book(after) == _book(three)
    assert [after[kind] for kind in ("default_billing", "default_shipping")] == [
        str(three["addresses"][0]["id"]),
        str(three["addresses"][1]["id"]),
    ]


def test_an_address_list_is_the_whole_list_and_brings_its_own_defaults(shop: Api, three: Row) -> None:
    first, second, _ = three["addresses"]
    after = _put(shop, three["id"], addresses=[{"id": second["id"]}, address(city="Dexter")])
    assert [city for _, city in _book(after)] == ["Ypsilanti", "Dexter"]
    assert _book(after)[0][0] == second["id"]
    assert shop.get(f"/V1/customers/addresses/{first['id']}").status_code == 404
    assert "default_billing" not in after
    kept = _put(shop, three["id"], addresses=[{"id": second["id"], "default_billing": True}])
    assert (len(kept["addresses"]), kept["default_billing"]) == (1, str(second["id"]))
    assert _put(shop, three["id"], addresses=[])["addresses"] == []


def test_the_newsletter_stays_unless_it_is_sent(shop: Api) -> None:
    made = _created(shop, extension_attributes={"is_subscribed": True})
    assert made["extension_attributes"]["is_subscribed"] is True
    assert _put(shop, made["id"], firstname="Dan")["extension_attributes"]["is_subscribed"] is True
    gone = _put(shop, made["id"], extension_attributes={"is_subscribed": False})
    assert gone["extension_attributes"]["is_subscribed"] is False


def test_an_email_may_change_to_a_free_one_only(shop: Api, three: Row) -> None:
    taken = shop.put(f"/V1/customers/{three['id']}", {"customer": {"email": "a.lopez1@example.com"}})
    assert refused(taken) == TAKEN
    assert _put(shop, three["id"], email="dana@example.org")["email"] == "dana@example.org"
    assert _search(shop, [("email", "eq", "dana@example.org")]) == [three["id"]]


def test_a_deleted_customer_leaves_no_trace_but_the_orders(shop: Api, three: Row) -> None:
    assert shop.delete(f"/V1/customers/{three['id']}").json() is True
    answer = shop.get(f"/V1/customers/{three['id']}")
    assert refused(answer, 404) == "No such entity with %fieldName = %fieldValue"
    assert answer.json()["parameters"] == {"fieldName": "customerId", "fieldValue": three["id"]}
    assert shop.get(f"/V1/customers/addresses/{three['addresses'][0]['id']}").status_code == 404
    assert shop.delete(f"/V1/customers/{three['id']}").status_code == 404


def test_a_deleted_default_address_is_default_no_more(shop: Api, three: Row) -> None:
    assert shop.delete(f"/V1/addresses/{three['addresses'][0]['id']}").json() is True
    after = read(shop, f"/V1/customers/{three['id']}")
    assert ("default_billing" in after, after["default_shipping"]) == (False, str(three["addresses"][1]["id"]))


def test_a_save_moves_the_time_of_the_customer_whatever_it_changes(shop: Api, three: Row) -> None:
    requests.post(f"{shop.url}/_sim/clock/advance", json={"seconds": 60}, timeout=10).raise_for_status()
    rows = [{"id": row["id"], "city": "Milan"} for row in three["addresses"]]
    assert _put(shop, three["id"], addresses=rows)["updated_at"] > three["updated_at"]


# --- groups ---------------------------------------------------------------------------------------


def test_groups_are_listed_made_changed_and_deleted(shop: Api) -> None:
    found = shop.get("/V1/customerGroups/search" + criteria(sorts=[("id", "ASC")])).json()["items"]
    assert [row["code"] for row in found] == ["NOT LOGGED IN", "General", "Wholesale", "Retailer"]
    made = shop.post("/V1/customerGroups", {"group": {"code": "Staff", "tax_class_id": 3}}).json()
    assert (made["id"], made["tax_class_name"]) == (4, "Retail Customer")
    assert refused(shop.post("/V1/customerGroups", {"group": {"code": "Staff", "tax_class_id": 3}})) == (
        "Customer Group already exists."
    )
    renamed = shop.put("/V1/customerGroups/4", {"group": {"code": "Crew", "tax_class_id": 3}}).json()
    assert renamed["code"] == "Crew"
    member = _created(shop, group_id=4)
    assert shop.delete("/V1/customerGroups/4").json() is True
    assert read(shop, f"/V1/customers/{member['id']}")["group_id"] == 1
    assert refused(shop.delete("/V1/customerGroups/1")) == "Cannot delete group."
    assert shop.get("/V1/customerGroups/4").status_code == 404
    assert shop.get("/V1/customerGroups/default").json()["code"] == "General"


# --- credit ---------------------------------------------------------------------------------------


def _import(shop: Api, text: str, entity: str = "customer_finance") -> requests.Response:
    source = {
        "entity": entity,
        "behavior": "add_update",
        "validationStrategy": "validation-skip-errors",
        "allowedErrorCount": "10",
        "csvData": base64.b64encode(text.encode()).decode(),
    }
    return shop.post("/V1/import/csv", {"source": source})


def test_credit_is_set_by_import_row_by_row_and_read_since_2_4_9(shop: Api) -> None:
    shop.switch(profile="commerce-2.4.9")
    head = "_email,_website,_finance_website,store_credit,reward_points\n"
    assert _import(shop, f"{head}A.Lopez1@example.com,base,base,12.50,0\n").json() == ["Entities Processed: 1"]
    found = shop.get("/V1/customers/1/balance/1").json()
    assert (found["amount"], found["customer_id"], found["website_id"]) == (12.5, 1, 1)
    answer = _import(shop, f"{head}nobody@example.org,base,base,3,0\na.lopez1@example.com,base,base,7,0\n")
    assert (answer.status_code, answer.json()) == (
        200,
        ["Row 1: Customer with such email, website doesn't exist"],
    )
    assert shop.get("/V1/customers/1/balance/1").json()["amount"] == 7
    assert refused(_import(shop, head, "orders")) == "Entity is unknown"
    shop.switch(profile="commerce-2.4.8")
    assert shop.get("/V1/customers/1/balance/1").status_code == 404


def test_open_source_has_no_route_for_credit(shop: Api) -> None:
    assert shop.get("/V1/customers/1/balance/1").status_code == 404
    assert _import(shop, "").status_code == 404
    assert shop.get("/V1/carts/guest-carts/x/checkGiftCard/GC7-PIN-HRB-001").status_code == 404


def test_a_gift_card_tells_what_is_left_of_it(shop: Api) -> None:
    shop.switch(profile="commerce-2.4.8")
    assert shop.get("/V1/carts/guest-carts/x/checkGiftCard/GC7-PIN-HRB-007").json() == 23.17
    assert shop.get("/V1/carts/guest-carts/x/checkGiftCard/GC7-PIN-HRB-011").status_code == 400
