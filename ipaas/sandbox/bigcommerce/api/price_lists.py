"""V3 price lists: lists, records by variant and currency, assignments to groups and channels (official schema)."""

from __future__ import annotations

from typing import Any

from ipaas.sandbox.bigcommerce.api.common import Call, Endpoints, numbers, v3_list, v3_one, words
from ipaas.sandbox.bigcommerce.errors import Refused, bad_fields, not_found
from ipaas.sandbox.bigcommerce.scopes import PRODUCTS
from ipaas.sandbox.bigcommerce.state import Row
from ipaas.sandbox.bigcommerce.wire import iso_z, number, parse_decimal
from ipaas.sandbox.core.web import Reply, Router, empty

router: Router[Any] = Router()
v3 = Endpoints(router, "v3")
PRICES = ("price", "sale_price", "retail_price", "map_price")
MOST_UPSERTED, MOST_CREATED, MOST_ASSIGNED = 1_000, 100, 25
ONE = "/pricelists/<int:list_id>"
RECORD = f"{ONE}/records/<int:variant_id>/<currency>"


# --- lists ----------------------------------------------------------------------------------------


def _shown(row: Row) -> Row:
    dates = {name: iso_z(row[name]) for name in ("date_created", "date_modified")}
    return {"id": row["id"], "name": row["name"], **dates, "active": row["active"]}


def _list(call: Call, list_id: int) -> Row:
    row = call.state.price_lists.get(list_id)
    if row is None:
        raise not_found()
    return row


def _read(call: Call, body: Row, own_id: int | None) -> Row:
    found: Row = {name: body[name] for name in ("name", "active") if name in body}
    if own_id is None and not found.get("name"):
        raise Refused(422, "Missing Required Fields", errors={"name": "name is required"})
    if not isinstance(found.get("name", ""), str) or not isinstance(found.get("active", True), bool):
        raise bad_fields({"name": "name must be a string and active a boolean"})
    if any(row["name"] == found.get("name") and row["id"] != own_id for row in call.state.price_lists.all()):
        raise Refused(409, "The price list name is a duplicate", errors={"name": "name must be unique"})
    return found


@v3("GET", "/pricelists", PRODUCTS)
def lists_list(call: Call) -> Reply:
    """Lists by id or name."""
    rows = list(call.state.price_lists.all())
    if text := call.arg("id:in"):
        wanted = numbers("id:in", text)
        rows = [row for row in rows if row["id"] in wanted]
    if text := call.arg("name"):
        rows = [row for row in rows if row["name"] == text]
    return v3_list(call, rows, _shown)


@v3("POST", "/pricelists", PRODUCTS)
def list_post(call: Call) -> Reply:
    """Make a list."""
    now = call.state.now()
    fields = _read(call, call.body(), None)
    row = call.state.price_lists.insert({"active": True, **fields, "date_created": now, "date_modified": now})
    call.state.emit("store/priceList/created", {"price_list_id": row["id"]})
    return v3_one(call, _shown(row))


@v3("GET", ONE, PRODUCTS)
def list_get(call: Call, list_id: int) -> Reply:
    """One list."""
    return v3_one(call, _shown(_list(call, list_id)))


@v3("PUT", ONE, PRODUCTS)
def list_put(call: Call, list_id: int) -> Reply:
    """Change a list."""
    _list(call, list_id)
    row = call.state.price_lists.update(list_id, _read(call, call.body(), list_id), date_modified=call.state.now())
    call.state.emit("store/priceList/updated", {"price_list_id": list_id})
    return v3_one(call, _shown(row))


@v3("DELETE", ONE, PRODUCTS)
def list_delete(call: Call, list_id: int) -> Reply:
    """Remove a list with its records and assignments."""
    _list(call, list_id)
    for table in (call.state.price_records, call.state.price_assignments):
        for row in [row for row in table.all() if row["price_list_id"] == list_id]:
            table.delete(row["id"])
    call.state.price_lists.delete(list_id)
    call.state.emit("store/priceList/deleted", {"price_list_id": list_id})
    return empty(204)


# --- records --------------------------------------------------------------------------------------


