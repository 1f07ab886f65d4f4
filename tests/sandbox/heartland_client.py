"""A bare client for the Heartland sandbox's contract tests: one connection, JSON in and out, nothing clever."""

import http.client
import json
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode, urlsplit

TOKEN = "sim-heartland-token"


class Answer:
    """Status, headers and body of one call."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.raw = response.read()

    @property
    def json(self) -> Any:
        """The body, fractions as `Decimal`."""
        return json.loads(self.raw, parse_float=Decimal)

    @property
    def id(self) -> int:
        """The new id out of `Location`."""
        return int(self.headers["Location"].rsplit("/", 1)[1])


class Caller:
    """Calls one sandbox as one token."""

    def __init__(self, url: str, token: str = TOKEN) -> None:
        self.url, self.token = url, token
        parts = urlsplit(url)
        self._line = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Answer:
        """One request; `query` is URL-encoded, lists repeat their key."""
        path += ("?" + urlencode(query, doseq=True)) if query else ""
        data = body if isinstance(body, str | bytes | None) else json.dumps(body, default=float)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        self._line.request(method, path, data, headers)
        return Answer(self._line.getresponse())

    def get(self, path: str, query: dict[str, Any] | None = None) -> Any:
        """The JSON of a GET that must answer 200."""
        answer = self.call("GET", f"/api{path}", **(query or {}))
        assert answer.status == 200, (path, answer.status, answer.raw)
        return answer.json

    def rows(self, path: str, query: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """The results of a list call."""
        found: list[dict[str, Any]] = self.get(path, query)["results"]
        return found

    def post(self, path: str, body: Any) -> int:
        """Create; the new id. The body of the answer must be empty."""
        answer = self.call("POST", f"/api{path}", body)
        assert (answer.status, answer.raw) == (201, b""), (path, answer.status, answer.raw)
        return answer.id

    def put(self, path: str, body: Any) -> None:
        """Change; 204 without a body."""
        answer = self.call("PUT", f"/api{path}", body)
        assert (answer.status, answer.raw) == (204, b""), (path, answer.status, answer.raw)

    def refused(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and error body of a refusal."""
        answer = self.call(method, f"/api{path}", body)
        assert answer.status >= 400, (path, answer.status)
        return answer.status, answer.json

    def sim(self, method: str, path: str, body: Any = None) -> Any:
        """A control call that must succeed."""
        answer = self.call(method, f"/_sim{path}", body)
        assert answer.status < 300, (path, answer.status, answer.raw)
        return answer.json

    def switch(self, **values: Any) -> None:
        """Set switches."""
        self.sim("PUT", "/switches", values)

    def item(self, sku: str) -> dict[str, Any]:
        """An item by Item #."""
        (row,) = self.rows("/items", {"~[public_id]": sku})
        return row

    def stock(self, item_id: int, location_id: int) -> dict[str, Any]:
        """The stock row of an item at a location."""
        query = {"group[]": ["item_id", "location_id"], "item_id": item_id, "location_id": location_id}
        rows = self.rows("/inventory/values", query)
        return rows[0] if rows else {"qty_on_hand": 0, "qty_committed": 0, "qty_available": 0}

    def ledger_after(self, last: int) -> list[tuple[Any, ...]]:
        """(item, location, delta_qty, delta_qty_committed, type) of ledger rows after an id."""
        query = {"_filter": json.dumps({"id": {"$gt": last}}), "sort[]": "id", "per_page": "all"}
        names = ("item_id", "location_id", "delta_qty", "delta_qty_committed", "type")
        return [tuple(row[name] for name in names) for row in self.rows("/inventory/transactions", query)]

    def newest(self) -> int:
        """The newest ledger id."""
        rows = self.rows("/inventory/transactions", {"sort[]": "id,desc", "per_page": 1})
        return int(rows[0]["id"])
