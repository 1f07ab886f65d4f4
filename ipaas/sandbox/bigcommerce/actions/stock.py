"""Stock of items at locations (note §20): levels, adjustments applied later, what orders take and give back."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from ipaas.sandbox.bigcommerce.errors import Refused
from ipaas.sandbox.bigcommerce.state import Row, State, objects

DEFAULT_LOCATION = 1
MOST = 2_147_483_647
MAX_ITEMS = 2_000
PRODUCT, VARIANT = 0, 1
LOCATION_BITS = 10  # a stock row's id holds item, kind and location, so that it is found without an index


def item_key(kind: int, item_id: int) -> int:
    """Number of an item: a product tracked as a whole or one variant."""
    return item_id * 2 + kind


def tracking(product: Row | None) -> str:
    """`none`, `product` or `variant` (§18)."""
    return str(product["inventory_tracking"]) if product else "none"


def level(state: State, variant: Row, location_id: int, kind: int) -> Row:
    """The stock row of a variant, or of its product when `kind` says so; a fresh zero row when nothing is stored."""
    item_id = variant["id"] if kind == VARIANT else variant["product_id"]
    item = item_key(kind, item_id)
    row_id = (item << LOCATION_BITS) + location_id
    stored = state.stock.get(row_id)
    if stored is not None:
        return stored
    base = dict(variant.get("base_stock") or ())
    return {
        "id": row_id,
        "item": item,
        "location_id": location_id,
        "product_id": variant["product_id"],
        "variant_id": variant["id"],
        "onhand": base.get(location_id, 0),
        "safety_stock": 0,
        "warning_level": 0,
        "is_in_stock": True,
        "bin_picking_number": "",
        "absolute": location_id in base,
    }


def available(row: Row) -> int:
    """What can be sold: on hand less safety stock (§20.1)."""
    return int(row["onhand"] - row["safety_stock"])


def _write(state: State, row: Row, **changes: Any) -> Row:
    if row["id"] in state.stock:
        return state.stock.update(row["id"], changes)
    return state.stock.insert({**row, **changes})


def sellable_locations(state: State) -> list[int]:
    """Locations whose stock the storefront counts: the default one, or all enabled with aggregation (§18)."""
    if not state.switches["stock_aggregation"]:
        return [DEFAULT_LOCATION]
    return [row["id"] for row in state.locations.all() if row["enabled"]]


def variant_level(state: State, variant: Row) -> int:
    """`inventory_level` of a variant tracked by variant."""
    return sum(max(0, available(level(state, variant, place, VARIANT))) for place in sellable_locations(state))


def product_level(state: State, product: Row, variants: list[Row]) -> int:
    """`inventory_level` of a product: its own stock, or the sum over variants (§18)."""
    mode = tracking(product)
    if mode == "none" or not variants:
        return 0
    if mode == "variant":
        return sum(variant_level(state, variant) for variant in variants)
    return sum(max(0, available(level(state, variants[0], place, PRODUCT))) for place in sellable_locations(state))


# --- events --------------------------------------------------------------------------------------


def _announce(
    state: State, product: Row, variant: Row, location_id: int, *, method: str, value: int, row: Row, by_order: bool
) -> None:
    """Every event that one changed level causes (§25.2, §25.3)."""
    suffix = "order/updated" if by_order else "updated"
    if tracking(product) == "variant" and variant["sku_id"] is not None:
        state.emit(
            f"store/sku/inventory/{suffix}",
            {
                "type": "sku",
                "id": variant["sku_id"],
                "inventory": {
                    "product_id": product["id"],
                    "variant_id": variant["id"],
                    "method": method,
                    "value": value,
                },
            },
        )
    else:
        state.emit(
            f"store/product/inventory/{suffix}",
            {
                "type": "product",
                "id": product["id"],
                "inventory": {"product_id": product["id"], "method": method, "value": value},
            },
        )
    where = {"variant_id": variant["id"], "product_id": product["id"], "location_id": location_id}
    state.emit("store/channel/*/inventory/product/stock_changed", where)
    if available(row) <= 0:
        state.emit("store/channel/*/inventory/product/out_of_stock_reached", where)
    elif available(row) <= row["warning_level"]:
        state.emit("store/channel/*/inventory/product/low_stock_reached", where)
    state.emit("store/product/updated", {"type": "product", "id": product["id"]})


# --- adjustments through the API -----------------------------------------------------------------


def resolve(state: State, item: Row, place: str) -> tuple[Row, Row]:
    """Variant and product an adjustment or setting names. Raises `LookupError` with the identity as text."""
    named = [name for name in ("variant_id", "product_id", "sku") if item.get(name) is not None]
    if len(named) != 1:
        raise Refused(
            422,
            "Exactly one of variant_id, product_id or sku is required",
            errors={place: "exactly one of variant_id, product_id or sku is required"},
        )
    name, value = named[0], item[named[0]]
    variant: Row | None
    if name == "sku":
        variant = state.variants.first(sku=value)
    elif name == "variant_id":
        variant = state.variants.get(value) if isinstance(value, int) else None
    else:
        variant = next(iter(state.variants.find(product_id=value)), None)
    product = state.products.get(variant["product_id"]) if variant else None
    if variant is None or product is None:
        raise LookupError(f"[{name} {value}]")
    mode = tracking(product)
    is_lenient = state.switches["product_identity"] == "any" and len(state.variants.find(product_id=product["id"])) == 1
    if mode == "product" and name != "product_id" and not is_lenient:
        raise Refused(422, f"[Item with {name} {value} is tracked by product, please update stock by product id]")
    if mode == "variant" and name == "product_id":
        raise Refused(422, f"[Item with product_id {value} is tracked by variant, please update stock by variant id]")
    return variant, product


def _kind(product: Row) -> int:
    return VARIANT if tracking(product) == "variant" else PRODUCT


def _check_item(state: State, index: int, item: Any, *, signed: bool) -> Row | None:
    """One adjustment line as what is to be done, or None when it is to be skipped. Raises `Refused`."""
    place = f"items.{index}"
    if not isinstance(item, dict):
        raise Refused(422, "Payload contains invalid fields", errors={place: "must be an object"})
    quantity, location_id = item.get("quantity"), item.get("location_id")
    if not isinstance(quantity, int) or isinstance(quantity, bool):
        raise Refused(422, "Payload contains invalid fields", errors={f"{place}.quantity": "must be an integer"})
    if abs(quantity) > MOST and state.switches["stock_over_max"] == "ignore":
        return None
    if (quantity < 0 and not signed) or abs(quantity) > MOST:
        raise Refused(
            422,
            f"Payload contains invalid fields: quantity {quantity} is out of range",
            errors={f"{place}.quantity": f"must be between 0 and {MOST}"},
        )
    if not isinstance(location_id, int) or location_id not in state.locations:
        raise Refused(
            422, f"Location with id {location_id} not found", errors={f"{place}.location_id": "location not found"}
        )
    try:
        variant, product = resolve(state, item, place)
    except LookupError as exc:
        if state.switches["unknown_identity"] == "ignore":
            return None
        raise Refused(422, f"Items with identity: {exc} were not found") from exc
    if tracking(product) == "none" and state.switches["untracked_item"] == "refuse":
        raise Refused(422, f"[Item with product_id {product['id']} is not tracked]")
    return {"variant_id": variant["id"], "location_id": location_id, "quantity": quantity, "identity": _identity(item)}


def _identity(item: Row) -> str:
    name = next(name for name in ("variant_id", "product_id", "sku") if item.get(name) is not None)
    return f"[{name} {item[name]}]"


def _check_all(state: State, payload: Row, *, signed: bool) -> list[Row]:
    items = payload.get("items")
    if not isinstance(items, list) or not items:
        raise Refused(422, "Payload contains invalid fields", errors={"items": "must not be empty"})
    if len(items) > MAX_ITEMS:
        raise Refused(413, f"The request payload is too large. The maximum items allowed in the array is {MAX_ITEMS}")
    checked = (_check_item(state, index, item, signed=signed) for index, item in enumerate(items))
    return [work for work in checked if work is not None]


def inventory_absolute(state: State, payload: Row) -> str:
    """Accept an absolute adjustment; nothing is applied when one item is bad (§20.2). Answers the transaction id."""
    work = _check_all(state, payload, signed=False)
    return _queue(state, work, "absolute")


def inventory_relative(state: State, payload: Row) -> str:
    """Accept a relative adjustment (§20.3): needs an earlier absolute and must not fall below safety stock."""
    work = _check_all(state, payload, signed=True)
    for line in work:
        row = _work_row(state, line)
        if row is None or not row["absolute"]:
            raise Refused(422, f"Items with identity: {line['identity']} requires absolute adjustment before relative")
        if available(row) + line["quantity"] < 0:
            raise Refused(422, f"Items with identity: {line['identity']} cannot fall below the safety stock")
    return _queue(state, work, "relative")


def _work_row(state: State, line: Row) -> Row | None:
    variant = state.variants.get(line["variant_id"])
    product = state.products.get(variant["product_id"]) if variant else None
    if variant is None or product is None:
        return None
    return level(state, variant, line["location_id"], _kind(product))


def _queue(state: State, work: list[Row], method: str) -> str:
    lines = [[line["variant_id"], line["location_id"], line["quantity"]] for line in work]
    delay = state.switches["inventory_delay"]
    if delay > 0:
        state.at(delay, "adjust", method=method, lines=lines)
    else:
        adjust(state, method, lines)
    return str(uuid.uuid4())


def adjust(state: State, method: str, lines: Iterable[list[int]]) -> None:
    """Apply accepted adjustment lines [variant, location, quantity]; what was deleted meanwhile is left out."""
    for variant_id, location_id, quantity in lines:
        variant = state.variants.get(variant_id)
        product = state.products.get(variant["product_id"]) if variant else None
        if variant is None or product is None:
            continue
        row = level(state, variant, location_id, _kind(product))
        onhand = quantity if method == "absolute" else row["onhand"] + quantity
        row = _write(state, row, onhand=onhand, absolute=True, previous=row["onhand"], changed_at=state.now())
        if tracking(product) != "none":
            _announce(state, product, variant, location_id, method=method, value=quantity, row=row, by_order=False)


def stock_set(state: State, variant: Row, location_id: int, onhand: int) -> None:
    """Write a level without checks and events (seed, catalog writes with `inventory_level`)."""
    product = state.products.get(variant["product_id"])
    if product is not None:
        _write(state, level(state, variant, location_id, _kind(product)), onhand=onhand, absolute=True)


def _setting_fields(entry: Row, place: str) -> Row:
    """The settings of one item, checked."""
    names = ("safety_stock", "warning_level", "is_in_stock", "bin_picking_number")
    found: Row = {name: entry[name] for name in names if name in entry}
    for name, value in found.items():
        if name in ("safety_stock", "warning_level"):
            good = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST
        else:
            good = isinstance(value, bool if name == "is_in_stock" else str)
        if not good:
            raise Refused(422, "Payload contains invalid fields", errors={f"{place}.{name}": "is not valid"})
    return found


def settings_write(state: State, location_id: int, settings: Any) -> str:
    """Safety stock, warning level and the rest of §20.5, at most 2,000 identities."""
    if not settings or objects(settings) is None:
        raise Refused(422, "Payload contains invalid fields", errors={"settings": "must not be empty"})
    if len(settings) > MAX_ITEMS:
        raise Refused(413, f"The request payload is too large. The maximum items allowed in the array is {MAX_ITEMS}")
    found = []
    for index, entry in enumerate(settings):
        place, identity = f"settings.{index}", entry.get("identity")
        try:
            found.append(
                (resolve(state, identity if isinstance(identity, dict) else {}, place), _setting_fields(entry, place))
            )
        except LookupError as exc:
            raise Refused(422, f"Items with identity: {exc} were not found") from exc
    for (variant, product), changes in found:
        _write(state, level(state, variant, location_id, _kind(product)), **changes)
        state.emit(
            "store/channel/*/inventory/product/settings_changed",
            {"variant_id": variant["id"], "product_id": product["id"], "location_id": location_id},
        )
    return str(uuid.uuid4())


# --- orders --------------------------------------------------------------------------------------


def order_moves_stock(state: State, lines: Iterable[Row], sign: int) -> None:
    """Take (`sign` -1) or give back (+1) what order lines hold, children of pick lists by themselves (§26)."""
    for line in lines:
        take(state, line["variant_id"], sign * (line["quantity"] - line.get("quantity_refunded", 0)))


def take(state: State, variant_id: int | None, delta: int) -> None:
    """Change the stock of one sold variant by `delta`; nothing for custom, certificate and untracked lines."""
    variant = state.variants.get(variant_id) if variant_id else None
    product = state.products.get(variant["product_id"]) if variant else None
    if variant is None or product is None or delta == 0:
        return
    state.products.update(product["id"], total_sold=max(0, product["total_sold"] - delta))
    if tracking(product) == "none":
        state.emit("store/product/updated", {"type": "product", "id": product["id"]})
        return
    row = level(state, variant, DEFAULT_LOCATION, _kind(product))
    row = _write(state, row, onhand=row["onhand"] + delta, absolute=True)
    _announce(state, product, variant, DEFAULT_LOCATION, method="relative", value=delta, row=row, by_order=True)
