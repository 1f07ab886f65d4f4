"""How customers are kept alike: read, chosen, and obeyed from then on."""

from typing import Any

from django.core.cache import cache

from connections.hooks import topics_of
from connections.models import AuditEntry, Role
from syncjobs.intake.customer_choices import customer_settings_of
from syncjobs.models import Cursor, CustomerSettings
from syncjobs.pages.customer_settings.customer_form import initial_of
from syncjobs.pages.loyalty.loyalty_lists import _key
from tests.screens.conftest import Shop

OF_CUSTOMERS = {Cursor.ACCOUNTS, Cursor.ACCOUNT_SWEEP, Cursor.CUSTOMERS}


def filled(shop: Shop, **changes: Any) -> dict[str, Any]:
    """The form as it is from the start, switched on, with what somebody changes."""
    begun = initial_of(customer_settings_of(shop.connection))
    shown = {name: value for name, value in begun.items() if not isinstance(value, bool)}
    return shown | {"is_on": "on", "creates_in_heartland": "on"} | changes


def feeds(shop: Shop) -> set[str]:
    return set(Cursor.objects.filter(connection=shop.connection).values_list("feed", flat=True)) & OF_CUSTOMERS


def test_a_direction_is_chosen_and_the_looks_begin_with_the_switch(shop: Shop) -> None:
    client, path = shop.client(), shop.at("customers/settings/save/")
    page = client.get(shop.at("customers/settings/")).content.decode()
    assert "Switched off." in page
    wish = filled(
        shop, owner_phone="heartland", blank_phone="clear", groups="2 = Wholesale\n3=Retailer", group_field="tier"
    )
    assert "Saved. What changes from now on is carried so." in client.post(path, wish, follow=True).content.decode()
    kept = CustomerSettings.objects.get()
    assert (kept.is_on, kept.creates_in_store, kept.group_field) == (True, False, "tier")
    assert kept.rules == {"phone": {"owner": "heartland", "blank": "clear"}}
    assert kept.groups == {"2": "Wholesale", "3": "Retailer"}
    assert feeds(shop) == OF_CUSTOMERS
    assert "store/customer/deleted" in topics_of(shop.connection, "bigcommerce")
    assert "Nothing was changed." in client.post(path, wish, follow=True).content.decode()
    client.post(path, {name: value for name, value in wish.items() if name != "is_on"})
    assert feeds(shop) == set()
    assert "store/customer/deleted" not in topics_of(shop.connection, "bigcommerce")
    actions = AuditEntry.objects.filter(action="customer_settings.changed")
    assert actions.count() == 2


def test_a_form_that_is_wrong_or_late_stores_nothing(shop: Shop) -> None:
    client, path = shop.client(), shop.at("customers/settings/save/")
    refused = client.post(path, filled(shop, groups="Wholesale"))
    assert (refused.status_code, "is not a number" in refused.content.decode()) == (400, True)
    assert client.post(path, filled(shop, owner_phone="nobody knows")).status_code == 400
    late = client.post(path, filled(shop, version="of yesterday"), follow=True).content.decode()
    assert "Nothing was saved: Somebody saved these settings after you had opened this page." in late
    assert not CustomerSettings.objects.filter(is_on=True).exists()
    assert shop.client(Role.VIEWER).post(path, filled(shop)).status_code == 403
    assert shop.client(Role.VIEWER).get(shop.at("customers/settings/")).status_code == 200


def test_groups_are_picked_once_they_were_read(shop: Shop) -> None:
    client, path = shop.client(), shop.at("customers/settings/")
    CustomerSettings.objects.create(connection=shop.connection, groups={"2": "Trade", "9": "Old"})
    cache.set(_key(shop.connection.store), {"fields": [], "groups": [["1", "General"], ["2", "Wholesale"]]}, 60)
    page = client.get(path).content.decode()
    for words in ("General (1)", "Wholesale (2)", "not in the store any more (9)", 'value="Trade"'):
        assert words in page, words
    wish = {name: value for name, value in filled(shop).items() if name != "groups"}
    given = wish | {"word-1": "", "word-2": "Wholesale", "word-9": ""}
    assert "Saved." in client.post(path + "save/", given, follow=True).content.decode()
    assert CustomerSettings.objects.get().groups == {"2": "Wholesale"}


def test_groups_of_a_store_that_does_not_answer_are_said_to_be_missing(shop: Shop) -> None:
    page = shop.client().post(shop.at("customers/settings/groups/"), follow=True).content.decode()
    assert 'name="groups"' in page
    assert shop.client(Role.VIEWER).post(shop.at("customers/settings/groups/")).status_code == 403
