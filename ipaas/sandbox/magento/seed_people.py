"""Customers with their addresses, and the orders of the shared shop."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from ipaas.sandbox import catalog
from ipaas.sandbox.catalog.marketing import CERTIFICATES
from ipaas.sandbox.magento.people import account_attributes
from ipaas.sandbox.magento.people.credit_api import credit_set
from ipaas.sandbox.magento.people.customer_save import customer_created
from ipaas.sandbox.magento.shop.recipe import order_from
from ipaas.sandbox.magento.shop.terms import region_of
from ipaas.sandbox.magento.state import Row, State

DAYS_AGO = 80
MAIN_WEBSITE = 1
DAY = 86_400
STRIDE = 30_341  # seconds; spreads the orders over the day


def fill(state: State, seed: int) -> None:
    """Insert the people of the shop and what they bought. Both web shops of the sandboxes know the same people."""
    account_attributes.fill(state)
    with state.backdated(state.clock.now() - timedelta(days=DAYS_AGO)):
        for person in catalog.customers(seed):
            if "bigcommerce" in person.systems:
                _customer(state, person)
        for row in CERTIFICATES:
            card = {"code": row.code, "balance": row.balance, "status": int(row.status == "active")}
            state.gift_cards.insert({**card, "website_id": MAIN_WEBSITE})
    now = state.clock.now()
    for number, recipe in enumerate(catalog.orders(seed)):
        at = now - timedelta(days=recipe["days_ago"], seconds=-(number * STRIDE % DAY))
        order_from(state, {**recipe}, at)


def _customer(state: State, person: catalog.Customer) -> None:
    addresses = [_address(state, person, row) for row in person.addresses]
    addresses[0]["default_billing"] = True
    addresses[-1]["default_shipping"] = True
    row = customer_created(
        state,
        {
            "email": person.email,
            "firstname": person.first_name,
            "lastname": person.last_name,
            "website_id": MAIN_WEBSITE,
            "addresses": addresses,
        },
    )
    if person.store_credit:
        credit_set(state, row["id"], MAIN_WEBSITE, Decimal(person.store_credit))


def _address(state: State, person: catalog.Customer, row: catalog.Address) -> Row:
    return {
        "firstname": person.first_name,
        "lastname": person.last_name,
        "company": person.company or None,
        "street": [line for line in (row.line_1, row.line_2) if line],
        "city": row.city,
        "postcode": row.postal_code,
        "country_id": row.country_code,
        "region": region_of(state, row.country_code, row.state),
        "telephone": person.phone,
    }
