"""Sources, stocks and the quantities at them (apis/magento.md §15.2)."""

import pytest

from tests.sandbox.magento.goods_bodies import source_items, stocked
from tests.sandbox.magento.magento_api import Api, criteria

ROW = {"sku": "AXE-FELL", "source_code": "depot", "quantity": 4, "status": 1}


def test_the_seed_has_five_sources_and_two_stocks(shop: Api) -> None:
    sources = shop.get("/V1/inventory/sources" + criteria()).json()["items"]
    assert [(row["source_code"], row["enabled"]) for row in sources] == [
        ("default", True),
        ("harbor_main", True),
        ("pine_annex", True),
        ("depot", True),
        ("popup", False),
    ]
    assert sources[2]["extension_attributes"]["is_pickup_location_active"] is True
    stocks = shop.get("/V1/inventory/stocks" + criteria()).json()["items"]
    assert [(row["stock_id"], row["name"], row["extension_attributes"]["sales_channels"]) for row in stocks] == [
        (1, "Default Stock", [{"type": "website", "code": "europe"}]),
        (2, "Harbor & Pine", [{"type": "website", "code": "base"}]),
    ]
    assigned = shop.get("/V1/inventory/get-sources-assigned-to-stock-ordered-by-priority/2").json()
    assert [row["source_code"] for row in assigned] == ["harbor_main", "pine_annex", "depot", "popup"]


def test_quantities_are_set_absolutely_and_a_void_answer_is_an_empty_list(shop: Api) -> None:
    assert stocked(shop, ("AXE-FELL", "depot", 7, 1), ("axe-fell", "harbor_main", 0, 0)) == (200, [])
    assert source_items(shop, "AXE-FELL") == {"harbor_main": (0, 0), "pine_annex": (0, 0), "depot": (7, 1)}
    assert stocked(shop, ("AXE-FELL", "depot", "2.5", 1), ("AXE-FELL", "popup", -3, 0)) == (200, [])
    assert source_items(shop, "AXE-FELL")["depot"] == (2.5, 1)
    assert source_items(shop, "AXE-FELL")["popup"] == (-3, 0)


@pytest.mark.parametrize(
    ("change", "message", "field"),
    [
        ({"sku": ""}, '"%field" can not be empty.', "sku"),
        ({"sku": None}, '"%field" can not be empty.', "sku"),
        ({"sku": "AXE-FELL "}, '"%field" can not contain leading or trailing spaces.', "sku"),
        ({"source_code": ""}, '"%field" can not be empty.', "source_code"),
        ({"source_code": "de pot"}, '"%field" can not contain whitespaces.', "source_code"),
        ({"quantity": None}, '"%field" should be numeric.', "quantity"),
        ({"status": None}, '"%field" should be numeric.', "status"),
        ({"status": 2}, '"%field" should a known status.', "status"),
    ],
)
def test_one_bad_row_is_told_and_nothing_is_saved(
    shop: Api, change: dict[str, object], message: str, field: str
) -> None:
    before = source_items(shop, "AXE-FELL")
    rows = [ROW, {**ROW, **change}]
    answer = shop.post("/V1/inventory/source-items", {"sourceItems": rows})
    assert (answer.status_code, answer.json()) == (
        400,
        {
            "message": f"Validation Failed: {message.replace('%field', field)}",
            "errors": [{"message": message, "parameters": {"field": field}}],
        },
    )
    assert source_items(shop, "AXE-FELL") == before


def test_an_empty_list_an_unknown_source_and_a_word_for_a_number_are_refused(shop: Api) -> None:
    before = source_items(shop, "AXE-FELL")
    empty = shop.post("/V1/inventory/source-items", {"sourceItems": []})
    assert (empty.status_code, empty.json()) == (400, {"message": "Input data is empty"})
    unknown = shop.post("/V1/inventory/source-items", {"sourceItems": [ROW, {**ROW, "source_code": "moon"}]})
    assert (unknown.status_code, unknown.json()) == (400, {"message": "Could not save Source Item"})
    word = shop.post("/V1/inventory/source-items", {"sourceItems": [{**ROW, "quantity": "many"}]})
    assert (word.status_code, word.json()["message"].split(".")[0]) == (
        400,
        'Error occurred during "quantity" processing',
    )
    missing = shop.post("/V1/inventory/source-items", {"items": [ROW]})
    assert (missing.status_code, missing.json()["parameters"]) == (400, {"fieldName": "sourceItems"})
    assert source_items(shop, "AXE-FELL") == before


def test_unknown_and_composite_skus_leave_rows_unless_the_shop_looks(shop: Api) -> None:
    assert stocked(shop, ("NOWHERE", "depot", 3, 1), ("HP-TEE", "depot", 3, 1)) == (200, [])
    assert source_items(shop, "NOWHERE") == {"depot": (3, 1)}
    shop.switch(source_items_need_product=True)
    status, body = stocked(shop, ("NOWHERE-2", "depot", 3, 1))
    assert (status, body["message"]) == (400, 'Validation Failed: Product with SKU "NOWHERE-2" does not exist.')
    assert source_items(shop, "NOWHERE-2") == {}


