"""Settings are saved over what the page showed, never over what somebody else saved since."""

import re
from typing import Any

import pytest

from connections.models import InventorySettings, ItemSettings, OrderSettings, Role
from mappings.models import ValueMap
from mappings.services import value_map_set
from syncjobs.stories.demo.visitor import forms_of
from tests.screens.conftest import Shop


def drawn(shop: Shop, path: str, button: str, role: Role = Role.OWNER) -> dict[str, Any]:
    """A form as its page shows it to a person, by its button."""
    page = shop.client(role).get(shop.at(path)).content.decode()
    form = next(form for form in forms_of(page) if any(words == button for words, _, _ in form.buttons))
    ticked = set(re.findall(r'type="checkbox"[^>]* name="([^"]+)"|name="([^"]+)" type="checkbox"', page))
    boxes = {name for pair in ticked for name in pair if name}
    data: dict[str, Any] = {}
    for name, value in form.fields:
        if value != "on" or name in boxes:  # a field without a value is empty
            data.setdefault(name, []).append(value)
    return data


def test_order_settings_of_another_person_are_not_overwritten_unseen(shop: Shop) -> None:
    owners, staffs = (drawn(shop, "fulfillment/", "Save order settings", role) for role in (Role.OWNER, Role.STAFF))
    staff = shop.client(Role.STAFF).post(shop.at("fulfillment/"), staffs | {"sales_rep": "Web", "shipped_status": 10})
    assert staff.status_code == 302, staff.context["form"].errors
    answer = shop.client().post(shop.at("fulfillment/"), owners | {"order_prefix": "WEB-"})
    assert answer.status_code == 409
    said = re.sub(r"\s+", " ", answer.content.decode())
    assert f"{shop.people[Role.STAFF].email} saved these settings after you had opened this page." in said
    both = {(one.label, one.saved, one.given) for one in answer.context["both"]}
    assert both == {
        ("Sales rep", "Web", "BigCommerce"),
        ("When all has left, the order is", "Completed", "Shipped"),
        ("Order number prefix", "BC-", "WEB-"),
    }
    row = OrderSettings.objects.get(connection=shop.connection)
    assert (row.sales_rep, row.shipped_status, row.order_prefix) == ("Web", "10", "BC-")
    shown = answer.context["form"].version
    again = shop.client().post(shop.at("fulfillment/"), owners | {"order_prefix": "WEB-", "version": shown})
    assert again.status_code == 302
    row.refresh_from_db()
    assert (row.sales_rep, row.shipped_status, row.order_prefix) == ("BigCommerce", "2", "WEB-")


def test_the_stock_rule_of_another_person_is_not_overwritten_unseen(shop: Shop) -> None:
    first, second = (drawn(shop, "inventory/", "Save the rule") for _ in range(2))
    path = shop.at("inventory/rule/")
    answer = shop.client(Role.STAFF).post(path, first | {"safety_units": 3})
    assert answer.status_code == 302, answer.context["form"].errors
    answer = shop.client().post(path, second | {"last_units": 1})
    assert answer.status_code == 409
    assert [(one.label, one.saved, one.given) for one in answer.context["both"]] == [
        ("Keep back, pieces", "3", "0"),
        ("Sell none below", "0", "1"),
    ]
    row = InventorySettings.objects.get(connection=shop.connection)
    assert (row.safety_units, row.last_units) == (3, 0)


@pytest.mark.parametrize("theirs", ["100002", "100001"])
def test_a_row_of_a_value_table_that_somebody_else_mapped_stays(shop: Shop, theirs: str) -> None:
    row = ValueMap.objects.create(connection=shop.connection, kind="shipping", source_value="Post")
    value_map_set(connection=shop.connection, kind=ValueMap.Kind.SHIPPING, source_value="Post", target_value=theirs)
    shown = {f"was-target-{row.pk}": "", f"target-{row.pk}": ""}
    answer = shop.client().post(shop.at("fulfillment/maps/shipping/"), shown, follow=True)
    assert "Nothing was changed." in answer.content.decode()
    row.refresh_from_db()
    assert row.target_value == theirs
    answer = shop.client().post(shop.at("fulfillment/maps/shipping/"), shown | {f"target-{row.pk}": "7"}, follow=True)
    said = f"Post: somebody chose “{theirs}” meanwhile; your “7” was not saved. Choose again to change it."
    assert said in answer.content.decode()
    row.refresh_from_db()
    assert row.target_value == theirs


def test_what_moves_of_the_items_is_not_overwritten_unseen(shop: Shop) -> None:
    row = {"field": "price", "operator": "at_least", "value": "5"}
    ItemSettings.objects.create(connection=shop.connection, mode="push", filters=[row])
    owners, builders = (drawn(shop, "items/", "Save what moves", role) for role in (Role.OWNER, Role.BUILDER))
    path = shop.at("items/settings/")
    answer = shop.client(Role.BUILDER).post(path, builders | {"updates": "on", "filter-0-value": "7"})
    assert answer.status_code == 302
    answer = shop.client().post(path, owners | {"brand_key": "maker"})
    assert answer.status_code == 409
    assert [(one.label, one.saved, one.given) for one in answer.context["both"]] == [
        ("Update what is there already", "on", "off"),
        ("Field that holds the brand", "brand", "maker"),
        ("Only items for which all of this holds", "price is at least 7", "price is at least 5"),
    ]
    kept = ItemSettings.objects.get(connection=shop.connection)
    assert (kept.updates, kept.brand_key, kept.filters[0]["value"]) == (True, "brand", "7")
    again = shop.client().post(path, owners | {"brand_key": "maker", "version": answer.context["version"]})
    assert again.status_code == 302
    kept.refresh_from_db()
    assert (kept.updates, kept.brand_key, kept.filters[0]["value"]) == (False, "maker", "5")


def test_a_direction_that_was_changed_meanwhile_shows_the_page_as_it_is(shop: Shop) -> None:
    ItemSettings.objects.create(connection=shop.connection, mode="push")
    mine = drawn(shop, "items/", "Save what moves")
    ItemSettings.objects.filter(connection=shop.connection).update(mode="pull")
    answer = shop.client().post(shop.at("items/settings/"), mine | {"brand_key": "maker"}, follow=True)
    assert "The choices are shown as they are now." in answer.content.decode()
    assert ItemSettings.objects.get(connection=shop.connection).brand_key == "brand"
