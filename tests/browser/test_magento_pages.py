"""Adding a Magento website as an owner does it: the pages fit and can be read, and Save and Activate leads through."""

from datetime import timedelta
from pathlib import PurePosixPath
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from connections.connect.magento.handshake import EXCHANGE
from connections.models import AccessState, Handshake, Store
from tests.browser.admin_pictures import PICTURES
from tests.browser.conftest import NARROW, PHONE, WIDE, Visit
from tests.browser.test_pages import troubles
from tests.connections.magento_shop import Admin, admin, magento_server
from tests.screens.conftest import Shop

__all__ = ["admin", "magento_server"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def begin(page: Page, address: str) -> None:
    """From the list of websites to the two addresses."""
    page.goto("/settings/integrations/magento/")
    page.get_by_role("link", name="Add a Magento website").click()
    page.get_by_role("link", name="Begin to activate an integration").click()
    page.get_by_label("Shop address").fill(address)
    page.get_by_role("button", name="Get the two addresses").click()
    expect(page.get_by_text("Waiting for Magento")).to_be_visible()


def activate(page: Page, admin: Admin) -> str:
    """What the owner does in Admin with the addresses that the page shows; answers what Magento opens."""
    made = admin.integration(
        callback=page.get_by_label("Callback URL").input_value(),
        identity=page.get_by_label("Identity link URL").input_value(),
    )
    return admin.activate(made)["identity_url"]


@pytest.mark.parametrize(("width", "scheme"), [(PHONE, "light"), (NARROW, "dark"), (WIDE, "light"), (WIDE, "dark")])
def test_every_page_of_adding_one_is_accessible_and_fits(
    width: int, scheme: str, shop: Shop, admin: Admin, visit: Visit
) -> None:
    page = visit(shop, width=width, scheme=scheme, checked=True)
    found: list[str] = []

    def look() -> None:
        found.extend(troubles(page))

    page.goto("/settings/integrations/magento/")
    look()
    add = f"/settings/integrations/magento/add/{shop.merchant.public_id}/"
    page.goto(add)
    look()
    for way in ("values", "token", "cloud"):
        page.goto(f"{add}{way}/")
        look()
    page.goto(f"{add}token/")
    page.get_by_label("Shop address").fill(admin.url)
    page.get_by_label("Access token").fill("x" * 32)
    page.get_by_role("button", name="Check and connect").click()
    expect(page.get_by_text("enable_integration_as_bearer").first).to_be_visible()
    look()
    begin(page, admin.url.replace("127.0.0.1", "localhost"))
    look()
    back, identity_url = page.url, activate(page, admin)
    page.goto(identity_url)
    look()
    page.get_by_label("Both addresses are of the same shop").check()
    admin.switch(signing_base_url=admin.url)
    page.get_by_role("button", name="Confirm and connect").click()
    expect(page.get_by_role("heading", name="let us in")).to_be_visible()
    look()
    page.goto(identity_url)
    look()
    page.goto(back)
    expect(page.get_by_role("heading", name="Which website")).to_be_visible()
    look()
    page.goto("/settings/integrations/magento/")
    look()
    assert found == []


def test_save_and_activate_leads_back_to_our_page_by_itself(shop: Shop, admin: Admin, visit: Visit) -> None:
    page = visit(shop)
    begin(page, admin.url)
    popup = page.context.new_page()
    popup.goto(activate(page, admin))
    expect(page.get_by_text("Magento has sent its keys")).to_be_visible(timeout=10_000)
    popup.get_by_role("button", name="Confirm and connect").click()
    popup.get_by_role("link", name="Back to Magento").click()
    expect(popup.get_by_text("The login to the integration was successful")).to_be_visible()
    page.wait_for_url("**/website/", timeout=10_000)
    page.get_by_label("Main Website").check()
    page.get_by_role("button", name="Choose").click()
    expect(page.get_by_text("is paired with Heartland account")).to_be_visible()
    store = Store.objects.get(kind="magento")
    assert (store.state, store.merchant) == (AccessState.CONNECTED, shop.merchant)
    assert urlsplit(page.url).path == "/"


def test_addresses_that_grew_too_old_are_said_on_the_open_page_and_new_ones_connect(
    shop: Shop, admin: Admin, visit: Visit
) -> None:
    """A page left open says so by itself; keys that come too late are taken by neither window, and nothing connects."""
    page = visit(shop, width=NARROW, checked=True)
    begin(page, admin.url)
    made = admin.integration(
        callback=page.get_by_label("Callback URL").input_value(),
        identity=page.get_by_label("Identity link URL").input_value(),
    )
    Handshake.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    expect(page.get_by_text("These addresses are too old.")).to_be_visible(timeout=10_000)
    found = troubles(page)
    popup = page.context.new_page()
    popup.goto(admin.activate(made)["identity_url"])
    expect(popup.get_by_role("heading", name="Not connected yet")).to_be_visible()
    expect(popup.get_by_role("button", name="Confirm and connect")).to_have_count(0)
    found += troubles(popup)
    page.get_by_role("link", name="Get new ones").click()
    page.get_by_label("Shop address").fill(admin.url)
    page.get_by_role("button", name="Get the two addresses").click()
    popup.goto(activate(page, admin))
    Handshake.objects.filter(received_at__isnull=False).update(
        received_at=timezone.now() - EXCHANGE - timedelta(seconds=1)
    )
    popup.reload()
    expect(popup.get_by_text("More than five minutes have passed")).to_be_visible()
    assert (found + troubles(popup), Store.objects.filter(kind="magento").exists()) == ([], False)


def test_each_guide_shows_its_steps_in_pictures(shop: Shop, admin: Admin, visit: Visit) -> None:
    page = visit(shop)
    add = f"/settings/integrations/magento/add/{shop.merchant.public_id}/"
    shown: dict[str, list[str]] = {}
    for guide in ("values", "token", "activation"):
        if guide == "activation":
            begin(page, admin.url)
        else:
            page.goto(f"{add}{guide}/")
        pictures = page.locator("figure.picture img")
        assert [alt for alt in pictures.evaluate_all("all => all.map(one => one.alt)") if len(alt) < 20] == []
        wrong = "one => Math.abs(one.naturalHeight * 660 / one.naturalWidth - one.getAttribute('height')) > 1"
        assert pictures.evaluate_all(f"all => all.filter({wrong}).length") == 0
        sources = pictures.evaluate_all("all => all.map(one => one.src)")
        shown[guide] = [PurePosixPath(urlsplit(source).path).stem for source in sources]
    assert shown == {
        "values": ["new-without-addresses", "rights", "values"],
        "token": ["new-without-addresses", "bearer", "values"],
        "activation": ["new-with-addresses", "rights", "activate"],
    }
    sizes = {one.stem: one.stat().st_size for one in PICTURES.iterdir()}
    assert sizes.keys() == {name for names in shown.values() for name in names}
    assert max(sizes.values()) <= 60_000


def test_an_address_is_copied_whole(shop: Shop, admin: Admin, visit: Visit) -> None:
    page = visit(shop)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    begin(page, admin.url)
    page.get_by_role("button", name="Copy the Callback URL").click()
    expect(page.get_by_text("Copied.")).to_have_count(1)
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.get_by_label("Callback URL", exact=True).input_value()
    assert copied.startswith("http")


def test_without_javascript_no_button_promises_to_copy(shop: Shop, admin: Admin, visit: Visit) -> None:
    page = visit(shop, width=PHONE, javascript=False)
    begin(page, admin.url)
    expect(page.get_by_role("button", name="Copy the Callback URL")).to_be_hidden()
    expect(page.get_by_label("Callback URL", exact=True)).to_be_visible()
