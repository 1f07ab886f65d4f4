"""Customer accounts of Magento. Its notes §17.

An account has no phone of its own: its default billing address has. `addresses` in a body is the complete new set, so
whoever changes one sends all of them as they are, with ids and defaults.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from mappings.core.canonical.customer import NO, YES, Customer, CustomerField, KeptAddress
from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import Address
from mappings.core.magento.addresses import address_from_magento
from mappings.core.rules import names, phones
from mappings.core.rules.customer_fields import Values

TEXTS = {
    CustomerField.FIRST_NAME: "firstname",
    CustomerField.LAST_NAME: "lastname",
    CustomerField.EMAIL: "email",
}
DEMANDED = ("email", "firstname", "lastname", "website_id")  # by older releases, of every write


def account_from_magento(row: Mapping[str, Any], *, website_id: int | None) -> Customer:
    """Read an account with its addresses; `website_id` is the one that the connection stands for."""
    source = Row(row, f"Customer {row.get('id')}")
    values = {name: " ".join(source.free_text(field).split()) for name, field in TEXTS.items()}
    values[CustomerField.GROUP] = source.text("group_id")
    home = home_of(row)
    if home is not None:
        phone = Row(home, source.label)
        values[CustomerField.PHONE] = phones.normalise(phone.text("telephone"), phone.text("country_id") or "US")
    extension = source.inside("extension_attributes")
    if "is_subscribed" in extension.data:
        values[CustomerField.CONSENT] = YES if extension.flag("is_subscribed") else NO
    addresses = (_in_parts(one) for one in source.rows("addresses", "address"))
    return Customer(
        id=source.identifier("id"),
        values=values,
        addresses=tuple(KeptAddress(id=one.identifier("id"), address=address_from_magento(one)) for one in addresses),
        changed_at=source.moment("updated_at") if row.get("updated_at") else None,
        place=source.identifier("website_id"),
        is_elsewhere=website_id is not None and source.identifier("website_id") != str(website_id),
        raw=row,
    )


def _in_parts(source: Row) -> Row:
    """The region of an address book is an object; addresses of orders name its parts beside each other."""
    region = source.inside("region").data
    return Row({**source.data, "region": region.get("region"), "region_code": region.get("region_code")}, source.label)


def home_of(row: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The address whose phone is the account's."""
    return next((one for one in row.get("addresses") or () if one.get("default_billing")), None)


def account_body(
    row: Mapping[str, Any],
    values: Values,
    changes: Mapping[str, Mapping[str, Any]],
    additions: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """JSON of `customer` for `PUT /V1/customers/{id}`: what is given, over the row as it was read.

    `changes` and `additions` are address bodies (`address_body`), by id and new. Group and consent are sent only where
    they are to change: the shop gives groups by itself, and mails of every change of the consent.
    """
    body: dict[str, Any] = {name: row[name] for name in DEMANDED if row.get(name) is not None}
    body |= {TEXTS[name]: value for name, value in values.items() if name in TEXTS}
    if CustomerField.GROUP in values:
        body["group_id"] = int(values[CustomerField.GROUP])
    if CustomerField.CONSENT in values:
        body["extension_attributes"] = {"is_subscribed": values[CustomerField.CONSENT] == YES}
    book = {str(one["id"]): {**one, **changes.get(str(one["id"]), {})} for one in row.get("addresses") or ()}
    home = home_of(row)
    if CustomerField.PHONE in values and home is not None:
        book[str(home["id"])]["telephone"] = values[CustomerField.PHONE]
    if changes or additions or CustomerField.PHONE in values:
        body["addresses"] = [*book.values(), *additions]
        body |= {one: row[one] for one in ("default_billing", "default_shipping") if row.get(one)}
    return body


def address_body(address: Address, *, phone: str, region_id: int | None) -> dict[str, Any]:
    """JSON of one address; `phone` stands in for one that it lacks, since the shop demands one."""
    first_name, last_name = names.both(address.first_name, address.last_name)
    region = {"region_code": address.state, "region": address.state}
    return {
        "firstname": first_name,
        "lastname": last_name,
        "company": address.company or None,
        "street": [line for line in (address.line_1, address.line_2) if line],
        "city": address.city,
        "region": {**region, "region_id": region_id} if region_id else region,
        "region_id": region_id or 0,
        "postcode": address.postal_code,
        "country_id": address.country,
        "telephone": address.phone or phone,
    }
