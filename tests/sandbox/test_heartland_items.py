"""Items, grids, custom fields, images, vendors, places, and how creates and changes answer (§4 to §7)."""

from typing import Any

import pytest

from tests.sandbox.heartland_client import Caller


@pytest.fixture
def api(heartland_url: str) -> Caller:
    return Caller(heartland_url)


NEW: dict[str, Any] = {"public_id": "NEW-1", "description": "New thing", "cost": 7.5, "price": 24}


def invalid(api: Caller, method: str, path: str, body: Any) -> Any:
    status, error = api.refused(method, path, body)
    assert (status, error["error"], error["message"]) == (400, "validation_error", "Request failed validation")
    return error["details"]


def test_a_new_item_is_as_the_note_shows_it(api: Caller) -> None:
    answer = api.call("POST", "/api/items", {**NEW, "custom": {"size": "M", "color": "Red", "bogus": "x"}, "bogus": 1})
    assert (answer.status, answer.raw, answer.headers["Location"]) == (201, b"", f"/api/items/{answer.id}")
    item = api.get(f"/items/{answer.id}")
    expected = {
        "id": answer.id,
        "public_id": "NEW-1",
        "description": "New thing",
        "long_description": None,
        "cost": 7.5,
        "price": 24,
        "original_price": None,
        "active?": True,
        "track_inventory?": True,
        "available_online?": False,
        "allow_fractional_qty?": False,
        "grid_id": None,
        "primary_vendor_id": None,
        "primary_barcode": f"SR{answer.id}",
        "default_lookup_id": answer.id,
        "custom": {"size": "M", "color": "Red", "brand": "", "department": "", "upc": "", "sold_on_web": ""},
        "type": "regular",
        "product_type": "simple",
        "weight": None,
        "created_by_user_id": 100001,
    }
    assert {name: item[name] for name in expected} == expected
    assert item["created_at"] == item["updated_at"]
    assert len(item["uuid"]) == 36
    assert "bogus" not in item


def test_a_number_is_made_when_none_is_given_and_the_next_id_is_next(api: Caller) -> None:
    first = api.post("/items", {"description": "A", "cost": 0, "price": 1})
    second = api.post("/items", {"description": "B", "cost": 0, "price": 1})
    assert (first, second) == (100582, 100583)
    assert api.get(f"/items/{first}")["public_id"] == str(first)


def test_what_an_item_needs(api: Caller) -> None:
    details = invalid(api, "POST", "/items", {})
    assert details == {name: ["can't be blank"] for name in ("description", "cost", "price")}
    assert api.post("/items", {"description": "Open price", "cost": 1, "prompt_for_price": True})
    assert invalid(api, "POST", "/items", {**NEW, "public_id": "HP-TEE-RED-M"}) == {
        "public_id": ["has already been taken"]
    }
    wrong = {**NEW, "cost": "abc", "active": "perhaps", "grid_id": 5}
    assert invalid(api, "POST", "/items", wrong) == {
        "cost": ["is not a number", "can't be blank"],
        "active": ["is not true or false"],
        "grid_id": ["does not exist"],
    }
    assert api.get("/items")["total"] == 582


def test_validation_can_answer_422(api: Caller) -> None:
    api.switch(validation_status=422)
    status, error = api.refused("POST", "/items", {})
    assert (status, error["error"]) == (422, "validation_error")


def test_booleans_carry_a_mark_in_answers_and_none_in_requests(api: Caller) -> None:
    api.put("/items/100001", {"active": False})
    assert api.get("/items/100001")["active?"] is False
    api.put("/items/100001", {"active?": True})
    assert api.get("/items/100001")["active?"] is False
    assert [row["public_id"] for row in api.rows("/items", {"~[active]": "false"})] == ["HP-TEE-RED-XS", "LGT-OLD"]
    assert api.get("/items", {"active": "true"})["total"] == 579


