"""What an answer looks like: an example for each one of the OpenAPI document that brings none."""

from collections.abc import Iterator
from typing import Any

from ipaas.types import JSON

REFERENCE = "#/components/schemas/"
MOMENT, DAY, STORE = "2026-03-02T18:20:00Z", "2026-03-02", "5f0c2f9e-6f2b-4b5e-9f43-1f6f5b3f9a10"
BY_NAME: JSON = {  # name of a property → a value that it may have
    "id": 812,
    "flow": "orders",
    "external_id": "10457",
    "number": "10457",
    "label": "Order 10457",
    "reason": "Booked as BC-10457.",
    "currency": "USD",
    "target_id": "100318",
    "target_label": "BC-10457",
    "sku": "HT-M-RED",
    "item_number": "HT-M-RED",
    "name": "Harbor Tee",
    "kind": "stock_sync",
    "state": "done",
    "code": "item_not_linked",
    "title": "No Heartland item has the Item # “HT-M-RED”.",
    "fix": "Create the item in Heartland with exactly this Item #, or correct the SKU.",
    "owner": "merchant",
    "sentence": "Booked as BC-10457.",
    "heartland_item": "100425",
    "heartland_account": "Harbor & Pine POS",
    "heartland_customer": "100220",
    "domain": "harborpine.example",
    "source_status": "Awaiting Fulfillment",
    "status": "open",
    "method": "Credit Card",
    "shipping_method": "Ground",
    "cause": "webhook",
    "outcome": "booked",
    "system": "heartland",
    "amount": "53.25",
    "total": "53.25",
    "unit_price": "24.00",
    "tax": "3.10",
    "quantity": "2",
    "order": "10457",
    "subject": "HT-M-RED",
    "before": "4",
    "after": "3",
    "digest": "9f2c4e1a7b3d5f60",
    "host": "warehouse.example",
    "events": ["order.booked", "order.held"],
    "event": "order.booked",
    "next_cursor": None,
}
BY_FORMAT: JSON = {"date-time": MOMENT, "date": DAY, "uuid": STORE, "decimal": "53.25", "uri": "https://store.example/"}
BY_TYPE: JSON = {"integer": 1, "number": 1, "boolean": True, "string": "", "object": {}, "null": None}


def examples_add(document: JSON) -> None:
    """Give every answer of the document an example, made of its schema."""
    schemas = document["components"].get("schemas", {})
    for media in _answers(document):
        if "examples" not in media:
            media["example"] = example_of(media["schema"], schemas)


def _answers(document: JSON) -> Iterator[JSON]:
    for operations in document["paths"].values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                if status.startswith("2"):
                    yield from response.get("content", {}).values()


def example_of(schema: JSON, schemas: JSON, name: str = "") -> Any:
    """A value that the schema allows; `name` is that of the property it describes."""
    if reference := schema.get("$ref"):
        return example_of(schemas[reference.removeprefix(REFERENCE)], schemas, name)
    for joined in ("allOf", "oneOf", "anyOf"):
        if parts := schema.get(joined):
            return example_of(parts[0], schemas, name)
    if "enum" in schema:
        return schema["enum"][0]
    kinds = schema.get("type", "object")
    kind = kinds[0] if isinstance(kinds, list) else kinds
    if "properties" in schema:
        return {key: example_of(value, schemas, key) for key, value in schema["properties"].items()}
    if kind == "array":
        return BY_NAME[name] if name in BY_NAME else [example_of(schema["items"], schemas, name)]
    if name in BY_NAME and _fits(BY_NAME[name], kinds):
        return BY_NAME[name]
    if schema.get("format") in BY_FORMAT and kind == "string":
        return BY_FORMAT[schema["format"]]
    return BY_TYPE[kind]


def _fits(value: Any, kinds: Any) -> bool:
    allowed = kinds if isinstance(kinds, list) else [kinds]
    return {int: "integer", str: "string", list: "array", type(None): "null"}[type(value)] in allowed
