"""Customers and their addresses (§9)."""

import re
from typing import Any

from ipaas.sandbox.core.tables import Row
from ipaas.sandbox.core.web import Reply, Request, Router
from ipaas.sandbox.heartland.errors import Problems, not_found
from ipaas.sandbox.heartland.fields import ID, READ, STAMPS, Field, Resource, flag, moment, number, text, whole
from ipaas.sandbox.heartland.inputs import fill, unique_public_id
from ipaas.sandbox.heartland.replies import changed, created, list_reply, record_reply
from ipaas.sandbox.heartland.routes import add_create, add_list, add_read
from ipaas.sandbox.heartland.service import Heartland

routes: Router[Heartland] = Router()
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
JOIN_OFFSET = 500_000

CUSTOMERS = Resource(
    table="customers",
    path="/customers",
    fields={
        **ID,
        "public_id": text(),
        "uuid": text(**READ),
        "first_name": text(),
        "last_name": text(),
        "name": text(**READ),
        "email": text(),
        "phone_number": text(),
        "active": flag(True),
        "promotional_emails": flag(),
        "promotional_messages": flag(),
        "loyalty_points_balance": number(0, **READ),
        "loyalty_points_total": number(0, **READ),
        "custom": Field("object", filter=False),
        "deleted_at": moment(**READ),
        **STAMPS,
    },
    group="customer",
    search=("name", "email", "phone_number", "public_id"),
    plain=frozenset(("active",)),
)

ADDRESSES = Resource(
    table="addresses",
    path="/customers/{id}/addresses",
    fields={
        **ID,
        "address_id": whole(**READ),
        "customer_id": whole(**READ),
        **{name: text() for name in ("first_name", "last_name", "line_1", "line_2", "city", "state")},
        **{name: text() for name in ("postal_code", "country", "phone")},
        **STAMPS,
    },
)
REQUIRED = ("first_name", "last_name", "line_1", "city", "state", "postal_code")


def check_customer(service: Heartland, row: Row, problems: Problems) -> None:
    """Names are required, an e-mail must look like one; it need not be unique."""
    problems.need("first_name", row.get("first_name"))
    problems.need("last_name", row.get("last_name"))
    if row.get("email") and not EMAIL.fullmatch(row["email"]):
        problems.add("email", "is not a valid e-mail address")
    row["name"] = full_name(row)


def full_name(row: Row) -> str:
    """The computed `name`."""
    return " ".join(part for part in (row.get("first_name"), row.get("last_name")) if part)


add_list(routes, CUSTOMERS, needs="customer.read")
add_read(routes, CUSTOMERS, needs="customer.read")
add_create(routes, CUSTOMERS, check_customer, "customer_created", needs="customer.manage")


@routes.route("PUT", "/api/customers/<int:row_id>", needs="customer.manage")
def customer_update(service: Heartland, request: Request, row_id: int) -> Reply:
    """Change a customer; `name` follows."""
    return changed(service, CUSTOMERS, customer_saved(service, row_id, request.json_object()))


def customer_saved(service: Heartland, row_id: int, body: dict[str, Any]) -> Row:
    """Validate and store what is changed of a customer."""
    before = service.one("customers", row_id, "Customer")
    problems = service.problems()
    changes = fill(service, CUSTOMERS, body, problems, before)
    whole_row = {**before, **changes}
    check_customer(service, whole_row, problems)
    unique_public_id(service, CUSTOMERS, changes, problems, before)
    problems.check()
    row = service.table("customers").update(row_id, {**changes, "name": full_name(whole_row)})
    service.emit("customer_updated", CUSTOMERS, row)
    return row


@routes.route("GET", "/api/customers/<int:customer_id>/addresses", needs="customer.read")
def address_list(service: Heartland, request: Request, customer_id: int) -> Reply:
    """Addresses of a customer."""
    service.one("customers", customer_id, "Customer")
    return list_reply(service, request, ADDRESSES, service.table("addresses").find(customer_id=customer_id))


@routes.route("POST", "/api/customers/<int:customer_id>/addresses", needs="customer.manage")
def address_create(service: Heartland, request: Request, customer_id: int) -> Reply:
    """Add an address; the first one is the main address, whose phone the customer mirrors."""
    customer = service.one("customers", customer_id, "Customer")
    row = add_address(service, customer, request.json_object())
    return created(service, request, ADDRESSES, row, path=f"/customers/{customer_id}/addresses")


def add_address(service: Heartland, customer: Row, body: dict[str, Any]) -> Row:
    """Validate and store an address of a customer."""
    problems = service.problems()
    values = fill(service, ADDRESSES, body, problems)
    check_address(values, problems)
    problems.check()
    first = service.table("addresses").first(customer_id=customer["id"]) is None
    row = service.table("addresses").insert({**values, "customer_id": customer["id"], "id": None})
    join = JOIN_OFFSET if service.switches["address_join_ids"] else 0
    row = service.table("addresses").update(row["id"], address_id=row["id"] + join)
    if first and row.get("phone"):
        service.table("customers").update(customer["id"], phone_number=row["phone"], updated_at=service.stamp())
    return row


def check_address(row: Row, problems: Problems) -> None:
    """The fields an order address needs."""
    for name in REQUIRED:
        problems.need(name, row.get(name))


def _address(service: Heartland, customer_id: int, address_id: int) -> Row:
    row = service.table("addresses").get(address_id)
    if row is None or row["customer_id"] != customer_id:
        raise not_found("Address")
    return row


@routes.route("GET", "/api/customers/<int:customer_id>/addresses/<int:address_id>", needs="customer.read")
def address_read(service: Heartland, request: Request, customer_id: int, address_id: int) -> Reply:
    """One address."""
    return record_reply(service, request, ADDRESSES, _address(service, customer_id, address_id))


@routes.route("PUT", "/api/customers/<int:customer_id>/addresses/<int:address_id>", needs="customer.manage")
def address_update(service: Heartland, request: Request, customer_id: int, address_id: int) -> Reply:
    """Change an address; the main one takes the customer's phone along."""
    before = _address(service, customer_id, address_id)
    problems = service.problems()
    changes = fill(service, ADDRESSES, request.json_object(), problems, before)
    check_address({**before, **changes}, problems)
    problems.check()
    row = service.table("addresses").update(address_id, changes)
    main = service.table("addresses").first(customer_id=customer_id)
    if main is not None and main["id"] == address_id and "phone" in changes:
        service.table("customers").update(customer_id, phone_number=row["phone"], updated_at=service.stamp())
    return changed(service, ADDRESSES, row)


def address_of(service: Heartland, address_id: int | None) -> Row | None:
    """The address an order names: by `address_id`, not by the join id."""
    return service.table("addresses").first(address_id=address_id) if address_id is not None else None
