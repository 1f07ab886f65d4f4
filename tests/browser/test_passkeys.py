"""Passkeys in a real browser, with a device that the browser plays: added, used at the next log-in, removed."""

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import Page

from connections.models import Role
from tests import factories
from tests.browser.conftest import Visit
from tests.screens.conftest import Shop

pytestmark = pytest.mark.browser


def device(page: Page) -> None:
    """A device beside the page that says yes to everything."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_is_added_and_lets_in(shop: Shop, visit: Visit) -> None:
    owner = shop.people[Role.OWNER]
    page = visit(shop)
    device(page)
    page.goto("/accounts/factor/passkeys/add/")
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Add the passkey").click()
    page.wait_for_url("**/accounts/factor/codes/")
    assert Authenticator.objects.filter(user=owner, type="webauthn").count() == 1
    page.goto("/accounts/logout/")
    page.get_by_role("button", name="Log out").click()
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(owner.email)
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/accounts/factor/authenticate/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(lambda url: url.endswith("/") and "/accounts/" not in url)
    page.goto("/accounts/")
    page.get_by_role("link", name="Remove").click()
    page.get_by_role("button", name="Use a passkey").or_(page.get_by_role("link", name="Use a passkey")).first.click()
    if page.url.split("?")[0].endswith("/passkeys/reauthenticate/"):
        page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("button", name="Remove it").click()
    page.wait_for_url("**/accounts/")
    assert Authenticator.objects.filter(user=owner).count() == 0
