"""Orders of the Magento sandbox for tests: placing them by recipe, reading them, acting on them as staff."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import requests

from tests.sandbox.magento.magento_api import Api

Row = dict[str, Any]
DUE = {"payment": "offline", "shipping_amount": "0", "tax": {}}  # to be paid later, nothing beside the goods
PAID = DUE | {"payment": "card"}


def line(sku: str, price: str, quantity: Any = 1, **more: Any) -> Row:
    """A line spelled out, which asks no catalogue."""
    return {"sku": sku, "type": "simple", "price": price, "quantity": quantity, **more}


def place(shop: Api, *lines: Row, **recipe: Any) -> int:
    """Place one order; without more it is due, untaxed and shipped for nothing."""
    return int(sim(shop, "orders", {**DUE, "lines": list(lines), **recipe})["ids"][0])


def sim(shop: Api, path: str, body: Any = None, status: int = 0, method: str = "POST") -> Any:
    """A control call."""
    answer = requests.request(method, f"{shop.url}/_sim/{path}", json={} if body is None else body, timeout=20)
    assert answer.status_code in ((status,) if status else (200, 201)), answer.text
    return answer.json()


def order(shop: Api, order_id: int) -> Row:
    """The order as the API shows it, numbers as decimals."""
    return read(shop, f"/V1/orders/{order_id}")


def read(shop: Api, path: str) -> Row:
    """Any object of the API, numbers as decimals."""
    answer = shop.get(path)
    assert answer.status_code == 200, answer.text
    found: Row = answer.json(parse_float=Decimal)
    return found


def items(shop: Api, order_id: int) -> list[Row]:
    """The order's items by id."""
    found: list[Row] = order(shop, order_id)["items"]
    return found


def done(answer: requests.Response) -> int:
    """The id that an act answered, as quoted text."""
    assert answer.status_code == 200, answer.text
    assert isinstance(answer.json(), str)
    return int(answer.json())


def refused(answer: requests.Response, status: int = 400) -> str:
    """The message of a refusal."""
    assert answer.status_code == status, answer.text
    return str(answer.json()["message"])


def picked(row: Row, *names: str) -> list[Any]:
    """Some columns; an absent one is None."""
    return [row.get(name) for name in names]


def amounts(row: Row, *names: str) -> list[str]:
    """Amounts with two decimals."""
    return [f"{Decimal(row.get(name) or 0):.2f}" for name in names]