def _record(call: Call, row: Row) -> Row:
    prices = {name: number(row[name]) for name in PRICES}
    known = "sku" in words(call.arg("include") or "")
    return {
        "price_list_id": row["price_list_id"],
        "variant_id": row["variant_id"],
        **prices,
        "calculated_price": number(row["sale_price"] if row["sale_price"] is not None else row["price"]),
        "date_created": iso_z(row["date_created"]),
        "date_modified": iso_z(row["date_modified"]),
        "currency": row["currency"],
        "product_id": row["product_id"],
        **({"sku": row["sku"]} if known else {}),
        "bulk_pricing_tiers": row["bulk_pricing_tiers"],
    }


def _records(call: Call, list_id: int) -> list[Row]:
    rows = call.state.price_records.find(price_list_id=list_id)
    for name in ("variant_id", "product_id", "currency", "sku"):
        text = call.arg(f"{name}:in") or call.arg(name)
        if text:
            wanted = {word.casefold() for word in words(text)}
            rows = [row for row in rows if str(row[name]).casefold() in wanted]
    return rows


def _found(call: Call, list_id: int, variant_id: int, currency: str) -> Row | None:
    rows = call.state.price_records.find(price_list_id=list_id)
    return next((row for row in rows if (row["variant_id"], row["currency"]) == (variant_id, currency.lower())), None)


def _fields(body: Row) -> Row:
    found: Row = {}
    for name in PRICES:
        try:
            if name in body:
                found[name] = None if body[name] is None else parse_decimal(body[name])
        except ValueError as exc:
            raise bad_fields({name: str(exc)}) from exc
    tiers = body.get("bulk_pricing_tiers")
    if tiers is not None:
        if not isinstance(tiers, list):
            raise bad_fields({"bulk_pricing_tiers": "must be an array"})
        found["bulk_pricing_tiers"] = tiers
    return found


def _upsert(call: Call, list_id: int, body: Row, *, fresh: bool = False) -> None:
    table, sku, currency = call.state.variants, body.get("sku"), body.get("currency")
    wish = body.get("variant_id")
    variant = table.get(wish) if isinstance(wish, int) else table.first(sku=sku) if isinstance(sku, str) else None
    if variant is None:
        raise bad_fields({"variant_id": "variant_id or sku must name a variant"})
    if not isinstance(currency, str) or len(currency) != 3:
        raise bad_fields({"currency": "a currency code of three letters is required"})
    fields, now = _fields(body), call.state.now()
    known = _found(call, list_id, variant["id"], currency)
    told = {"price_list_id": list_id, "variant_id": variant["id"], "currency": currency.upper()}
    if known is not None and fresh:
        raise bad_fields({"variant_id": "The record exists already"})
    if known is not None:
        call.state.price_records.update(known["id"], fields, date_modified=now)
        call.state.emit("store/priceList/record/updated", told)
        return
    if fields.get("price") is None:
        raise bad_fields({"price": "price is required"})
    about = {"price_list_id": list_id, "variant_id": variant["id"], "product_id": variant["product_id"]}
    blank: Row = {**dict.fromkeys(PRICES), "bulk_pricing_tiers": [], "sku": variant["sku"]}
    row = {**blank, **fields, **about, "currency": currency.lower(), "date_created": now, "date_modified": now}
    call.state.price_records.insert(row)
    call.state.emit("store/priceList/record/created", told)


def _batch(call: Call, list_id: int, most: int, *, fresh: bool) -> Reply:
    """All entries by themselves; 422 with `batch_errors` when any failed, the others stay."""
    errors = []
    for body in call.array(most):
        try:
            _upsert(call, list_id, body, fresh=fresh)
        except Refused as exc:
            names = ("variant_id", "sku", "currency")
            told = {"price_list_id": list_id, **{name: body[name] for name in names if name in body}}
            errors.append({"data": told, "field_errors": exc.errors or {}})
    return call.reply({"batch_errors": errors}, 422) if errors else call.reply({"data": {}, "meta": {}})


@v3("GET", f"{ONE}/records", PRODUCTS)
def records_list(call: Call, list_id: int) -> Reply:
    """Records by variant, product, SKU or currency."""
    _list(call, list_id)
    return v3_list(call, _records(call, list_id), lambda row: _record(call, row))


@v3("PUT", f"{ONE}/records", PRODUCTS)
def records_put(call: Call, list_id: int) -> Reply:
    """Make or change at most 1,000."""
    _list(call, list_id)
    return _batch(call, list_id, MOST_UPSERTED, fresh=False)


