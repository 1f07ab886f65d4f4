"""Saving customers: what must hold, what a partial body keeps, the trap of the address list (apis/magento.md §17)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from ipaas.sandbox.magento.errors import bad, no_such, required
from ipaas.sandbox.magento.people.account_attributes import merged
from ipaas.sandbox.magento.people.address_rules import address_row, as_sent
from ipaas.sandbox.magento.people.customer_rows import customer_of
from ipaas.sandbox.magento.settings import setting
from ipaas.sandbox.magento.state import Row, State

TAKEN = "A customer with the same email address already exists in an associated website."
EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
NAME_SIGNS = set(",-_.'’`& ")
NAMES = {"firstname": "First Name", "lastname": "Last Name", "middlename": "Middle Name"}
NOT_COLUMNS = ("addresses", "extension_attributes", "id", "created_at", "updated_at")
GENERAL = 1
MAIN_WEBSITE, MAIN_VIEW = 1, 1


def customer_created(state: State, given: Row, *, password: str = "", keeps_group: bool = True) -> Row:
    """A new customer with addresses; the welcome mail goes out. Raises `Refused`.

    The group that is sent counts only where the caller may manage customers.
    """
    if missing := [name for name in ("email", "firstname", "lastname") if not given.get(name)]:
        raise required(*missing)
    website, view = _place(state, given)
    own: Row = {
        "group_id": given.get("group_id") if keeps_group and given.get("group_id") is not None else GENERAL,
        "website_id": website,
        "store_id": view["id"],
        "created_in": view["name"],
        "disable_auto_group_change": 0,
        "password": password or None,
    }
    columns = _columns(given) | own
    if "custom_attributes" in given:
        columns["custom_attributes"] = merged(state, (), given["custom_attributes"])
    _check(state, columns, 0)
    row = state.insert(state.customers, columns | {"email_key": columns["email"].strip().casefold()})
    _book_replaced(state, row["id"], given.get("addresses") or (), given)
    state.mails.insert({"kind": "welcome", "customer_id": row["id"], "email": row["email"]})
    return customer_of(state, row["id"])


def customer_updated(state: State, customer_id: int, given: Row) -> Row:
    """Merge the fields that are sent. `addresses`, when it is, becomes the whole address book. Raises `Refused`.

    With an address list come the defaults that it flags, or none (case K01); without one they stay.
    """
    before = customer_of(state, customer_id)
    columns = _columns(given)
    _check(state, {**before, **columns}, customer_id)
    if "custom_attributes" in columns:
        columns["custom_attributes"] = merged(state, before.get("custom_attributes") or (), given["custom_attributes"])
    if "email" in columns:
        columns["email_key"] = columns["email"].strip().casefold()
    state.update(state.customers, customer_id, columns)
    if given.get("addresses") is not None:
        _book_replaced(state, customer_id, given["addresses"], given)
    state.customers.update(customer_id, updated_at=state.now())  # a full save writes the row, whatever it changes
    return customer_of(state, customer_id)


def customer_deleted(state: State, customer_id: int) -> None:
    """Remove a customer with the address book and store credit; orders stay. Raises `Refused` 404."""
    customer_of(state, customer_id)
    for row in state.balances.find(customer_id=customer_id):
        state.balances.delete(row["id"])
    for row in state.customer_addresses.find(customer_id=customer_id):
        state.customer_addresses.delete(row["id"])
    state.customers.delete(customer_id)


def address_deleted(state: State, address_id: int) -> None:
    """Remove one address; a default that it was is none any more. Raises `Refused` 404."""
    row = state.customer_addresses.get(address_id)
    if row is None:
        raise no_such("addressId", address_id)
    state.customer_addresses.delete(address_id)
    customer = customer_of(state, row["customer_id"])
    gone = {kind: None for kind in ("default_billing", "default_shipping") if customer.get(kind) == address_id}
    state.update(state.customers, customer["id"], gone)


# --- parts ----------------------------------------------------------------------------------------


def _columns(given: Row) -> Row:
    """The customer's own columns of a body; the newsletter's flag stands in the extension."""
    extension = given.get("extension_attributes") or {}
    columns = {name: value for name, value in given.items() if name not in NOT_COLUMNS}
    for kind in ("default_billing", "default_shipping"):
        if columns.get(kind):
            columns[kind] = int(columns[kind])
    return columns | ({"is_subscribed": extension["is_subscribed"]} if "is_subscribed" in extension else {})


def _place(state: State, given: Row) -> tuple[int, Row]:
    """Website and store view of a new customer, either told by the other. Raises `Refused`."""
    view = state.store_views.get(given.get("store_id") or 0)
    website = given.get("website_id") or (view["website_id"] if view and view["id"] else MAIN_WEBSITE)
    if view is None or not view["id"]:
        group = state.store_groups.first(website_id=website) or {}
        view = state.store_views.get(group.get("default_store_id", MAIN_VIEW)) or {}
    if view["website_id"] != website:
        raise bad("The store view is not in the associated website.")
    return website, view


def _check(state: State, row: Row, customer_id: int) -> None:
    """Raises `Refused` for what the shop does not take."""
    if not EMAIL.fullmatch(row["email"].strip()):
        raise bad('"Email" is not a valid email address.')
    for name, label in NAMES.items():
        if row.get(name) and not all(_fits_a_name(letter) for letter in row[name]):
            raise bad(f"{label} is not valid!")
    if row["group_id"] not in state.groups:
        raise bad("The specified customer group id does not exist.")
    same = state.customers.find(email_key=row["email"].strip().casefold())
    shared = str(setting(state, "customer/account_share/scope")) == "0"
    if any(one["id"] != customer_id and (shared or one["website_id"] == row["website_id"]) for one in same):
        raise bad(TAKEN)


def _fits_a_name(letter: str) -> bool:
    return letter.isalnum() or letter.isspace() or letter in NAME_SIGNS or unicodedata.category(letter)[0] == "M"


def _book_replaced(state: State, customer_id: int, given: Sequence[Row], customer: Row) -> None:
    """Make the address book exactly what was sent: known ids change, the others are new, the rest goes."""
    held = {row["id"]: row for row in state.customer_addresses.find(customer_id=customer_id)}
    kept: list[int] = []
    defaults: Row = {kind: customer.get(kind) for kind in ("default_billing", "default_shipping")}
    for one in given:
        before = held.get(one.get("id") or 0)
        merged = {**as_sent(before), **one} if before else one
        row = address_row(state, merged) | {"customer_id": customer_id}
        if one.get("id") in held:
            stored = state.update(state.customer_addresses, one["id"], row)
        else:
            stored = state.insert(state.customer_addresses, row)
        kept.append(stored["id"])
        defaults |= {kind: stored["id"] for kind in defaults if one.get(kind)}
    for gone in held.keys() - set(kept):
        state.customer_addresses.delete(gone)
    state.update(
        state.customers, customer_id, {kind: int(value) if value else None for kind, value in defaults.items()}
    )