def test_rows_are_found_by_sku_source_quantity_and_status(shop: Api) -> None:
    def skus(*groups: tuple[str, str, str]) -> list[tuple[str, str]]:
        rows = shop.get("/V1/inventory/source-items" + criteria([[one] for one in groups])).json()["items"]
        return sorted((row["sku"], row["source_code"]) for row in rows)

    assert skus(("sku", "in", "axe-fell,0417"), ("source_code", "eq", "depot")) == [
        ("0417", "depot"),
        ("AXE-FELL", "depot"),
    ]
    assert skus(("sku", "eq", "AXE-FELL"), ("quantity", "gt", "0")) == [("AXE-FELL", "harbor_main")]
    assert skus(("sku", "eq", "AXE-FELL"), ("status", "eq", "0")) == [("AXE-FELL", "depot"), ("AXE-FELL", "pine_annex")]
    dated = shop.get("/V1/inventory/source-items" + criteria([[("updated_at", "gt", "2026-01-01 00:00:00")]]))
    assert dated.status_code == 500


def test_rows_are_unassigned_and_what_is_not_there_is_passed_over(shop: Api) -> None:
    rows = [{"sku": "AXE-FELL", "source_code": code} for code in ("depot", "default")]
    assert shop.post("/V1/inventory/source-items-delete", {"sourceItems": rows}).json() == []
    assert set(source_items(shop, "AXE-FELL")) == {"harbor_main", "pine_annex"}


def test_a_source_is_made_changed_and_never_deleted(shop: Api) -> None:
    body = {"source_code": "lake", "name": "Lake", "country_id": "US", "postcode": "78645"}
    assert shop.post("/V1/inventory/sources", {"source": body}).json() == []
    assert shop.get("/V1/inventory/sources/lake").json() == {
        **body,
        "enabled": True,
        "use_default_carrier_config": True,
        "carrier_links": [],
    }
    change = {"name": "Lakeside", "country_id": "US", "postcode": "78645", "enabled": False}
    assert shop.put("/V1/inventory/sources/lake", {"source": change}).json() == []
    held = shop.get("/V1/inventory/sources/lake").json()
    assert (held["name"], held["enabled"]) == ("Lakeside", False)
    partial = shop.put("/V1/inventory/sources/lake", {"source": {"enabled": True}})
    assert (partial.status_code, [row["parameters"]["field"] for row in partial.json()["errors"]]) == (
        400,
        ["name", "postcode", "country_id"],
    )
    assert shop.delete("/V1/inventory/sources/lake").status_code == 404
    disabled = {"name": "D", "country_id": "US", "postcode": "1", "enabled": False}
    answer = shop.put("/V1/inventory/sources/default", {"source": disabled})
    assert answer.json()["message"] == "Validation Failed: Default source can not be disabled."


def test_a_stock_takes_over_a_website_and_the_default_stock_only_its_own_source(shop: Api) -> None:
    channels = [{"type": "website", "code": "europe"}]
    body = {"stock": {"name": "Berlin", "extension_attributes": {"sales_channels": channels}}}
    number = shop.post("/V1/inventory/stocks", body).json()
    assert shop.get("/V1/inventory/stock-resolver/website/europe").json()["stock_id"] == int(number)
    assert shop.get("/V1/inventory/stocks/1").json()["extension_attributes"]["sales_channels"] == []
    link = {"stock_id": int(number), "source_code": "depot", "priority": 1}
    assert shop.post("/V1/inventory/stock-source-links", {"links": [link]}).json() == []
    found = shop.get("/V1/inventory/stock-source-links" + criteria([[("stock_id", "eq", str(number))]])).json()
    assert found["items"] == [link]
    wrong = {"links": [{"stock_id": 1, "source_code": "depot", "priority": 1}]}
    refused = shop.post("/V1/inventory/stock-source-links", wrong)
    assert (refused.status_code, refused.json()["message"]) == (
        400,
        "Validation Failed: Can not save link related to Default Source or Default Stock",
    )
    assert shop.post("/V1/inventory/stock-source-links-delete", {"links": [link]}).json() == []
    assert shop.delete(f"/V1/inventory/stocks/{number}").json() == []
    unlinked = shop.get("/V1/inventory/stock-resolver/website/europe")
    assert (unlinked.status_code, unlinked.json()) == (404, {"message": "No linked stock found"})
    kept = shop.delete("/V1/inventory/stocks/1")
    assert (kept.status_code, kept.json()) == (400, {"message": "Default Stock could not be deleted."})
