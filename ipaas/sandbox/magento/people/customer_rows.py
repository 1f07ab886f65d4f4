"""Customers and addresses as rows: look-ups, and their shape in answers (apis/magento.md §17)."""

from __future__ import annotations

from ipaas.sandbox.magento.errors import no_such
from ipaas.sandbox.magento.state import Row, State

BILLING = {  # what a search may ask of the default billing address -> its column
    "billing_postcode": "postcode",
    "billing_city": "city",
    "billing_telephone": "telephone",
    "billing_region": "region",
    "billing_country_id": "country_id",
    "billing_company": "company",
}
COLUMNS = {
    **dict.fromkeys(("entity_id", "id", "group_id", "store_id", "website_id", "gender"), "integer"),
    **dict.fromkeys(("created_at", "updated_at", "created_in", "dob", "email", "confirmation", "taxvat"), "string"),
    **dict.fromkeys(("firstname", "lastname", "middlename", "prefix", "suffix", "name"), "string"),
    **dict.fromkeys(("default_billing", "default_shipping"), "integer"),
    **dict.fromkeys(BILLING, "string"),
}


def customer_of(state: State, customer_id: int) -> Row:
    """The customer. Raises `Refused` 404."""
    row = state.customers.get(customer_id)
    if row is None:
        raise no_such("customerId", customer_id)
    return row


def address_of(state: State, address_id: int) -> Row:
    """One address out of an address book. Raises `Refused` 404."""
    row = state.customer_addresses.get(address_id)
    if row is None:
        raise no_such("addressId", address_id)
    return row


def customer_columns(state: State, row: Row) -> Row:
    """A customer as searches see it: with the default billing address and the whole name."""
    billing = state.customer_addresses.get(row.get("default_billing") or 0) or {}
    own = {name: billing.get(column) for name, column in BILLING.items()}
    return {**row, **own, "entity_id": row["id"], "name": f"{row['firstname']} {row['lastname']}"}


def customer_shape(state: State, row: Row) -> Row:
    """A customer with the address book."""
    book = state.customer_addresses.find(customer_id=row["id"])
    return {
        **row,
        "addresses": [address_shape(state, one) for one in book],
        "extension_attributes": {"is_subscribed": bool(row.get("is_subscribed")), "assistance_allowed": 1},
    }


def address_shape(state: State, row: Row) -> Row:
    """An address; its flags are there where they are true."""
    customer = state.customers.get(row["customer_id"]) or {}
    flags = {
        f"default_{kind}": True for kind in ("billing", "shipping") if customer.get(f"default_{kind}") == row["id"]
    }
    region = {name: row.get(name) for name in ("region_code", "region", "region_id")}
    return {**row, "region": region, "region_id": row.get("region_id") or 0, **flags}
