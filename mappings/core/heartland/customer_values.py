"""A customer of Heartland's as a canonical record, and what is written of one. Heartland notes §9."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mappings.core.canonical.customer import NO, YES, Customer, CustomerField, KeptAddress
from mappings.core.canonical.json_fields import Row
from mappings.core.rules import names
from mappings.core.rules.addresses import address_from_heartland
from mappings.core.rules.customer_fields import Values

PLAIN = {
    CustomerField.FIRST_NAME: "first_name",
    CustomerField.LAST_NAME: "last_name",
    CustomerField.EMAIL: "email",
    CustomerField.PHONE: "phone_number",
}


@dataclass(frozen=True, kw_only=True)
class Keys:
    """Custom fields of customers that hold what Heartland has no field for; "": nowhere."""

    company: str = ""
    group: str = ""
    tax_exempt: str = ""

    @property
    def named(self) -> dict[CustomerField, str]:
        kept = {
            CustomerField.COMPANY: self.company,
            CustomerField.GROUP: self.group,
            CustomerField.TAX_EXEMPT: self.tax_exempt,
        }
        return {name: key for name, key in kept.items() if key}


def customer_from_heartland(row: Mapping[str, Any], addresses: Sequence[Mapping[str, Any]], keys: Keys) -> Customer:
    """Read a customer with the rows of its `/addresses`."""
    source = Row(row, f"Customer {row.get('id')}")
    custom = source.inside("custom")
    values = {name: source.text(field) for name, field in PLAIN.items()}
    for name in (CustomerField.FIRST_NAME, CustomerField.LAST_NAME):
        values[name] = "" if values[name] == names.STAND_IN else values[name]
    values[CustomerField.CONSENT] = YES if source.flag("promotional_emails?") else NO
    values |= {name: custom.text(key) for name, key in keys.named.items()}
    return Customer(
        id=source.identifier("id"),
        values=values,
        addresses=tuple(KeptAddress(id=str(one["id"]), address=address_from_heartland(one)) for one in addresses),
        changed_at=source.moment("updated_at") if row.get("updated_at") else None,
        is_gone=bool(row.get("deleted_at")),
        is_off=row.get("active?", True) is False,
    )


def customer_fields(values: Values, keys: Keys) -> dict[str, Any]:
    """JSON for `PUT /customers/{id}`, or for `POST` of a new one: only what is given."""
    body: dict[str, Any] = {PLAIN[name]: value for name, value in values.items() if name in PLAIN}
    if CustomerField.CONSENT in values:
        body["promotional_emails"] = values[CustomerField.CONSENT] == YES
    custom = {key: values[name] for name, key in keys.named.items() if name in values}
    return body | ({"custom": custom} if custom else {})