@v3("POST", f"{ONE}/records", PRODUCTS)
def records_post(call: Call, list_id: int) -> Reply:
    """Make at most 100."""
    _list(call, list_id)
    return _batch(call, list_id, MOST_CREATED, fresh=True)


@v3("DELETE", f"{ONE}/records", PRODUCTS)
def records_delete(call: Call, list_id: int) -> Reply:
    """Remove by filter; without one nothing is removed."""
    _list(call, list_id)
    for row in _records(call, list_id) if call.request.args else []:
        call.state.price_records.delete(row["id"])
    return empty(204)


@v3("GET", f"{ONE}/records/<int:variant_id>", PRODUCTS)
def variant_records(call: Call, list_id: int, variant_id: int) -> Reply:
    """Records of one variant in all currencies."""
    _list(call, list_id)
    rows = [row for row in _records(call, list_id) if row["variant_id"] == variant_id]
    return v3_list(call, rows, lambda row: _record(call, row))


@v3("GET", RECORD, PRODUCTS)
def record_get(call: Call, list_id: int, variant_id: int, currency: str) -> Reply:
    """One record."""
    row = _found(call, list_id, variant_id, currency)
    if row is None:
        raise not_found()
    return v3_one(call, _record(call, row))


@v3("PUT", RECORD, PRODUCTS)
def record_put(call: Call, list_id: int, variant_id: int, currency: str) -> Reply:
    """Make or change one."""
    _list(call, list_id)
    _upsert(call, list_id, {**call.body(), "variant_id": variant_id, "currency": currency})
    return record_get(call, list_id, variant_id, currency)


@v3("DELETE", RECORD, PRODUCTS)
def record_delete(call: Call, list_id: int, variant_id: int, currency: str) -> Reply:
    """Remove one."""
    row = _found(call, list_id, variant_id, currency)
    if row is not None:
        call.state.price_records.delete(row["id"])
        told = {"price_list_id": list_id, "variant_id": variant_id, "currency": currency.upper()}
        call.state.emit("store/priceList/record/deleted", told)
    return empty(204)


# --- assignments ----------------------------------------------------------------------------------


def _assignments(call: Call) -> list[Row]:
    rows = list(call.state.price_assignments.all())
    for name in ("id", "price_list_id", "customer_group_id", "channel_id"):
        if text := call.arg(f"{name}:in") or call.arg(name):
            wanted = numbers(name, text)
            rows = [row for row in rows if row[name] in wanted]
    return rows


@v3("GET", "/pricelists/assignments", PRODUCTS)
def assignments_list(call: Call) -> Reply:
    """Which group on which channel has which list."""
    return v3_list(call, _assignments(call), lambda row: row)


@v3("POST", "/pricelists/assignments", PRODUCTS)
def assignments_post(call: Call) -> Reply:
    """Assign at most 25; one group has one list per channel."""
    for place, body in enumerate(call.array(MOST_ASSIGNED)):
        row = {name: body.get(name) for name in ("price_list_id", "customer_group_id", "channel_id")}
        known = isinstance(row["price_list_id"], int) and row["price_list_id"] in call.state.price_lists
        if not known or not (row["customer_group_id"] or row["channel_id"]):
            raise bad_fields({f"{place}.price_list_id": "price_list_id and a customer group or channel are required"})
        key = (row["customer_group_id"], row["channel_id"])
        for other in list(call.state.price_assignments.all()):
            if (other["customer_group_id"], other["channel_id"]) == key:
                call.state.price_assignments.delete(other["id"])
        call.state.price_assignments.insert(row)
        call.state.emit("store/priceList/assignment/updated", row)
    return call.reply({"data": {}, "meta": {}})


@v3("DELETE", "/pricelists/assignments", PRODUCTS)
def assignments_delete(call: Call) -> Reply:
    """Remove by filter; without one it is refused."""
    if not call.request.args:
        raise Refused(422, "A filter is required to delete price list assignments")
    for row in _assignments(call):
        call.state.price_assignments.delete(row["id"])
        call.state.emit("store/priceList/assignment/deleted", {name: row[name] for name in row if name != "id"})
    return empty(204)
