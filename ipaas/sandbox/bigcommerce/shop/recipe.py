"""Scripted shoppers: a JSON recipe becomes an order, through the same checkout as the pages (see the catalogue)."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any, cast

from ipaas.sandbox.bigcommerce import actions
from ipaas.sandbox.bigcommerce.pricing import Fee
from ipaas.sandbox.bigcommerce.rows import STREET_ADDRESS, ZERO
from ipaas.sandbox.bigcommerce.shop import afterwards, terms
from ipaas.sandbox.bigcommerce.shop.basket import PAYMENTS, Basket, Custom, Item
from ipaas.sandbox.bigcommerce.shop.goods import Unsellable
from ipaas.sandbox.bigcommerce.shop.sale import buy
from ipaas.sandbox.bigcommerce.state import Row, State

KNOWN = {
    "kind",
    "lines",
    "custom_line",
    "customer",
    "guest",
    "ship_to",
    "bill_to",
    "coupon",
    "shipping",
    "gift_certificate",
    "store_credit",
    "discount",
    "handling",
    "fee",
    "payment",
    "pickup",
    "message",
    "status_id",
    "ship",
    "refund",
    "days_ago",
    "count",
    "check_stock",
}
SAMPLE_GUEST: Row = {
    "first_name": "Robin",
    "last_name": "Wells",
    "email": "robin.wells@example.org",
    "phone": "5125550142",
    "street_1": "12 Elm St",
    "city": "Austin",
    "state": "Texas",
    "zip": "78701",
    "country": "United States",
    "country_iso2": "US",
}


def order_from(state: State, recipe: Row) -> Row:
    """Place, pay and finish one order. Raises `Unsellable` for a recipe that cannot be."""
    if unknown := recipe.keys() - KNOWN:
        raise Unsellable("recipe", f"A recipe has no {', '.join(sorted(unknown))}.")
    order = buy(state, basket_from(state, recipe))
    return afterwards.finish(state, order["id"], recipe)


def basket_from(state: State, recipe: Row) -> Basket:
    """What the recipe puts in the basket and decides at the checkout."""
    customer = _customer(state, recipe)
    billing = _street(recipe.get("bill_to") or _billing_of(state, customer, recipe))
    credit = _amount(recipe, "store_credit")
    if credit and customer is None:
        raise Unsellable("store_credit", "Only a customer has store credit.")
    if customer is not None and credit > customer["store_credit"]:
        actions.customers_update(state, [{"id": customer["id"], "store_credit_amounts": [{"amount": credit}]}])
    payment = recipe.get("payment", "card")
    if payment not in PAYMENTS:
        raise Unsellable("payment", f"Pay by one of {', '.join(PAYMENTS)}.")
    return Basket(
        items=tuple(_item(line) for line in recipe.get("lines", ())),
        customs=_customs(recipe),
        customer_id=customer["id"] if customer else 0,
        billing=billing,
        ship_to=_ship_to(recipe, billing),
        pickup=_pickup(state, recipe),
        shipping=recipe.get("shipping", ""),
        coupon=recipe.get("coupon") or "",
        certificates=_certificates(state, recipe),
        store_credit=credit,
        discount=_amount(recipe, "discount"),
        handling=_amount(recipe, "handling") if recipe.get("handling") is not None else None,
        fees=_fees(recipe),
        payment=payment,
        message=recipe.get("message", ""),
        checks_stock=bool(recipe.get("check_stock")),
    )


def _amount(row: Row, name: str) -> Decimal:
    value = row.get(name)
    try:
        return Decimal(value or 0)
    except InvalidOperation as exc:
        raise Unsellable(name, f"{value} is not an amount.") from exc


# --- people ---------------------------------------------------------------------------------------


def _customer(state: State, recipe: Row) -> Row | None:
    email = recipe.get("customer")
    if not email:
        return None
    customer = state.customers.first(email_key=email.strip().lower())
    if customer is None:
        raise Unsellable("customer", f"No customer has the e-mail {email}.")
    return customer


def _billing_of(state: State, customer: Row | None, recipe: Row) -> Row:
    if customer is None:
        return recipe.get("guest") or SAMPLE_GUEST
    return first_address(state, customer)


def first_address(state: State, customer: Row) -> Row:
    """A customer's oldest address as an order address; without one only the name."""
    own = {
        "first_name": customer["first_name"],
        "last_name": customer["last_name"],
        "email": customer["email"],
        "phone": customer["phone"],
        "company": customer["company"],
    }
    row = state.customer_addresses.first(customer_id=customer["id"])
    return own if row is None else own | street_from(row)


