"""A small client of the Magento sandbox for tests."""

from __future__ import annotations

import json
from typing import Any, cast
from urllib.parse import quote

import requests

from ipaas.sandbox.magento.furnish import ACCESS_TOKEN
from ipaas.sandbox.magento.service import Magento
from ipaas.sandbox.magento.state import State
from tests.sandbox.conftest import Running

Filters = list[list[tuple[str, str, str]]]  # groups of (field, condition, value)


class Api:
    """Calls to one sandbox with the seed's integration token as bearer (its switch is on in the fixture)."""

    def __init__(self, server: Running, token: str = ACCESS_TOKEN) -> None:
        self.server, self.url, self.token = server, server.url, token
        self.session = requests.Session()

    @property
    def service(self) -> Magento:
        """The service in this process, to look at rows or to write them."""
        return cast(Magento, self.server.app.service)

    @property
    def state(self) -> State:
        """Its tables."""
        return self.service.state

    def call(self, method: str, path: str, body: Any = None, *, store: str = "", **more: Any) -> requests.Response:
        """One call: `path` begins with /V1."""
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        if body is not None:
            more["data"] = json.dumps(body, default=str)
            headers.setdefault("Content-Type", "application/json")
        base = f"{self.url}/rest/{store}" if store else f"{self.url}/rest"
        return self.session.request(method, base + path, headers=headers, timeout=10, **more)

    def get(self, path: str, **more: Any) -> requests.Response:
        """GET."""
        return self.call("GET", path, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> requests.Response:
        """POST."""
        return self.call("POST", path, body, **more)

    def put(self, path: str, body: Any = None, **more: Any) -> requests.Response:
        """PUT."""
        return self.call("PUT", path, body, **more)

    def delete(self, path: str, **more: Any) -> requests.Response:
        """DELETE."""
        return self.call("DELETE", path, **more)

    def switch(self, **values: Any) -> None:
        """Set switches."""
        self.session.put(f"{self.url}/_sim/switches", json=values, timeout=10).raise_for_status()


def criteria(
    groups: Filters | None = None, sorts: list[tuple[str, str]] | None = None, size: int = 0, page: int = 0
) -> str:
    """The query string of searchCriteria."""
    parts = []
    for g, group in enumerate(groups or []):
        for f, (field, condition, value) in enumerate(group):
            at = f"searchCriteria[filterGroups][{g}][filters][{f}]"
            parts += [f"{at}[field]={field}", f"{at}[conditionType]={condition}", f"{at}[value]={quote(value)}"]
    for s, (field, direction) in enumerate(sorts or []):
        at = f"searchCriteria[sortOrders][{s}]"
        parts += [f"{at}[field]={field}", f"{at}[direction]={direction}"]
    parts += [f"searchCriteria[pageSize]={size}"] if size else []
    parts += [f"searchCriteria[currentPage]={page}"] if page else []
    return "?" + ("&".join(parts) or "searchCriteria=")
