"""Customer accounts of BigCommerce. Its note §22."""

from collections.abc import Mapping
from typing import Any

from mappings.core.bigcommerce.addresses import address_from_bigcommerce
from mappings.core.canonical.customer import NO, YES, Customer, CustomerField, KeptAddress
from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import Address
from mappings.core.rules import countries, names, phones
from mappings.core.rules.customer_fields import Values

TEXTS = {
    CustomerField.FIRST_NAME: ("first_name", 100),
    CustomerField.LAST_NAME: ("last_name", 100),
    CustomerField.EMAIL: ("email", 250),
    CustomerField.PHONE: ("phone", 50),
    CustomerField.COMPANY: ("company", 255),
    CustomerField.TAX_EXEMPT: ("tax_exempt_category", 255),
}  # field → its name there, and how long it may be
LONGEST = {  # of the parts of an address
    **dict.fromkeys(("first_name", "last_name", "company", "address1", "address2"), 255),
    **dict.fromkeys(("city", "state_or_province"), 100),
    "postal_code": 30,
    "phone": 50,
}
CONSENT = "accepts_product_review_abandoned_cart_emails"  # the one consent to mails that an account holds


def account_from_bigcommerce(row: Mapping[str, Any]) -> Customer:
    """Read a row of V3 customers with its addresses inside."""
    source = Row(row, f"Customer {row.get('id')}")
    addresses = tuple(kept_address(one.data) for one in source.rows("addresses", "address"))
    values = {name: " ".join(source.free_text(field).split()) for name, (field, _) in TEXTS.items()}
    country = next((one.address.country for one in addresses), "") or "US"
    values[CustomerField.PHONE] = phones.normalise(source.text("phone"), country)
    values[CustomerField.GROUP] = source.identifier("customer_group_id")
    values[CustomerField.CONSENT] = YES if source.flag(CONSENT) else NO
    return Customer(
        id=source.identifier("id"),
        values=values,
        addresses=addresses,
        changed_at=source.moment("date_modified"),
    )


def kept_address(row: Mapping[str, Any]) -> KeptAddress:
    """Read an address; V3 names its parts otherwise than orders do."""
    spelled = {
        "street_1": "address1",
        "street_2": "address2",
        "state": "state_or_province",
        "zip": "postal_code",
        "country_iso2": "country_code",
    }
    address = address_from_bigcommerce({**row, **{name: row.get(own) for name, own in spelled.items()}})
    return KeptAddress(id=str(row["id"]), address=address)


def account_body(values: Values) -> dict[str, Any]:
    """JSON of one entry of `POST` or `PUT /v3/customers`: only what is given, cut where it is too long."""
    body: dict[str, Any] = {TEXTS[name][0]: value[: TEXTS[name][1]] for name, value in values.items() if name in TEXTS}
    if CustomerField.GROUP in values:
        body["customer_group_id"] = int(values[CustomerField.GROUP] or 0)
    if CustomerField.CONSENT in values:
        body[CONSENT] = values[CustomerField.CONSENT] == YES
    return body


def address_entry(address: Address) -> dict[str, Any]:
    """JSON of one entry of `/v3/customers/addresses`, cut where it is too long.

    The state is spelled in full where the country has states.
    """
    first_name, last_name = names.both(address.first_name, address.last_name)
    entry = {
        "first_name": first_name,
        "last_name": last_name,
        "company": address.company,
        "address1": address.line_1,
        "address2": address.line_2,
        "city": address.city,
        "state_or_province": countries.state_name(address.country, address.state),
        "postal_code": address.postal_code,
        "country_code": address.country,
        "phone": address.phone,
    }
    return {name: value[: LONGEST.get(name)] for name, value in entry.items()}
