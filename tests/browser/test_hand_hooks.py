"""Ways of telling us that people set up in the store, in a browser: made by a press, and readable at any width."""

import pytest

from connections.models import Hook
from tests.browser.conftest import NARROW, WIDE, Visit
from tests.browser.test_pages import troubles
from tests.screens.conftest import Shop

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_each_way_is_made_by_a_press_and_its_pages_fit(width: int, shop: Shop, visit: Visit) -> None:
    shop.connection.store.kind = "magento"
    shop.connection.store.save()
    page = visit(shop, width=width, scheme="light", checked=True)
    found = []
    for _ in range(3):
        page.goto(shop.at("connection/"))
        found += troubles(page)
        page.get_by_role("link", name="Set up ").first.click()
        found += troubles(page)
        page.get_by_role("button", name="Make an address").click()
        page.get_by_text("shown once").wait_for()
        found += troubles(page)
    assert found == []
    assert Hook.objects.filter(state=Hook.State.MANUAL).count() == 3
