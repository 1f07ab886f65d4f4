"""V2 customers and their addresses: deprecated and still called (official schema)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ipaas.sandbox.bigcommerce import actions
from ipaas.sandbox.bigcommerce.api.common import Call, Endpoints, v2_list, whole_arg
from ipaas.sandbox.bigcommerce.api.customer_forms import values_of
from ipaas.sandbox.bigcommerce.api.orders_render import link
from ipaas.sandbox.bigcommerce.errors import Refused, invalid, not_found, read_only
from ipaas.sandbox.bigcommerce.scopes import CUSTOMERS
from ipaas.sandbox.bigcommerce.state import Row
from ipaas.sandbox.bigcommerce.wire import parse_date, rfc2822
from ipaas.sandbox.core.web import Reply, Router, empty

router: Router[Any] = Router()
v2 = Endpoints(router, "v2")
ONE = "/customers/<int:customer_id>"
READ_ONLY = ("id", "date_created", "date_modified", "accepts_marketing", "addresses", "form_fields")
TEXTS = ("first_name", "last_name", "company", "email", "phone", "tax_exempt_category")


def _shown(call: Call, row: Row) -> Row:
    names = ("company", "first_name", "last_name", "email", "phone")
    return {
        "id": row["id"],
        **{name: row[name] for name in names},
        "form_fields": values_of(call.state, row["id"]) or None,
        "date_created": rfc2822(row["date_created"]),
        "date_modified": rfc2822(row["date_modified"]),
        "store_credit": call.money(row["store_credit"]),
        "registration_ip_address": row["registration_ip_address"],
        "customer_group_id": row["customer_group_id"],
        "notes": row["notes"],
        "tax_exempt_category": row["tax_exempt_category"],
        "reset_pass_on_login": row["force_password_reset"],
        "accepts_marketing": row["accepts_product_review_abandoned_cart_emails"],
        "addresses": link(call, f"/customers/{row['id']}/addresses"),
    }


def _customer(call: Call, customer_id: int) -> Row:
    row = call.state.customers.get(customer_id)
    if row is None:
        raise not_found()
    return row


def _date(call: Call, name: str) -> int | None:
    text = call.arg(name)
    try:
        return parse_date(text) if text else None
    except ValueError as exc:
        raise invalid(name, "A date is expected") from exc


def _chosen(call: Call) -> list[Row]:
    rows = list(call.state.customers.all())
    for name in TEXTS:
        if text := call.arg(name):
            rows = [row for row in rows if str(row[name]).casefold() == text.casefold()]
    if call.arg("customer_group_id"):
        group = whole_arg(call, "customer_group_id", 0)
        rows = [row for row in rows if row["customer_group_id"] == group]
    bounds: list[tuple[str, int | None, int]] = [
        ("id", whole_arg(call, "min_id", 0) if call.arg("min_id") else None, 1),
        ("id", whole_arg(call, "max_id", 0) if call.arg("max_id") else None, -1),
        *((name, _date(call, f"min_{name}"), 1) for name in ("date_created", "date_modified")),
        *((name, _date(call, f"max_{name}"), -1) for name in ("date_created", "date_modified")),
    ]
    for name, bound, sign in bounds:
        if bound is not None:
            rows = [row for row in rows if (row[name] - bound) * sign >= 0]
    return rows


def _written(act: Callable[[], list[Row]]) -> Row:
    """A write of V3's rules with V2's refusal: 400."""
    try:
        return act()[0]
    except Refused as exc:
        field = next(iter(exc.errors or {"email": ""})).removeprefix("0.")
        raise invalid(field, exc.message) from exc


def _body(call: Call) -> Row:
    body = call.body()
    for name in READ_ONLY:
        if name in body:
            raise read_only(name)
    found = {name: value for name, value in body.items() if name not in ("_authentication", "store_credit")}
    return {**found, "store_credit_amounts": [{"amount": body["store_credit"]}]} if "store_credit" in body else found


@v2("GET", "/customers", CUSTOMERS)
def customers_list(call: Call) -> Reply:
    """Customers by name, e-mail, group, id or date; 204 when there are none."""
    return v2_list(call, _chosen(call), lambda row: _shown(call, row))


@v2("GET", "/customers/count", CUSTOMERS)
def customers_count(call: Call) -> Reply:
    """How many."""
    return call.reply({"count": len(call.state.customers)})


@v2("POST", "/customers", CUSTOMERS)
def customer_post(call: Call) -> Reply:
    """Make a customer."""
    body = _body(call)
    return call.reply(_shown(call, _written(lambda: actions.customers_create(call.state, [body]))))


@v2("GET", ONE, CUSTOMERS)
def customer_get(call: Call, customer_id: int) -> Reply:
    """One customer."""
    return call.reply(_shown(call, _customer(call, customer_id)))


@v2("PUT", ONE, CUSTOMERS)
def customer_put(call: Call, customer_id: int) -> Reply:
    """Change a customer."""
    _customer(call, customer_id)
    body = {**_body(call), "id": customer_id}
    return call.reply(_shown(call, _written(lambda: actions.customers_update(call.state, [body]))))


@v2("DELETE", ONE, CUSTOMERS)
def customer_delete(call: Call, customer_id: int) -> Reply:
    """Remove a customer."""
    _customer(call, customer_id)
    actions.customer_delete(call.state, customer_id)
    return empty(204)


# --- addresses ------------------------------------------------------------------------------------


def _address(row: Row) -> Row:
    same = ("id", "customer_id", "first_name", "last_name", "company")
    return {
        **{name: row[name] for name in same},
        "street_1": row["address1"],
        "street_2": row["address2"],
        "city": row["city"],
        "state": row["state_or_province"],
        "zip": row["postal_code"],
        "country": row["country"],
        "country_iso2": row["country_code"],
        "phone": row["phone"],
        "address_type": row["address_type"],
        "form_fields": None,
    }


def _addresses(call: Call, customer_id: int) -> list[Row]:
    _customer(call, customer_id)
    return call.state.customer_addresses.find(customer_id=customer_id)


@v2("GET", f"{ONE}/addresses", CUSTOMERS)
def addresses_list(call: Call, customer_id: int) -> Reply:
    """Addresses of a customer; 204 when there are none."""
    return v2_list(call, _addresses(call, customer_id), _address)


@v2("GET", f"{ONE}/addresses/count", CUSTOMERS)
def addresses_count(call: Call, customer_id: int) -> Reply:
    """How many."""
    return call.reply({"count": len(_addresses(call, customer_id))})


@v2("GET", f"{ONE}/addresses/<int:address_id>", CUSTOMERS)
def address_get(call: Call, customer_id: int, address_id: int) -> Reply:
    """One address."""
    row = next((row for row in _addresses(call, customer_id) if row["id"] == address_id), None)
    if row is None:
        raise not_found()
    return call.reply(_address(row))
