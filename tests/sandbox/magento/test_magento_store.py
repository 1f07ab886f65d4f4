"""Websites, store views, their configuration, countries, taxes, modules (apis/magento.md §21)."""

import requests

from tests.sandbox.magento.magento_api import Api, criteria


def test_each_store_view_has_its_own_configuration(shop: Api) -> None:
    rows = shop.get("/V1/store/storeConfigs").json()
    names = ("code", "website_id", "base_currency_code", "default_display_currency_code", "timezone", "weight_unit")
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("default", 1, "USD", "USD", "America/Chicago", "lbs"),
        ("canada", 1, "USD", "CAD", "America/Chicago", "lbs"),
        ("europe", 2, "EUR", "EUR", "Europe/Berlin", "kgs"),
    ]
    assert {row["base_url"] for row in rows} == {f"{shop.url}/"}


def test_configuration_of_some_store_views(shop: Api) -> None:
    rows = shop.get("/V1/store/storeConfigs?storeCodes[]=canada&storeCodes[]=europe").json()
    assert [row["code"] for row in rows] == ["canada", "europe"]


def test_a_setting_of_a_website_holds_for_its_views(shop: Api) -> None:
    wish = {"path": "general/locale/timezone", "value": "Europe/Dublin", "scope": "websites", "scope_id": 2}
    requests.put(f"{shop.url}/_sim/settings", json=wish, timeout=10).raise_for_status()
    assert [row["timezone"] for row in shop.get("/V1/store/storeConfigs").json()] == [
        "America/Chicago",
        "America/Chicago",
        "Europe/Dublin",
    ]


def test_regions_have_the_numbers_of_every_install_as_text(shop: Api) -> None:
    regions = {row["code"]: row for row in shop.get("/V1/directory/countries/US").json()["available_regions"]}
    assert [regions[code]["id"] for code in ("MI", "NY", "CA", "WY")] == ["33", "43", "12", "65"]
    assert shop.get("/V1/directory/countries/DE").json()["available_regions"][3] == {
        "id": "82",
        "code": "BER",
        "name": "Berlin",
    }
    assert "available_regions" not in shop.get("/V1/directory/countries/GB").json()
    assert shop.get("/V1/directory/countries/XX").status_code == 404


def test_countries_are_open_to_everybody(shop: Api) -> None:
    answer = requests.get(f"{shop.url}/rest/V1/directory/countries", timeout=10)
    assert [row["id"] for row in answer.json()] == ["US", "CA", "DE", "GB", "IE", "JP", "NL"]


def test_the_tax_rates_of_the_shared_shop_are_there_with_their_regions(shop: Api) -> None:
    query = criteria([[("tax_region_id", "eq", "43")]], [("rate", "ASC")])
    rows = shop.get(f"/V1/taxRates/search{query}").json()["items"]
    assert [(row["code"], row["rate"]) for row in rows] == [("New York State Tax", 4), ("New York Local Tax", 4.875)]


def test_modules_tell_edition_and_stock(shop: Api) -> None:
    names = shop.get("/V1/modules").json()
    assert ("Magento_InventoryApi" in names, "Magento_GiftCardAccount" in names) == (True, False)
    shop.switch(profile="commerce-2.4.8", inventory_modules=False, modules_envelope=True)
    answer = shop.get("/V1/modules").json()
    assert ("Magento_InventoryApi" in answer["items"], "Magento_GiftCardAccount" in answer["items"]) == (False, True)
    assert answer["total_count"] == len(answer["items"])
    assert shop.get("/V1/inventory/sources?searchCriteria=").status_code == 404
