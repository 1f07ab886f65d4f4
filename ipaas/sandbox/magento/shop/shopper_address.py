"""Addresses of shoppers in the columns of an order's address (apis/magento.md §8.2)."""

from __future__ import annotations

from ipaas.sandbox.magento.sales.cents import Row
from ipaas.sandbox.magento.sales.placing import ADDRESS
from ipaas.sandbox.magento.shop.terms import region_of
from ipaas.sandbox.magento.shop.unsellable import Unsellable
from ipaas.sandbox.magento.state import State

SAMPLE_GUEST: Row = {
    "first_name": "Robin",
    "last_name": "Wells",
    "email": "robin.wells@example.org",
    "phone": "5125550142",
    "street_1": "12 Elm St",
    "city": "Austin",
    "state": "Texas",
    "zip": "78701",
    "country_iso2": "US",
}
RENAMED = {  # a field of the shared recipes -> column
    "first_name": "firstname",
    "last_name": "lastname",
    "phone": "telephone",
    "zip": "postcode",
    "country_iso2": "country_id",
    "company": "company",
    "city": "city",
    "email": "email",
}
OTHERS = {"street_1", "street_2", "state", "country"}


def billing_of(state: State, customer: Row | None, recipe: Row) -> Row:
    """Where the bill goes: as the recipe says, else to the customer's own address, else to the guest."""
    if recipe.get("bill_to"):
        return read_address(state, recipe["bill_to"])
    if customer is None:
        return read_address(state, recipe.get("guest") or SAMPLE_GUEST)
    own = {"firstname": customer["firstname"], "lastname": customer["lastname"], "email": customer["email"]}
    row = _own_address(state, customer)
    if row is None:
        return read_address(state, SAMPLE_GUEST) | own
    return {name: row.get(name) for name in ADDRESS} | own | {"customer_address_id": row["id"]}


def _own_address(state: State, customer: Row) -> Row | None:
    chosen = customer.get("default_billing")
    row = state.customer_addresses.get(int(chosen)) if chosen else None
    return row or state.customer_addresses.first(customer_id=customer["id"])


def shipping_of(state: State, recipe: Row, billing: Row) -> Row:
    """Where the goods go: to the first address of the recipe (an order has one), else where the bill goes."""
    given = recipe.get("ship_to")
    if not given:
        return billing
    first = given[0] if isinstance(given, list) else given
    return {**read_address(state, first), "email": billing["email"]}


def read_address(state: State, given: Row) -> Row:
    """An address in the words of the shared recipes, or in Magento's own. Raises `Unsellable` for unknown fields."""
    if "firstname" in given:
        return dict(given)
    if unknown := given.keys() - RENAMED.keys() - OTHERS:
        raise Unsellable("address", f"An address has no {', '.join(sorted(unknown))}.")
    row: Row = {column: given.get(name) or None for name, column in RENAMED.items()}
    country = row["country_id"] or "US"
    row["street"] = [line for line in (given.get("street_1"), given.get("street_2")) if line]
    return row | {"country_id": country} | region_of(state, country, given.get("state") or "")
