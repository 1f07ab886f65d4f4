"""The guides' pictures: `make pictures` writes `docs/pictures/`. To be run again when these pages change."""

from pathlib import Path

import pytest
from playwright.sync_api import FloatRect

from connections.models import SupportGrant
from tests.browser.conftest import Visit
from tests.browser.test_pages import busy
from tests.screens.conftest import Shop

__all__ = ["busy"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = Path(__file__).resolve().parents[2] / "docs/pictures"
HIGH = 760  # CSS pixels of each
MAIN = FloatRect(x=240, y=0, width=1040, height=HIGH)  # beside the rail
TAKEN = {
    "dashboard": "",
    "order": "stores/{store}/orders/10000/",
    "errors": "stores/{store}/errors/",
    "inventory": "stores/{store}/inventory/",
}


def test_the_pictures_are_taken(busy: Shop, visit: Visit) -> None:
    SupportGrant.objects.all().delete()
    page = visit(busy, width=1280)
    page.set_viewport_size({"width": 1280, "height": HIGH})
    PICTURES.mkdir(exist_ok=True)
    for name, path in TAKEN.items():
        page.goto("/" + path.format(store=busy.connection.public_id))
        if name == "dashboard":  # below the first steps, which end once they are done
            page.locator("h1").evaluate("one => one.scrollIntoView()")
        page.screenshot(path=PICTURES / f"{name}.png", clip=MAIN if name == "dashboard" else None)
    assert sorted(one.stem for one in PICTURES.glob("*.png")) == sorted(TAKEN)
