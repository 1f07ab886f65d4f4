"""A shop with one of everything, and how an answer is held against the official schema (specs/README.md)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any

from jsonschema import Draft4Validator

from ipaas.sandbox.magento.official import Operation, Schema, official
from tests.sandbox.magento.magento_api import Api
from tests.sandbox.magento.sales_desk import PAID, done, line, place

PERSON = {"firstname": "Wal", "lastname": "Ker", "website_id": 1, "store_id": 1, "group_id": 1}
ADDRESS = {
    "firstname": "Wal",
    "lastname": "Ker",
    "street": ["18 Larch Row"],
    "city": "Ann Arbor",
    "region": {"region_code": "MI", "region": "Michigan", "region_id": 33},
    "postcode": "48104",
    "country_id": "US",
    "telephone": "734-555-0117",
    "default_billing": True,
    "default_shipping": True,
}
ERROR = {"$ref": "#/definitions/error-response"}
SCALARS = ("integer", "string", "number")


class World:
    """What a path may name. Each thing is made when first asked for, in the shop of this test."""

    sku, plain, configurable, bundle, virtual = "HP-TEE-RED-XS", "TRL-WALK", "HP-TEE", "KIT-MORNING", "SVC-REPAIR"
    source, stock, color, size, set_id = "harbor_main", 2, 93, 141, 4

    email, password = "walker@example.com", "Walk-1-mile"

    def __init__(self, shop: Api) -> None:
        self.shop, self.state = shop, shop.state

    @cached_property
    def order(self) -> int:
        """Placed, neither paid nor shipped."""
        return place(self.shop, line(self.sku, "24.00", 2), line(self.virtual, "35.00"))

    @cached_property
    def item(self) -> int:
        """The first item of the order."""
        return int(self.state.order_items.find(order_id=self.order)[0]["id"])

    @cached_property
    def invoice(self) -> int:
        """The whole order invoiced."""
        return done(self.shop.post(f"/V1/order/{self.order}/invoice", {}))

    @cached_property
    def shipment(self) -> int:
        """The whole order shipped, with a track and a comment."""
        body = {
            "items": [{"order_item_id": self.item, "qty": 1}],
            "comment": {"comment": "Packed", "is_visible_on_front": 0},
            "appendComment": True,
            "tracks": [{"carrier_code": "ups", "title": "UPS", "track_number": "1Z1"}],
            "arguments": {"extension_attributes": {"source_code": self.source}},
        }
        return done(self.shop.post(f"/V1/order/{self.order}/ship", body))

    @cached_property
    def track(self) -> int:
        """The shipment's track."""
        return int(self.state.tracks.find(parent_id=self.shipment)[0]["id"])

    @cached_property
    def memo(self) -> int:
        """One piece refunded."""
        assert self.invoice
        body = {"items": [{"order_item_id": self.item, "qty": 1}], "arguments": {"shipping_amount": 0}}
        return done(self.shop.post(f"/V1/order/{self.order}/refund", body))

    @cached_property
    def paid(self) -> int:
        """An order paid by card."""
        return place(self.shop, line(self.sku, "24.00"), **PAID)

    @cached_property
    def transaction(self) -> int:
        """The card's transaction."""
        return int(self.state.transactions.find(order_id=self.paid)[0]["id"])

    @cached_property
    def customer(self) -> int:
        """Somebody with a password and an address."""
        body = {"customer": {**PERSON, "email": self.email, "addresses": [ADDRESS]}, "password": self.password}
        answer = self.shop.post("/V1/customers", body)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["id"])

    @cached_property
    def address(self) -> int:
        """The customer's address."""
        return int(self.state.customer_addresses.find(customer_id=self.customer)[0]["id"])

    @cached_property
    def token(self) -> str:
        """The customer's token."""
        assert self.customer
        body = {"username": self.email, "password": self.password}
        return str(self.shop.post("/V1/integration/customer/token", body).json())

    def product(self, sku: str) -> Mapping[str, Any]:
        """A product's row."""
        found = self.state.products.first(sku_key=sku.casefold())
        assert found is not None
        return found


def complaints(version: str, operation: Operation, status: int, answer: Any) -> list[str]:
    """What is wrong with an answer, by the schema of its status; a void service answers []."""
    if status == 200 and operation.answer is None:
        return [] if answer == [] else [f"a void service answered {answer!r}"]
    schema: Schema = operation.answer if status == 200 and operation.answer else ERROR
    if schema.get("type") in SCALARS:
        return [] if _is_scalar(schema["type"], answer) else [f"{answer!r} is no {schema['type']}"]
    document = {**_loosened(schema), "definitions": _definitions(version)}
    errors = Draft4Validator(document).iter_errors(answer)
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in errors]


def _is_scalar(kind: str, answer: Any) -> bool:
    """A scalar result is not cast: an id may be a number in quotes, a text may be null (§3)."""
    if kind == "string":
        return answer is None or isinstance(answer, str)
    return isinstance(answer, int | float) or (isinstance(answer, str) and answer.isdecimal())


@lru_cache(maxsize=3)
def _definitions(version: str) -> dict[str, Any]:
    loose = {name: _loosened(schema) for name, schema in official(version).definitions.items()}
    return {**loose, "error-parameters": {"type": ["object", "array"]}}  # by name or by place (§4)


def _loosened(schema: Any, needed: bool = False) -> Any:
    """The schema as it is meant: what is required may be null, scalar results may be quoted numbers."""
    if isinstance(schema, list):
        return [_loosened(part) for part in schema]
    if not isinstance(schema, Mapping):
        return float(schema) if isinstance(schema, Decimal) else schema
    loose = {name: _loosened(part) for name, part in schema.items() if name not in ("properties", "xml")}
    if isinstance(schema.get("properties"), Mapping):
        wanted = schema.get("required", ())
        loose["properties"] = {
            name: _loosened_part(name, part, name in wanted) for name, part in schema["properties"].items()
        }
    return loose


def _loosened_part(name: str, part: Any, needed: bool) -> Any:
    """A property: null where it is required; an attribute's value is a list for some attributes (§3)."""
    loose = _loosened(part)
    if name == "value" and part.get("description") == "Attribute value":
        loose = {"type": ["string", "array"]}
    return {"anyOf": [loose, {"type": "null"}]} if needed else loose
