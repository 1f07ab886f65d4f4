"""Customers, their addresses and attributes (note §22). Writes come in arrays and fail as a whole."""

from __future__ import annotations

import re
from typing import Any

from ipaas.sandbox.bigcommerce.errors import Refused, bad_fields
from ipaas.sandbox.bigcommerce.rows import ZERO
from ipaas.sandbox.bigcommerce.state import Row, State, named, objects
from ipaas.sandbox.bigcommerce.wire import parse_decimal

LIMITS = {
    "email": 250,
    "first_name": 100,
    "last_name": 100,
    "company": 255,
    "phone": 50,
    "notes": 65_535,
    "tax_exempt_category": 255,
    "registration_ip_address": 45,
}
REQUIRED = ("email", "first_name", "last_name")
ADDRESS_LIMITS = {
    "first_name": 255,
    "last_name": 255,
    "company": 255,
    "address1": 255,
    "address2": 255,
    "city": 100,
    "state_or_province": 100,
    "postal_code": 30,
    "country_code": 2,
    "phone": 50,
}
ADDRESS_REQUIRED = ("first_name", "last_name", "address1", "city", "country_code")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
STATES = {
    "US": {
        "Alabama",
        "Alaska",
        "Arizona",
        "Arkansas",
        "California",
        "Colorado",
        "Connecticut",
        "Delaware",
        "District of Columbia",
        "Florida",
        "Georgia",
        "Hawaii",
        "Idaho",
        "Illinois",
        "Indiana",
        "Iowa",
        "Kansas",
        "Kentucky",
        "Louisiana",
        "Maine",
        "Maryland",
        "Massachusetts",
        "Michigan",
        "Minnesota",
        "Mississippi",
        "Missouri",
        "Montana",
        "Nebraska",
        "Nevada",
        "New Hampshire",
        "New Jersey",
        "New Mexico",
        "New York",
        "North Carolina",
        "North Dakota",
        "Ohio",
        "Oklahoma",
        "Oregon",
        "Pennsylvania",
        "Rhode Island",
        "South Carolina",
        "South Dakota",
        "Tennessee",
        "Texas",
        "Utah",
        "Vermont",
        "Virginia",
        "Washington",
        "West Virginia",
        "Wisconsin",
        "Wyoming",
        "Puerto Rico",
        "Guam",
        "American Samoa",
        "Virgin Islands",
        "Armed Forces Americas",
        "Armed Forces Europe",
        "Armed Forces Pacific",
    },
    "CA": {
        "Alberta",
        "British Columbia",
        "Manitoba",
        "New Brunswick",
        "Newfoundland and Labrador",
        "Northwest Territories",
        "Nova Scotia",
        "Nunavut",
        "Ontario",
        "Prince Edward Island",
        "Quebec",
        "Saskatchewan",
        "Yukon",
        "Yukon Territory",
    },
    "AU": {
        "Australian Capital Territory",
        "New South Wales",
        "Northern Territory",
        "Queensland",
        "South Australia",
        "Tasmania",
        "Victoria",
        "Western Australia",
    },
}
COUNTRIES = {
    "US": "United States",
    "CA": "Canada",
    "AU": "Australia",
    "GB": "United Kingdom",
    "DE": "Germany",
    "FR": "France",
    "MX": "Mexico",
    "NZ": "New Zealand",
    "IE": "Ireland",
    "NL": "Netherlands",
    "ES": "Spain",
    "IT": "Italy",
    "SE": "Sweden",
    "NO": "Norway",
    "DK": "Denmark",
    "JP": "Japan",
    "CH": "Switzerland",
    "AT": "Austria",
    "BE": "Belgium",
    "PL": "Poland",
    "FI": "Finland",
    "PT": "Portugal",
    "BR": "Brazil",
}


def email_key(email: str) -> str:
    """Form in which e-mails are unique."""
    return email.strip().lower()


def _texts(body: Row, limits: dict[str, int], prefix: str) -> Row:
    found, faults = {}, {}
    for name, limit in limits.items():
        if name in body:
            value = body[name]
            if not isinstance(value, str):
                faults[f"{prefix}{name}"] = "must be a string"
            elif len(value) > limit:
                faults[f"{prefix}{name}"] = f"must not be longer than {limit} characters"
            found[name] = value
    if faults:
        raise bad_fields(faults)
    return found


