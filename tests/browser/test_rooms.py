"""Settings in rooms, in a real browser: an address unfolds its room, and fields stand there only when they apply."""

import pytest
from playwright.sync_api import expect

from connections.models import OrderSettings
from tests.browser.conftest import Visit
from tests.screens.conftest import Shop

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("javascript", [True, False])
def test_an_address_unfolds_its_room_and_fields_show_when_they_apply(
    shop: Shop, visit: Visit, *, javascript: bool
) -> None:
    page = visit(shop, javascript=javascript)
    page.goto(shop.at("fulfillment/#payments"))
    expect(page.get_by_role("heading", name="Payment methods")).to_be_visible()
    expect(page.get_by_label("Location that ships")).to_be_hidden()
    page.goto(shop.at("fulfillment/#distribution"))
    expect(page.get_by_label("Staff distribute each order")).to_be_checked()
    expect(page.get_by_label("Location that ships")).to_be_hidden()
    page.get_by_label("One location ships everything", exact=True).check()
    expect(page.get_by_label("Location that ships")).to_be_visible()
    page.get_by_label("Several locations ship, the nearest that has the goods").check()
    expect(page.get_by_label("Location that ships")).to_be_hidden()
    expect(page.get_by_label("Harbor Main is near")).to_be_visible()


def test_what_is_unsaved_is_counted_and_saved_from_the_bar_that_stays(shop: Shop, visit: Visit) -> None:
    page = visit(shop)
    page.goto(shop.at("fulfillment/#orders"))
    page.get_by_label("Sales rep").fill("Web desk")
    expect(page.get_by_text("1 unsaved change")).to_be_visible()
    page.get_by_role("button", name="Save order settings").click()
    expect(page.get_by_text("Order settings are saved.")).to_be_visible()
    assert OrderSettings.objects.get(connection=shop.connection).sales_rep == "Web desk"
