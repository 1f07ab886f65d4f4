"""The guides' pictures of the sandbox's Admin: `python -m tests.browser.admin_pictures` writes `static/img/magento/`.

To be run again when the sandbox's pages of integrations change. The secrets on them are a sandbox's.
"""

import shutil
from pathlib import Path

from playwright.sync_api import Locator, Page, sync_playwright

from tests.sandbox.conftest import running

PICTURES = Path(__file__).resolve().parents[2] / "static/img/magento"
OURS = "https://tillbridge.example/connect/magento"
WIDE, FINE = 700, 1.5  # CSS pixels of the window, and dots to each


def section(page: Page, title: str) -> Locator:
    return page.locator("section", has=page.get_by_role("heading", name=title, exact=True))


def take(page: Page, title: str, name: str) -> None:
    page.locator(":focus").evaluate_all("all => all.forEach(one => one.blur())")
    section(page, title).screenshot(path=PICTURES / f"{name}.png")


def fill(page: Page, **fields: str) -> None:
    for label, value in fields.items():
        section(page, "Add New Integration").get_by_label(label.replace("_", " ")).fill(value)


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()


def pictures(page: Page, admin: str) -> None:
    """Each step of the guides, in their order."""
    page.goto(admin)
    fill(page, Name="Tillbridge", Callback_URL=f"{OURS}/callback/4f7a…", Identity_link_URL=f"{OURS}/identity/4f7a…")
    take(page, "Add New Integration", "new-with-addresses")
    page.goto(admin)
    fill(page, Name="Tillbridge")
    take(page, "Add New Integration", "new-without-addresses")
    save(page)
    take(page, "API", "rights")
    take(page, "Integration Info", "activate")
    page.get_by_role("button", name="Activate").click()
    take(page, "Integration Details", "values")
    page.goto(admin)
    page.get_by_label("standalone Bearer").check()
    take(page, "Stores → Configuration → Services → OAuth → Consumer Settings", "bearer")


def main() -> None:
    server = running("magento")
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": WIDE, "height": 900}, device_scale_factor=FINE)
            PICTURES.mkdir(parents=True, exist_ok=True)
            pictures(page, f"{server.fresh()}/admin/integrations")
            browser.close()
    finally:
        server.close()


if __name__ == "__main__":
    main()