def test_a_put_changes_only_what_it_names_and_both_custom_spellings_merge(api: Caller) -> None:
    before = api.get("/items/100001")
    api.put("/items/100001", {"price": 25.5, "custom@brand": "Other"})
    api.put("/items/100001", {"custom": {"color": "Blue"}})
    after = api.get("/items/100001")
    assert after == {
        **before,
        "price": pytest.approx(25.5),
        "custom": {**before["custom"], "brand": "Other", "color": "Blue"},
        "updated_at": after["updated_at"],
    }
    assert after["updated_at"] > before["updated_at"]
    assert after["created_at"] == before["created_at"]


def test_an_item_keeps_its_own_number_and_cannot_take_another(api: Caller) -> None:
    api.put("/items/100001", {"public_id": "HP-TEE-RED-XS", "price": 3})
    assert invalid(api, "PUT", "/items/100001", {"public_id": "HP-TEE-RED-M"}) == {
        "public_id": ["has already been taken"]
    }
    api.put("/items/100001", {"public_id": "RENAMED"})
    assert api.item("RENAMED")["id"] == 100001
    assert api.get("/items", {"~[public_id]": "HP-TEE-RED-XS"})["total"] == 0


@pytest.mark.parametrize(
    ("style", "expected"),
    [("204", (204, b"")), ("200-empty", (200, b""))],
)
def test_how_a_change_answers_is_a_switch(api: Caller, style: str, expected: tuple[int, bytes]) -> None:
    api.switch(put_response=style)
    answer = api.call("PUT", "/api/items/100001", {"price": 9})
    assert (answer.status, answer.raw) == expected


def test_records_in_answers_and_absolute_locations_are_switches(api: Caller) -> None:
    api.switch(put_response="200-record", create_body="record", location_header="absolute")
    assert api.call("PUT", "/api/items/100001", {"price": 9}).json["price"] == 9
    answer = api.call("POST", "/api/items", NEW)
    assert answer.headers["Location"] == f"{api.url}/api/items/{answer.id}"
    assert answer.json == api.get(f"/items/{answer.id}")


def test_the_seed_has_its_oddities(api: Caller) -> None:
    def one(sku: str) -> dict[str, Any]:
        return api.item(sku)

    assert one("cmp-ketl")["description"] == "Trail Kettle"
    assert one("CMP-BOWL ")["public_id"] == "CMP-BOWL "
    assert one("SVC-REPAIR")["track_inventory?"] is False
    assert one("ROP-METER")["allow_fractional_qty?"] is True
    assert one("LGT-OLD")["active?"] is False
    assert api.stock(one("LGT-LANT")["id"], 100006)["qty_available"] == -2
    assert api.get("/items", {"~[public_id]": "WEB-CRATE"})["total"] == 0
    assert api.get("/items", {"~[public_id]": "POS-ICE"})["total"] == 1
    stations = {row["name"]: len(row["stations"]) for row in api.rows("/locations", {"_include[]": "stations"})}
    assert stations == {"Harbor Main": 2, "Pine Annex": 1, "Website": 0, "Depot": 1}
    names = [row["name"] for row in api.rows("/payment_types")]
    assert names == ["Cash", "Check", "Credit Card", "Gift Card", "House Account"]
    assert [row["name"] for row in api.rows("/shipping_methods")] == ["Ground", "Express", "Store Pickup"]
    assert api.get("/customers", {"~[public_id]": "CASH"})["total"] == 1


# --- grids, images, vendors -----------------------------------------------------------------------


def test_grids_have_prefixed_columns_and_members(api: Caller) -> None:
    grid = api.get("/item_grids/100001")
    assert (grid["item_description"], grid["item_price"], grid["item_custom@brand"]) == (
        "Harbor Tee",
        24,
        "Harbor & Pine",
    )
    assert "item_custom" not in grid
    members = api.rows("/items", {"_filter": '{"grid_id":100001}'})
    assert (len(members), members[2]["description"]) == (15, "Harbor Tee - M - Red")
    found = api.rows("/item_grids", {"~[item_custom@brand]": "Loon Lake", "sort[]": "item_price,desc", "per_page": 2})
    assert [row["item_description"] for row in found] == ["Granite Hiking Boot", "Fastpath Trail Runner"]
    made = api.post("/item_grids", {"item_description": "Style", "item_price": 5, "item_custom@brand": "B"})
    api.put(f"/item_grids/{made}", {"item_price": 6})
    grid = api.get(f"/item_grids/{made}")
    assert (grid["item_price"], grid["item_custom@brand"], grid["item_custom@size"]) == (6, "B", "")


