"""A Magento sandbox with what its merchant does in Admin, for tests of connecting one."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.sandbox.conftest import Running, running


class Admin:
    """What the merchant does in the sandbox's Admin."""

    def __init__(self, url: str) -> None:
        self.url = url

    def sim(self, method: str, path: str, body: object | None = None) -> Any:
        """A control call."""
        answer = requests.request(method, f"{self.url}/_sim/{path}", json=body, timeout=20)
        assert answer.ok or answer.status_code == 400, answer.text
        return answer.json()

    def switch(self, **switches: object) -> None:
        self.sim("PUT", "switches", switches)

    def integration(self, *resources: str, callback: str = "", identity: str = "") -> dict[str, Any]:
        """A saved integration, with all rights or with some."""
        wish = {"name": "Ours", "resources": list(resources), "endpoint": callback, "identity_link_url": identity}
        made: dict[str, Any] = self.sim("POST", "integrations", wish)
        return made

    def activate(self, integration: dict[str, Any]) -> dict[str, str]:
        """Press Activate: what the popup opens, or what went wrong."""
        said: dict[str, str] = self.sim("POST", f"integrations/{integration['id']}/activate")
        return said

    def values(self, integration: dict[str, Any]) -> dict[str, str]:
        """The four values that its page shows, by the names that we keep them under."""
        row = next(one for one in self.sim("GET", "integrations") if one["id"] == integration["id"])
        names = {"consumer_key": "consumer_key", "consumer_secret": "consumer_secret"}
        names |= {"token": "access_token", "token_secret": "access_token_secret"}
        return {ours: row[theirs] for ours, theirs in names.items()}

    def orders(self, count: int) -> list[int]:
        """Ids of orders that guests have placed."""
        lines = [{"sku": "DOG-LEAD", "quantity": 1}]
        placed: list[int] = self.sim("POST", "orders", {"lines": lines, "count": count})["ids"]
        return placed

    def four_values(self, *resources: str) -> dict[str, str]:
        """Those of a new, active integration."""
        made = self.integration(*resources)
        self.activate(made)
        return self.values(made)


@pytest.fixture(scope="session")
def magento_server() -> Iterator[Running]:
    """The Magento service of this test run, whose bearer switch is off as in a new shop."""
    server = running("magento")
    yield server
    server.close()


@pytest.fixture
def admin(magento_server: Running) -> Admin:
    """A freshly seeded shop."""
    return Admin(magento_server.fresh())
