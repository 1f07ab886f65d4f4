"""V3 customers, addresses, attributes (note §22)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from ipaas.sandbox.bigcommerce import actions
from ipaas.sandbox.bigcommerce.actions.customers import email_key
from ipaas.sandbox.bigcommerce.api.common import (
    Call,
    Endpoints,
    Test,
    numbers,
    pagination,
    refuse_unknown,
    v3_list,
    v3_page,
    words,
)
from ipaas.sandbox.bigcommerce.api.customer_forms import values_of
from ipaas.sandbox.bigcommerce.errors import bad_fields
from ipaas.sandbox.bigcommerce.scopes import CUSTOMERS
from ipaas.sandbox.bigcommerce.state import Row
from ipaas.sandbox.bigcommerce.wire import iso_z, number, parse_date
from ipaas.sandbox.core.web import Reply, Router, empty

router: Router[Any] = Router()
v3 = Endpoints(router, "v3")
MAX_CUSTOMERS, MAX_ADDRESSES = 10, 10
SORTS = ("date_created", "last_name", "date_modified", "id")
INCLUDES = {"addresses", "storecredit", "attributes", "formfields", "shopper_profile_id", "segment_ids"}


# --- objects --------------------------------------------------------------------------------------


def address_object(row: Row) -> Row:
    """A customer address."""
    names = (
        "id",
        "customer_id",
        "first_name",
        "last_name",
        "company",
        "address1",
        "address2",
        "city",
        "state_or_province",
        "postal_code",
        "country_code",
        "phone",
        "address_type",
        "country",
    )
    return {name: row[name] for name in names}


def value_object(row: Row) -> Row:
    """An attribute value."""
    return {
        "id": row["id"],
        "customer_id": row["customer_id"],
        "attribute_id": row["attribute_id"],
        "attribute_value": row["value"],
        "date_created": iso_z(row["date_created"]),
        "date_modified": iso_z(row["date_modified"]),
    }


def customer_object(call: Call, row: Row, include: set[str]) -> Row:
    """A customer of §22, with what `include` names."""
    state = call.state
    addresses = state.customer_addresses.find(customer_id=row["id"])
    values = state.attribute_values.find(customer_id=row["id"])
    out: Row = {
        "id": row["id"],
        "email": row["email"],
        "first_name": row["first_name"],
        "last_name": row["last_name"],
        "company": row["company"],
        "phone": row["phone"],
        "registration_ip_address": row["registration_ip_address"],
        "notes": row["notes"],
        "tax_exempt_category": row["tax_exempt_category"],
        "customer_group_id": row["customer_group_id"],
        "date_created": iso_z(row["date_created"]),
        "date_modified": iso_z(row["date_modified"]),
        "address_count": len(addresses),
        "attribute_count": len(values),
        "authentication": {"force_password_reset": row["force_password_reset"]},
        "origin_channel_id": row["origin_channel_id"],
        "channel_ids": row["channel_ids"],
        "accepts_product_review_abandoned_cart_emails": row["accepts_product_review_abandoned_cart_emails"],
    }
    if "storecredit" in include:
        out["store_credit_amounts"] = [{"amount": number(row["store_credit"])}]
    if "addresses" in include:
        out["addresses"] = [address_object(address) for address in addresses]
    if "attributes" in include:
        out["attributes"] = [value_object(value) for value in values]
    if "formfields" in include:
        out["form_fields"] = [{**field, "customer_id": row["id"]} for field in values_of(state, row["id"])]
    if "shopper_profile_id" in include:
        out["shopper_profile_id"] = None
    if "segment_ids" in include:
        out["segment_ids"] = []
    return out


def _include(call: Call) -> set[str]:
    names = words(call.arg("include") or "")
    if names - INCLUDES:
        raise bad_fields({"include": f"include must be of {', '.join(sorted(INCLUDES))}"})
    return names


# --- filters --------------------------------------------------------------------------------------


def _full_name(row: Row) -> str:
    return f"{row['first_name']} {row['last_name']}".casefold()


def _text_test(field: str, text: str) -> Test:
    wanted = {word.casefold() for word in words(text)}
    return lambda row: row[field].casefold() in wanted


def _name_test(text: str) -> Test:
    wanted = {word.casefold() for word in words(text)}
    return lambda row: _full_name(row) in wanted


def _date_test(name: str, text: str) -> Test:
    field, _, operator = name.partition(":")
    try:
        moment = parse_date(text)
    except ValueError as exc:
        raise bad_fields({name: "must be a date"}) from exc
    if operator == "min":
        return lambda row: bool(row[field] >= moment)
    return lambda row: bool(row[field] <= moment) if operator == "max" else row[field] == moment


def _tests(call: Call) -> list[Test]:
    readers: dict[str, Callable[[str], Test]] = {
        **{
            f"{field}:in": lambda text, field=field: _text_test(field, text)  # type: ignore[misc]
            for field in ("company", "phone", "registration_ip_address")
        },
        "name:in": _name_test,
        "name:like": lambda text: lambda row: text.casefold() in _full_name(row),
        "customer_group_id:in": lambda text: lambda row: row["customer_group_id"] in numbers("group", text),
    }
    for field in ("date_created", "date_modified"):
        for name in (field, f"{field}:min", f"{field}:max"):
            readers[name] = lambda text, name=name: _date_test(name, text)  # type: ignore[misc]
    refuse_unknown(call, {*readers, "id:in", "email:in"})
    return [reader(text) for name, reader in readers.items() if (text := call.arg(name))]


def _customers(call: Call) -> list[Row]:
    """Customers that pass the filters, sorted."""
    table, tests = call.state.customers, _tests(call)
    if text := call.arg("id:in"):
        rows = [row for number_ in sorted(numbers("id:in", text)) if (row := table.get(number_)) is not None]
    elif text := call.arg("email:in"):
        rows = [row for email in words(text) for row in table.find(email_key=email_key(email))]
    else:
        rows = list(table.all())
    rows = [row for row in rows if all(test(row) for test in tests)]
    field, _, direction = (call.arg("sort") or "id:asc").partition(":")
    if field not in SORTS or direction not in ("", "asc", "desc"):
        raise bad_fields({"sort": f"sort must be one of {', '.join(SORTS)} with :asc or :desc"})
    return sorted(rows, key=lambda row: (row[field], row["id"]), reverse=direction == "desc")


# --- cursors --------------------------------------------------------------------------------------


def _cursor(row: Row) -> str:
    return base64.urlsafe_b64encode(f"id:{row['id']}".encode()).decode()


def _place(rows: list[Row], cursor: str) -> int:
    for place, row in enumerate(rows):
        if _cursor(row) == cursor:
            return place
    raise bad_fields({"after": "The cursor is not valid"})


def _cursor_meta(rows: list[Row], limit: int, *, more: bool) -> Row:
    start, end = (_cursor(rows[0]), _cursor(rows[-1])) if rows else (None, None)
    links = {"next": f"?after={end}&limit={limit}"} if more else {}
    return {"count": len(rows), "per_page": limit, "start_cursor": start, "end_cursor": end, "links": links}


@v3("GET", "/customers", CUSTOMERS)
def customers_list(call: Call) -> Reply:
    """List; page 1 carries both page styles, `after` and `before` walk by cursor (§6.2)."""
    include, rows = _include(call), _customers(call)
    page, limit = v3_page(call)
    if cursor := call.arg("after") or call.arg("before"):
        place = _place(rows, cursor)
        shown = rows[place + 1 : place + 1 + limit] if call.arg("after") else rows[max(0, place - limit) : place]
        more = bool(shown) and rows[-1]["id"] != shown[-1]["id"]
        meta: Row = {"cursor_pagination": _cursor_meta(shown, limit, more=more)}
    else:
        shown = rows[(page - 1) * limit : page * limit]
        meta = {"pagination": pagination(len(rows), len(shown), page, limit)}
        if page == 1:
            meta["cursor_pagination"] = _cursor_meta(shown, limit, more=len(rows) > limit)
    return call.reply({"data": [customer_object(call, row, include) for row in shown], "meta": meta})


def _written(call: Call, rows: list[Row]) -> Reply:
    return call.reply({"data": [customer_object(call, row, {"storecredit"}) for row in rows], "meta": {}})


@v3("POST", "/customers", CUSTOMERS)
def customers_post(call: Call) -> Reply:
    """Make at most 10."""
    return _written(call, actions.customers_create(call.state, call.array(MAX_CUSTOMERS)))


@v3("PUT", "/customers", CUSTOMERS)
def customers_put(call: Call) -> Reply:
    """Change at most 10."""
    return _written(call, actions.customers_update(call.state, call.array(MAX_CUSTOMERS)))


@v3("DELETE", "/customers", CUSTOMERS)
def customers_delete(call: Call) -> Reply:
    """Remove by `id:in`; without it nothing happens and 204 comes back."""
    for row_id in numbers("id:in", call.arg("id:in") or ""):
        actions.customer_delete(call.state, row_id)
    return empty(204)


# --- addresses ------------------------------------------------------------------------------------


@v3("GET", "/customers/addresses", CUSTOMERS)
def addresses_list(call: Call) -> Reply:
    """Addresses by customer, id, name or company."""
    table = call.state.customer_addresses
    if text := call.arg("customer_id:in"):
        rows = [row for number_ in sorted(numbers("customer_id:in", text)) for row in table.find(customer_id=number_)]
    else:
        rows = list(table.all())
    if text := call.arg("id:in"):
        wanted = numbers("id:in", text)
        rows = [row for row in rows if row["id"] in wanted]
    for name, test in (("name:in", _name_test), ("company:in", lambda text: _text_test("company", text))):
        if text := call.arg(name):
            check = test(text)
            rows = [row for row in rows if check(row)]
    return v3_list(call, rows, address_object)


@v3("POST", "/customers/addresses", CUSTOMERS)
def addresses_post(call: Call) -> Reply:
    """Add addresses; one that exists already is missing from the answer."""
    rows = [actions.address_create(call.state, body, f"{n}.") for n, body in enumerate(call.array(MAX_ADDRESSES))]
    return call.reply({"data": [address_object(row) for row in rows if row is not None], "meta": {}})


@v3("PUT", "/customers/addresses", CUSTOMERS)
def addresses_put(call: Call) -> Reply:
    """Change addresses."""
    rows = [actions.address_update(call.state, body, f"{n}.") for n, body in enumerate(call.array(MAX_ADDRESSES))]
    return call.reply({"data": [address_object(row) for row in rows], "meta": {}})


@v3("DELETE", "/customers/addresses", CUSTOMERS)
def addresses_delete(call: Call) -> Reply:
    """Remove by `id:in`."""
    for row_id in numbers("id:in", call.arg("id:in") or ""):
        actions.address_delete(call.state, row_id)
    return empty(204)


# --- attributes -----------------------------------------------------------------------------------


def _attribute(row: Row) -> Row:
    return {
        "id": row["id"],
        "name": row["name"],
        "type": row["type"],
        "date_created": iso_z(row["date_created"]),
        "date_modified": iso_z(row["date_modified"]),
    }


@v3("GET", "/customers/attributes", CUSTOMERS)
def attributes_list(call: Call) -> Reply:
    """Attributes by name."""
    name = call.arg("name")
    return v3_list(call, [row for row in call.state.attributes.all() if name in (None, row["name"])], _attribute)


@v3("POST", "/customers/attributes", CUSTOMERS)
def attributes_post(call: Call) -> Reply:
    """Make attributes."""
    rows = [actions.attribute_create(call.state, body, f"{n}.") for n, body in enumerate(call.array(10))]
    return call.reply({"data": [_attribute(row) for row in rows], "meta": {}})


@v3("GET", "/customers/attribute-values", CUSTOMERS)
def values_list(call: Call) -> Reply:
    """Attribute values by customer or attribute."""
    rows = list(call.state.attribute_values.all())
    for name in ("customer_id:in", "attribute_id:in"):
        if text := call.arg(name):
            wanted, field = numbers(name, text), name.partition(":")[0]
            rows = [row for row in rows if row[field] in wanted]
    return v3_list(call, rows, value_object)


@v3("PUT", "/customers/attribute-values", CUSTOMERS)
def values_put(call: Call) -> Reply:
    """Write attribute values."""
    rows = [actions.attribute_value_upsert(call.state, body, f"{n}.") for n, body in enumerate(call.array(10))]
    return call.reply({"data": [value_object(row) for row in rows], "meta": {}})