def test_the_first_image_is_the_primary_one(api: Caller) -> None:
    first = api.post("/items/100001/images", {"source": "url", "url": "https://img.example/1.jpg"})
    second = api.post("/items/100001/images", {"source": "url", "url": "https://img.example/2.jpg"})
    rows = api.rows("/items/100001/images")
    assert [(row["id"], row["item_id"], row["url"], row["primary"]) for row in rows] == [
        (first, 100001, "https://img.example/1.jpg", True),
        (second, 100001, "https://img.example/2.jpg", False),
    ]
    item = api.get("/items/100001")
    assert (item["has_images?"], item["primary_image_id"]) == (True, first)
    assert invalid(api, "POST", "/items/100001/images", {}) == {"url": ["can't be blank"]}


def test_vendors_and_their_addresses(api: Caller) -> None:
    answer = api.call("POST", "/api/purchasing/vendors", {"name": "Acme"})
    assert answer.headers["Location"] == f"/api/purchasing/vendors/{answer.id}"
    path = f"/purchasing/vendors/{answer.id}"
    assert (api.get(path)["public_id"], api.get(path)["active?"]) == (str(answer.id), True)
    assert api.call("POST", f"/api{path}/address", {"type": "location", "city": "Mobile"}).status == 201
    api.put(f"{path}/address", {"state": "AL"})
    assert api.get(path)["address"] == {"type": "location", "city": "Mobile", "state": "AL"}
    assert api.post("/items/100001/vendors", {"vendor_id": answer.id, "cost": 3})
    assert [row["vendor_id"] for row in api.rows("/items/100001/vendors")] == [answer.id]
    assert invalid(api, "POST", "/purchasing/vendors", {}) == {"name": ["can't be blank"]}


# --- custom fields --------------------------------------------------------------------------------


def test_a_custom_field_gets_its_key_from_its_name(api: Caller) -> None:
    body = {"group_id": "item", "name": "BigCommerce Product Id", "validation_type": "text", "metadata": {}}
    field = api.get(f"/custom_fields/{api.post('/custom_fields', body)}")
    assert (field["key"], field["required?"], field["unique?"], field["group_id"]) == (
        "bigcommerce_product_id",
        False,
        False,
        "item",
    )
    assert api.get("/items/100001")["custom"]["bigcommerce_product_id"] == ""
    assert invalid(api, "POST", "/custom_fields", body) == {"name": ["has already been taken"]}
    assert api.post("/custom_fields", {**body, "group_id": "customer"})
    query = '{"$and":[{"group_id":"item"},{"$or":[{"name":"UPC"},{"key":"bigcommerce_product_id"}]}]}'
    assert [row["key"] for row in api.rows("/custom_fields", {"_filter": query})] == ["upc", "bigcommerce_product_id"]


def test_a_required_field_stops_creates_and_is_findable(api: Caller) -> None:
    field = api.post("/custom_fields", {"group_id": "customer", "name": "Club No", "required": True})
    assert [row["id"] for row in api.rows("/custom_fields", {"_filter": '{"required":true}'})] == [field]
    person = {"first_name": "A", "last_name": "B"}
    assert invalid(api, "POST", "/customers", person) == {"custom@club_no": ["can't be blank"]}
    assert api.post("/customers", {**person, "custom": {"club_no": "7"}})
    api.put(f"/custom_fields/{field}", {"required": False})
    assert api.post("/customers", person)