def street_from(row: Row) -> Row:
    """A customer address (§22) in the fields of an order address (§11)."""
    return {
        "first_name": row["first_name"],
        "last_name": row["last_name"],
        "company": row["company"],
        "street_1": row["address1"],
        "street_2": row["address2"],
        "city": row["city"],
        "state": row["state_or_province"],
        "zip": row["postal_code"],
        "country": row["country"],
        "country_iso2": row["country_code"],
        "phone": row["phone"],
    }


def _street(given: Row) -> Row:
    """An address of a recipe. Raises `Unsellable` for unknown fields."""
    if unknown := given.keys() - STREET_ADDRESS.keys():
        raise Unsellable("address", f"An address has no {', '.join(sorted(unknown))}.")
    return {name: value for name, value in {**STREET_ADDRESS, **given}.items() if name != "form_fields"}


def _ship_to(recipe: Row, billing: Row) -> tuple[Row, ...]:
    given = recipe.get("ship_to") or []
    contact = {"email": billing["email"], "phone": billing["phone"]}
    return tuple(_street({**contact, **row}) for row in (given if isinstance(given, list) else [given]))


def _pickup(state: State, recipe: Row) -> int | None:
    """`pickup: true` means the last location, a number means that one."""
    wanted = recipe.get("pickup")
    if not wanted:
        return None
    return max(row["id"] for row in state.locations.all()) if wanted is True else int(wanted)


# --- goods and money ------------------------------------------------------------------------------


def _item(line: Row) -> Item:
    if unknown := line.keys() - {"sku", "quantity", "modifiers", "gift_wrap", "gift_message", "certificate"}:
        raise Unsellable("lines", f"A line has no {', '.join(sorted(unknown))}.")
    return Item(
        sku=line["sku"],
        quantity=int(line.get("quantity", 1)),
        modifiers=line.get("modifiers") or {},
        wrap=line.get("gift_wrap") or "",
        wrap_message=line.get("gift_message") or "",
        certificate=line.get("certificate"),
    )


def _customs(recipe: Row) -> tuple[Custom, ...]:
    given = recipe.get("custom_line")
    rows = given if isinstance(given, list) else [given] if given else []
    return tuple(
        Custom(
            name=row["name"],
            price=_amount(row, "price"),
            sku=row.get("sku") or "",
            quantity=int(row.get("quantity", 1)),
        )
        for row in rows
    )


def _fees(recipe: Row) -> tuple[Fee, ...]:
    """A fee as {name, amount} or as a bare amount."""
    given = recipe.get("fee")
    if not given:
        return ()
    row = given if isinstance(given, dict) else {"name": "Handling fee", "amount": given}
    return (Fee(name=row.get("name", "Fee"), amount=_amount(row, "amount"), is_taxable=row.get("is_taxable", True)),)


def _certificates(state: State, recipe: Row) -> tuple[str, ...]:
    """Codes; "new:25.00" stands for a fresh certificate of that worth."""
    given: Any = recipe.get("gift_certificate")
    codes = given if isinstance(given, list) else [given] if given else []
    return tuple(_certificate_code(state, str(code)) for code in codes)


def _certificate_code(state: State, code: str) -> str:
    kind, _, worth = code.partition(":")
    if kind != "new":
        return terms.certificate(state, code)[0]
    amount = _amount({"gift_certificate": worth}, "gift_certificate")
    if amount <= ZERO:
        raise Unsellable("gift_certificate", "A new certificate needs a worth, as in new:25.00.")
    row = actions.certificate_create(
        state,
        {
            "to_name": "Robin Wells",
            "to_email": "robin.wells@example.org",
            "from_name": "Harbor & Pine",
            "from_email": "shop@example.com",
            "amount": str(amount),
        },
    )
    return cast("str", row["code"])
