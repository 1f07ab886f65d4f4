"""What a configurable and a bundle of Magento look like on the order's page, beside what both systems hold."""

import pytest
from playwright.sync_api import Page, expect

from connections.models import Role
from tests import factories
from tests.browser.conftest import PHONE, WIDE, Visit
from tests.browser.test_pages import troubles
from tests.flows.magento.conftest import Pair, heartland_server, line, open_shop, pair
from tests.screens.conftest import Shop

__all__ = ["heartland_server", "open_shop", "pair"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PARTS = [
    {"sku": "DOG-LEAD", "quantity": 1, "price": "30.00"},
    {"sku": "LGT-LANT", "quantity": 2, "price": "7.50"},
]
JACKET = line("DOG-LEAD", "120.00", 2, type="configurable", children=[{"sku": "DOG-LEAD", "price": "120.00"}])


def lines(page: Page) -> list[list[str]]:
    """What the page compares line by line: the store's SKU, pieces and value, then Heartland's pieces and value."""
    rows = page.get_by_role("region", name="Lines in both systems").locator("tbody tr")
    cells = [row.locator("th, td").all_inner_texts() for row in rows.all()]
    return [[row[at].strip() for at in (0, 2, 6, 8, 9)] for row in cells]


@pytest.mark.parametrize(("width", "scheme"), [(WIDE, "light"), (PHONE, "dark")])
def test_made_of_others_is_shown_as_what_it_is_made_of(pair: Pair, visit: Visit, width: int, scheme: str) -> None:
    bundle = line("HP-KIT", "0", 2, type="bundle", dynamic=True, separately=True, children=PARTS)
    orders = [pair.book(JACKET), pair.book(bundle)]
    person = factories.member(pair.connection.merchant, Role.OWNER)
    shop = Shop(merchant=pair.connection.merchant, connection=pair.connection, people={Role.OWNER: person})
    page = visit(shop, width=width, scheme=scheme, checked=True)
    shown = []
    for order in orders:
        page.goto(shop.at(f"orders/{order}/"))
        expect(page.get_by_text("Both agree")).to_be_visible()
        shown.append(lines(page))
        assert troubles(page) == []
    assert shown == [
        [["DOG-LEAD", "2", "$240.00", "2", "$240.00"]],
        [["DOG-LEAD", "2", "$60.00", "2", "$60.00"], ["LGT-LANT", "4", "$30.00", "4", "$30.00"]],
    ]