def test_a_unique_field_is_unique_and_a_lookup_code(api: Caller) -> None:
    upc = api.item("HP-TEE-RED-M")["custom"]["upc"]
    assert invalid(api, "POST", "/items", {**NEW, "custom@upc": upc}) == {"custom@upc": ["has already been taken"]}
    assert api.post("/items", {**NEW, "custom@upc": "999"})
    api.put("/items/100003", {"custom@upc": upc})
    reasons = {"location_id": 100005, "adjustment_reason_id": 100001}
    for lookup in ("HP-TEE-RED-M", "100003", "SR100003", upc):
        made = api.post("/inventory/adjustments", {**reasons, "item_lookup": lookup, "qty": 1})
        assert api.sim("GET", f"/state/adjustment_lines?id={made}")["rows"][0]["item_id"] == 100003
    assert invalid(api, "POST", "/inventory/adjustments", {**reasons, "item_lookup": "none", "qty": 1}) == {
        "item_lookup": ["does not match an item"]
    }


def test_a_list_of_values_is_enforced(api: Caller) -> None:
    api.post("/custom_fields", {"group_id": "item", "name": "Season", "values": ["SS", "AW"]})
    assert invalid(api, "POST", "/items", {**NEW, "custom@season": "XX"}) == {"custom@season": ["is not in the list"]}
    assert api.post("/items", {**NEW, "custom@season": "AW"})


# --- places and settings --------------------------------------------------------------------------


def test_stations_are_made_locations_are_not(api: Caller) -> None:
    station = api.post("/stations", {"location_id": 100007, "name": "Web", "active": True})
    shown = api.get(f"/stations/{station}")
    assert (shown["name"], shown["location_id"], shown["active?"], len(shown["uuid"])) == ("Web", 100007, True, 36)
    web = api.get("/locations/100007", {"_include[]": "stations"})
    assert (web["name"], web["public_id"], [one["id"] for one in web["stations"]]) == ("Website", "WEB", [station])
    assert invalid(api, "POST", "/stations", {"location_id": 1}) == {
        "name": ["can't be blank"],
        "location_id": ["does not exist"],
    }
    assert api.refused("POST", "/locations", {"name": "X"})[0] == 405


def test_settings_hold_any_value(api: Caller) -> None:
    assert api.get("/settings/company_name") == {"value": "Harbor & Pine"}
    api.put("/settings/pos.tickets.customer_required", {"value": True})
    assert api.get("/settings/pos.tickets.customer_required") == {"value": True}
    assert api.refused("GET", "/settings/no.such.key")[0] == 404


def test_payment_types_and_shipping_methods(api: Caller) -> None:
    made = api.post("/payment_types", {"name": "BigCommerce External", "description": "Paid online"})
    assert [row["id"] for row in api.rows("/payment_types", {"_filter": '{"name":"BigCommerce External"}'})] == [made]
    shown = api.get(f"/payment_types/{made}")
    assert (shown["description"], shown["active?"], shown["accept_on_sales_orders?"]) == ("Paid online", True, True)
    assert invalid(api, "POST", "/payment_types", {"name": "Cash"}) == {"name": ["has already been taken"]}
    api.switch(new_type_on_orders=False)
    other = api.post("/payment_types", {"name": "Other"})
    assert api.get(f"/payment_types/{other}")["accept_on_sales_orders?"] is False
    api.put(f"/payment_types/{other}", {"accept_on_sales_orders": True})
    assert api.get(f"/payment_types/{other}")["accept_on_sales_orders?"] is True
    method = api.post("/shipping_methods", {"name": "Courier"})
    api.put(f"/shipping_methods/{method}", {"active": False})
    assert api.get(f"/shipping_methods/{method}")["active?"] is False


def test_reason_codes(api: Caller) -> None:
    path = "/reason_codes/gift_card_adjustment_reasons"
    assert [row["name"] for row in api.rows(path)] == ["Import", "Goodwill"]
    made = api.post(path, {"name": "Promotion", "description": "Spring"})
    assert api.rows(path)[-1] == {"id": made, "name": "Promotion", "description": "Spring", "active?": True}
    assert len(api.rows("/reason_codes/inventory_adjustment_reasons")) == 4


def test_users(api: Caller) -> None:
    assert [row["login"] for row in api.rows("/users")] == ["owner@example.com", "kim@example.com"]
