"""The Items Information and Inventory tabs."""

from connections.models import Role
from mappings.item_check import compared
from mappings.models import Link
from tests import factories
from tests.screens.conftest import Shop


def test_manual_mode_says_what_moves_and_what_does_not(shop: Shop) -> None:
    page = shop.client().get(shop.at("items/")).content.decode()
    assert "Manage manually" in page
    assert "No item data moves in either direction." in page


def test_unlinked_skus_show_reason_near_miss_and_waiting_orders(shop: Shop) -> None:
    hint = "Item “jour-blk” differs in capital and small letters."
    for number in ("1", "2"):
        factories.problem(shop.connection, number, factories.not_linked("JOUR-BLK", hint), factories.unmapped("Cash"))
    factories.problem(shop.connection, "3", factories.not_linked("HP-9"))
    page = shop.client().get(shop.at("items/")).content.decode()
    assert hint in page
    assert page.index("JOUR-BLK") < page.index("HP-9")
    assert '2<span class="unseen"> orders wait for JOUR-BLK</span>' in page


def test_linked_items_are_listed_and_found(shop: Shop, rival: Shop) -> None:
    factories.item_link(shop.connection, "HT-M-RED", "100412")
    factories.item_link(shop.connection, "HP-2")
    factories.item_link(rival.connection, "SECRET-1")
    page = shop.client().get(shop.at("items/")).content.decode()
    assert "HT-M-RED" in page
    assert "100412" in page
    assert "SECRET-1" not in page
    rows = shop.client().get(shop.at("items/?q=ht-m")).context["rows"]
    assert [link.source_id for link in rows] == ["HT-M-RED"]


def test_a_check_links_what_is_equal_and_explains_the_rest(
    shop: Shop, heartland_url: str, bigcommerce_url: str
) -> None:
    account, store = shop.connection.heartland, shop.connection.store
    account.base_url, account.credential = f"{heartland_url}/api", factories.credential("sim-heartland-token")
    account.save()
    store.api_base, store.store_hash = bigcommerce_url, "a1b2c3d4e5"
    store.credential = factories.credential("sim-bigcommerce-token")
    store.save()
    client = shop.client(Role.OPS)
    shown = client.post(shop.at("items/check/"), follow=True)
    found = shown.context["check"]
    assert found.matched > 500
    assert 0 < found.unmatched < 20
    assert found.is_complete
    assert any("differs" in row.reason for row in found.shown)
    assert Link.objects.of(shop.connection, Link.Kind.ITEM).count() == found.matched
    assert f"{found.matched} SKUs are linked; {found.unmatched} have no Heartland item." in shown.content.decode()
    client.post(shop.at("items/check/"))
    assert Link.objects.of(shop.connection, Link.Kind.ITEM).count() == found.matched
    assert shop.merchant.audit_entries.filter(action="items.checked").count() == 2


def test_a_check_that_fails_changes_nothing(shop: Shop) -> None:
    shown = shop.client().post(shop.at("items/check/"), follow=True)
    assert shown.context["check"] is None
    assert "notice-bad" in shown.content.decode()
    assert (Link.objects.count(), shop.merchant.audit_entries.count()) == (0, 0)


def test_the_comparison_counts_each_sku_once() -> None:
    found = compared(["A-1", "A-1", "", "a-2", "B-3"], {"A-1": "1", "A-2": "2", "Z": "3"}, now=factories.NOW)
    assert (found.variants, found.matched, found.unmatched, found.blank) == (5, 1, 2, 1)
    assert (found.repeated, [row.sku for row in found.shown]) == (["A-1"], ["B-3", "a-2"])
    assert "A-2" in found.shown[1].reason
