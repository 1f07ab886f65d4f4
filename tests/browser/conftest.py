"""Chromium on the live server: the distribution's own, nothing is downloaded. Skipped only where there is none."""

import os
import shutil
from collections.abc import Callable, Iterator
from copy import deepcopy

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from connections.models import Role
from tests import factories
from tests.sandbox.conftest import bigcommerce_server, bigcommerce_url, heartland_server, heartland_url
from tests.screens.conftest import Shop, open_shop

__all__ = ["bigcommerce_server", "bigcommerce_url", "heartland_server", "heartland_url"]

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((path for name in NAMES if (path := shutil.which(name))), "")
WIDE, NARROW, PHONE = 1600, 390, 320

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright's loop runs in the test's thread


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for the whole run."""
    if not CHROMIUM:
        pytest.skip(f"Chromium is not installed (looked for {', '.join(NAMES)}): browser tests need it")
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def _here(settings: Settings, live_server: LiveServer) -> None:
    settings.PUBLIC_URL = live_server.url
    settings.ALLOW_PRIVATE_HOSTS = True


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    return open_shop("Harbor & Pine")


@pytest.fixture
def outside(settings: Settings, heartland_url: str, bigcommerce_url: str) -> None:
    """Our app registered at both sandbox systems."""
    settings.BIGCOMMERCE_CLIENT_ID, settings.BIGCOMMERCE_CLIENT_SECRET = "simclientid0001", "sim-client-secret-0001"
    settings.BIGCOMMERCE_LOGIN_BASE = settings.BIGCOMMERCE_API_BASE = bigcommerce_url
    settings.HEARTLAND_CLIENT_ID, settings.HEARTLAND_CLIENT_SECRET = "sim-heartland-client", "sim-heartland-secret"
    settings.HEARTLAND_OAUTH_BASE = heartland_url
    policy = deepcopy(django_settings.CONTENT_SECURITY_POLICY)
    policy["DIRECTIVES"]["form-action"] = ["'self'", bigcommerce_url, heartland_url]
    settings.CONTENT_SECURITY_POLICY = policy


Visit = Callable[..., Page]


@pytest.fixture
def visit(chromium: Browser, live_server: LiveServer) -> Iterator[Visit]:
    """Open a browser as a person (or nobody), at a width and colour scheme; what the console says must be nothing."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(
        shop: Shop | None = None,
        role: Role = Role.OWNER,
        *,
        width: int = WIDE,
        scheme: str = "light",
        javascript: bool = True,
        checked: bool = False,
    ) -> Page:
        context = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=javascript,
            bypass_csp=checked,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if is_ours(said) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if shop:
            log_in(page, shop.people[role].email)
        return page

    def is_ours(said: ConsoleMessage) -> bool:
        """An error of our pages; the sandbox's are not our concern."""
        return said.type == "error" and str(said.location.get("url", "")).startswith(live_server.url)

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def log_in(page: Page, email: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/")
