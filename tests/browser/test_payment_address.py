"""The page of the addresses that Heartland asks: made, shown once, renewed, removed; nothing sticks out of it."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from connections.models import PaymentAddress
from tests.browser.conftest import NARROW, PHONE, WIDE, Visit
from tests.screens.conftest import Shop

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("width", "scheme"), [(NARROW, "light"), (PHONE, "dark"), (WIDE, "light")])
def test_the_addresses_are_made_shown_once_and_removed(shop: Shop, visit: Visit, width: int, scheme: str) -> None:
    page = visit(shop, width=width, scheme=scheme, checked=True)
    page.goto(shop.at("connection/"))
    page.locator("#asked").scroll_into_view_if_needed()
    page.locator("section[aria-labelledby=asked]").get_by_role("link", name="Set up").click()
    page.get_by_role("button", name="Make the addresses").click()
    made = [page.get_by_label(name).input_value() for name in ("Capture", "Refund", "Void")]
    assert [address.rpartition("/")[2] for address in made] == ["capture", "refund", "void"]
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.goto(shop.at("connection/payments/"))
    assert made[0] not in page.content()
    page.get_by_role("button", name="Remove").click()
    assert PaymentAddress.objects.count() == 0