def _checked_email(state: State, email: str, own: Row, prefix: str) -> None:
    """An e-mail is one account's; with separate logins, one's for each set of channels."""
    if not EMAIL.fullmatch(email.strip()):
        raise bad_fields({f"{prefix}email": "The email is not valid"})
    others = (row for row in state.customers.find(email_key=email_key(email)) if row["id"] != own.get("id"))
    if any(_share_a_login(row.get("channel_ids"), own.get("channel_ids")) for row in others):
        raise bad_fields({f"{prefix}email": "The email is already in use"})


def _share_a_login(one: list[int] | None, other: list[int] | None) -> bool:
    """`None` is the login of all channels."""
    return one is None or other is None or bool(set(one) & set(other))


def _extras(state: State, body: Row, prefix: str) -> Row:
    found: Row = {}
    if "customer_group_id" in body:
        group = body["customer_group_id"]
        if group and named(state.customer_groups, group) is None:
            raise bad_fields({f"{prefix}customer_group_id": "The customer group does not exist"})
        found["customer_group_id"] = group or 0
    if body.get("store_credit_amounts"):
        try:
            found["store_credit"] = parse_decimal(body["store_credit_amounts"][0].get("amount"))
        except (ValueError, LookupError, TypeError, AttributeError) as exc:
            raise bad_fields({f"{prefix}store_credit_amounts": "must be an array with one amount"}) from exc
    for name in ("accepts_product_review_abandoned_cart_emails", "channel_ids", "origin_channel_id"):
        if name in body:
            found[name] = body[name]
    return found


def customers_create(state: State, bodies: list[Row]) -> list[Row]:
    """POST of at most 10 customers with their addresses. Raises 422, with nothing written."""
    return [_create(state, body, f"{number}.") for number, body in enumerate(bodies)]


def _create(state: State, body: Row, prefix: str) -> Row:
    lacking = {f"{prefix}{name}": f"{name} is required" for name in REQUIRED if not body.get(name)}
    if lacking:
        raise Refused(422, "Missing Required Fields", errors=lacking)
    for name in ("addresses", "attributes"):
        if objects(body.get(name)) is None:
            raise bad_fields({f"{prefix}{name}": "must be an array of objects"})
    texts = _texts(body, LIMITS, prefix)
    _checked_email(state, texts["email"], body, prefix)
    now = state.now()
    customer = state.customers.insert(
        {
            "company": "",
            "phone": "",
            "notes": "",
            "tax_exempt_category": "",
            "registration_ip_address": "",
            "customer_group_id": 0,
            "store_credit": ZERO,
            "accepts_product_review_abandoned_cart_emails": False,
            "channel_ids": None,
            "origin_channel_id": 1,
            "force_password_reset": False,
            **texts,
            **_extras(state, body, prefix),
            "email_key": email_key(texts["email"]),
            "date_created": now,
            "date_modified": now,
        }
    )
    customer_event(state, customer, "created")
    for number, address in enumerate(body.get("addresses") or []):
        address_create(state, {**address, "customer_id": customer["id"]}, f"{prefix}addresses.{number}.")
    _attributes(state, customer["id"], body.get("attributes") or [])
    return customer


def customers_update(state: State, bodies: list[Row]) -> list[Row]:
    """PUT of at most 10 customers; sub-resources in the body are left alone."""
    return [_update(state, body, f"{number}.") for number, body in enumerate(bodies)]


def _update(state: State, body: Row, prefix: str) -> Row:
    customer = named(state.customers, body.get("id"))
    if customer is None:
        raise bad_fields({f"{prefix}id": "The customer does not exist"})
    changes = _texts(body, LIMITS, prefix)
    if "email" in changes:
        _checked_email(state, changes["email"], customer, prefix)
        changes["email_key"] = email_key(changes["email"])
    for name in REQUIRED:
        if name in changes and not changes[name]:
            raise bad_fields({f"{prefix}{name}": f"{name} must not be empty"})
    customer = state.customers.update(
        customer["id"], {**changes, **_extras(state, body, prefix)}, date_modified=state.now()
    )
    customer_event(state, customer, "updated")
    return customer


def customer_delete(state: State, customer_id: int) -> None:
    """DELETE of one customer with addresses and attributes; unknown ids are passed over."""
    customer = state.customers.get(customer_id)
    if customer is None or not state.customers.delete(customer_id):
        return
    for table in (state.customer_addresses, state.attribute_values):
        for row in table.find(customer_id=customer_id):
            table.delete(row["id"])
    customer_event(state, customer, "deleted")


def customer_event(state: State, customer: Row, what: str) -> None:
    """A real delivery names both the channel of origin and the channels of the login (§25.2)."""
    channels = {"origin_channel_id": customer["origin_channel_id"], "channel_ids": customer["channel_ids"] or [1]}
    state.emit(f"store/customer/{what}", {"type": "customer", "id": customer["id"], **channels})


