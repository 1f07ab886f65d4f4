"""The sandbox as seen from outside: its control API under `/_sim/`, which the product itself never calls."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import requests

from ipaas.types import JSON

TIMEOUT_SECONDS = 120
ROWS = 5_000  # a page of state
WORDS = 2_000  # signs of a refusal's reason


class Sandbox:
    """One system of the sandbox."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.session = requests.Session()

    def get(self, path: str, **params: Any) -> Any:
        return self._answer(self.session.get(f"{self.base}{path}", params=params, timeout=TIMEOUT_SECONDS))

    def post(self, path: str, body: Any) -> Any:
        return self._answer(self.session.post(f"{self.base}{path}", json=body, timeout=TIMEOUT_SECONDS))

    def put(self, path: str, body: Any) -> Any:
        return self._answer(self.session.put(f"{self.base}{path}", json=body, timeout=TIMEOUT_SECONDS))

    def delete(self, path: str) -> Any:
        return self._answer(self.session.delete(f"{self.base}{path}", timeout=TIMEOUT_SECONDS))

    def read(self, path: str, params: list[tuple[str, Any]], headers: dict[str, str]) -> Any:
        """One GET of the system's public API; None for an answer without a body."""
        asked = self.session.get(f"{self.base}{path}", params=params, headers=headers, timeout=TIMEOUT_SECONDS)
        return self._answer(asked)

    def write(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        """One writing call of the system's public API."""
        url = f"{self.base}{path}"
        return self._answer(self.session.request(method, url, json=body, headers=headers, timeout=TIMEOUT_SECONDS))

    def rows(self, table: str) -> list[JSON]:
        """Every row of a table, whatever its size."""
        found: list[JSON] = []
        while page := self.get(f"/_sim/state/{table}", limit=ROWS, after=found[-1]["id"] if found else 0)["rows"]:
            found += page
        return found

    def _answer(self, response: requests.Response) -> Any:
        if not response.ok:
            words = f"{response.status_code} of {response.request.method} {response.url}: {response.text[:WORDS]}"
            raise requests.HTTPError(words, response=response)
        return response.json(parse_float=Decimal) if response.content else None


def cents(value: Any) -> Decimal:
    """An amount of either system's JSON in whole cents, half up: an edited order may carry four decimals."""
    return Decimal(str(value or 0)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def by_prefix(orders: Iterable[JSON], number: str) -> list[JSON]:
    """The sales orders that carry a web order's number: BC-10457 itself and its successors BC-10457-2, …"""
    return [row for row in orders if row["public_id"] == number or str(row["public_id"]).startswith(f"{number}-")]


def sums(amounts: Iterable[tuple[int, Any]]) -> dict[int, Decimal]:
    """What belongs to each number, together."""
    found: dict[int, Decimal] = {}
    for number, amount in amounts:
        found[number] = found.get(number, Decimal(0)) + cents(amount)
    return found
