"""Whom an order or an account names: what nobody is to repeat in the words of an error."""

from ipaas.types import JSON
from mappings.core.canonical.customer import Customer, CustomerField
from mappings.core.canonical.order import Address, Buyer, Order


def names_on(order: Order) -> list[str]:
    """Every name of a person or company on the order, in full and in its parts."""
    people: list[Buyer | Address] = [order.buyer, *addresses_on(order)]
    full = [f"{one.first_name} {one.last_name}" for one in people]
    parts = [part for one in people for part in (one.first_name, one.last_name)]
    return [*full, *parts, *(address.company for address in addresses_on(order))]


def streets_on(order: Order) -> list[str]:
    """The street lines of all its addresses."""
    return [line for address in addresses_on(order) for line in (address.line_1, address.line_2)]


def addresses_on(order: Order) -> list[Address]:
    """Billing and shipping addresses."""
    return [*filter(None, [order.billing]), *(one.address for one in order.consignments)]


def names_of(customer: Customer) -> list[str]:
    """The same of an account."""
    own = [customer.said(CustomerField.FIRST_NAME), customer.said(CustomerField.LAST_NAME)]
    people = [(*own, customer.said(CustomerField.COMPANY))]
    people += [(one.address.first_name, one.address.last_name, one.address.company) for one in customer.addresses]
    return [name for first, last, company in people for name in (f"{first} {last}", first, last, company)]


def streets_of(customer: Customer) -> list[str]:
    return [line for one in customer.addresses for line in (one.address.line_1, one.address.line_2)]


def on_parcel(address: Address) -> JSON:
    """{lines: as they stand on a parcel, phone}."""
    place = " ".join(filter(None, (address.city, address.state, address.postal_code)))
    name = " ".join(filter(None, (address.first_name, address.last_name)))
    lines = (name, address.company, address.line_1, address.line_2, place, address.country)
    return {"lines": [line for line in lines if line], "phone": address.phone}
