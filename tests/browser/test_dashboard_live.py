"""The open dashboard: it counts down and never into the past, and a refresh takes nothing away from its reader."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from syncjobs.models import Circuit
from tests import factories
from tests.browser.conftest import Visit
from tests.screens.conftest import Shop

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_countdown_ends_at_now_and_a_refresh_keeps_the_panel_open(shop: Shop, visit: Visit) -> None:
    page = visit(shop)
    now = timezone.now()
    Circuit.objects.create(
        connection=shop.connection, system="heartland", opened_at=now, probe_after=now + timedelta(seconds=20)
    )
    page.clock.install()
    page.goto("/")
    said = page.locator(".notice-bad [data-seconds-left]")
    expect(said).to_have_text("in 20 s")
    page.get_by_role("button", name="Health of").click()
    panel = page.get_by_role("dialog").or_(page.locator("[popover]:popover-open"))
    expect(panel.first).to_be_visible()
    factories.order(shop.connection, "1", at=now)
    page.clock.run_for(15_000)
    expect(said).to_have_text("in 5 s")
    expect(panel.first).to_be_visible()
    page.clock.run_for(60_000)
    expect(said).to_have_text("now")
    page.keyboard.press("Escape")
    page.clock.run_for(11_000)
    expect(page.locator(".verdict-sentence")).to_contain_text("The one order of today is accounted for: 1 booked.")