# --- addresses ------------------------------------------------------------------------------------


def address_create(state: State, body: Row, prefix: str = "") -> Row | None:
    """One address; an identical one exists already -> None, and the answer leaves it out (§22)."""
    customer = named(state.customers, body.get("customer_id"))
    if customer is None:
        raise bad_fields({f"{prefix}customer_id": "The customer does not exist"})
    lacking = {f"{prefix}{name}": f"{name} is required" for name in ADDRESS_REQUIRED if not body.get(name)}
    if lacking:
        raise Refused(422, "Missing Required Fields", errors=lacking)
    row = {**dict.fromkeys(ADDRESS_LIMITS, ""), **_texts(body, ADDRESS_LIMITS, prefix)}
    _check_place(row, prefix)
    row |= {
        "customer_id": customer["id"],
        "address_type": body.get("address_type", "residential"),
        "country": COUNTRIES.get(row["country_code"], row["country_code"]),
    }
    for other in state.customer_addresses.find(customer_id=customer["id"]):
        if all(other[name] == row[name] for name in ADDRESS_LIMITS):
            return None
    stored = state.customer_addresses.insert(row)
    _address_event(state, stored, "created")
    return stored


def _check_place(row: Row, prefix: str) -> None:
    """`state_or_province` is spelled in full where the country has states (§22)."""
    if len(row["country_code"]) != 2:
        raise bad_fields({f"{prefix}country_code": "The country code is not valid"})
    states = STATES.get(row["country_code"])
    if states and row["state_or_province"] not in states:
        raise bad_fields({f"{prefix}state_or_province": "The state is not valid for the country"})


def address_update(state: State, body: Row, prefix: str = "") -> Row:
    """PUT of one address. `date_modified` of the customer does not move."""
    row = named(state.customer_addresses, body.get("id"))
    if row is None:
        raise bad_fields({f"{prefix}id": "The address does not exist"})
    changed = {**row, **_texts(body, ADDRESS_LIMITS, prefix)}
    _check_place(changed, prefix)
    changed["country"] = COUNTRIES.get(changed["country_code"], changed["country_code"])
    stored = state.customer_addresses.update(row["id"], changed)
    _address_event(state, stored, "updated")
    return stored


def address_delete(state: State, address_id: int) -> None:
    """DELETE of one address; unknown ids are passed over."""
    row = state.customer_addresses.get(address_id)
    if row is not None:
        state.customer_addresses.delete(address_id)
        _address_event(state, row, "deleted")


def _address_event(state: State, row: Row, what: str) -> None:
    state.emit(
        f"store/customer/address/{what}",
        {"type": "customer", "id": row["id"], "address": {"customer_id": row["customer_id"]}},
    )


# --- attributes -----------------------------------------------------------------------------------


def _attributes(state: State, customer_id: int, wanted: list[Row]) -> None:
    for entry in wanted:
        attribute_value_upsert(
            state,
            {
                "customer_id": customer_id,
                "attribute_id": entry.get("attribute_id"),
                "value": entry.get("attribute_value"),
            },
            "",
        )


def attribute_value_upsert(state: State, body: Row, prefix: str) -> Row:
    """PUT of one attribute value: by customer and attribute."""
    customer_id, attribute_id, value = body.get("customer_id"), body.get("attribute_id"), body.get("value")
    known = named(state.customers, customer_id) and named(state.attributes, attribute_id)
    if not known or value is None:
        raise bad_fields({f"{prefix}attribute_id": "customer_id, attribute_id and value are required"})
    now = state.now()
    for row in state.attribute_values.find(customer_id=customer_id):
        if row["attribute_id"] == attribute_id:
            return state.attribute_values.update(row["id"], value=str(value), date_modified=now)
    return state.attribute_values.insert(
        {
            "customer_id": customer_id,
            "attribute_id": attribute_id,
            "value": str(value),
            "date_created": now,
            "date_modified": now,
        }
    )


def attribute_create(state: State, body: Row, prefix: str) -> Row:
    """POST of one attribute."""
    kinds = ("string", "number", "date")
    if not body.get("name") or body.get("type") not in kinds:
        raise bad_fields({f"{prefix}name": f"name and a type of {', '.join(kinds)} are required"})
    now = state.now()
    row: dict[str, Any] = {"name": body["name"], "type": body["type"], "date_created": now, "date_modified": now}
    return state.attributes.insert(row)
