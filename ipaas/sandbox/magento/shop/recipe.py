"""Scripted shoppers: a JSON recipe becomes a placed order, through the same checkout as the storefront's.

It takes what the other web shop's recipes take (`ipaas/sandbox/catalog/recipes.py`) and what is Magento's own: `view`
(code of a store view), `currency` (with a `rate` to name it oneself), `payment_method` (a code), `tax` ({rates:
{code: percent}, algorithm, prices_include_tax, shipping_includes_tax, discounts_gross, on_shipping}),
`shipping_amount`, `rule` ({code, kind, amount, to_shipping}), `reward`, `increment_id`.

What only another shop knows (`fee`, gift wrap, and at Open Source gift cards and store credit) is left out, as the shop
leaves it out.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from ipaas.sandbox.magento.people.credit_api import credit_set
from ipaas.sandbox.magento.sales.cart import Cart, Coupon, GiftCard, Line, TaxRate, TaxRules
from ipaas.sandbox.magento.sales.cents import ZERO, Row
from ipaas.sandbox.magento.sales.checkout_end import checked_out
from ipaas.sandbox.magento.sales.gateway import METHODS, PAYMENTS, Payment
from ipaas.sandbox.magento.sales.gift_card_accounts import gift_card_made
from ipaas.sandbox.magento.sales.order_lookup import changed
from ipaas.sandbox.magento.sales.placing import Checkout
from ipaas.sandbox.magento.shop import afterwards, terms
from ipaas.sandbox.magento.shop.availability import check_stock
from ipaas.sandbox.magento.shop.basket_lines import line_of
from ipaas.sandbox.magento.shop.shopper_address import billing_of, shipping_of
from ipaas.sandbox.magento.shop.unsellable import Unsellable
from ipaas.sandbox.magento.state import State

KNOWN = {
    *("kind", "lines", "custom_line", "customer", "guest", "ship_to", "bill_to", "coupon", "shipping", "discount"),
    *("gift_certificate", "store_credit", "handling", "fee", "payment", "pickup", "message", "status_id", "ship"),
    *("refund", "days_ago", "count", "check_stock"),
    *("view", "currency", "rate", "payment_method", "tax", "shipping_amount", "rule", "reward", "increment_id"),
}
GENERAL_GROUP, NOT_LOGGED_IN = 1, 0


def order_from(state: State, recipe: Row, at: datetime | None = None) -> Row:
    """Place, pay and finish one order, `at` a time or `days_ago` days before now. Raises `Unsellable` or `Refused`."""
    if unknown := recipe.keys() - KNOWN:
        raise Unsellable("recipe", f"A recipe has no {', '.join(sorted(unknown))}.")
    with state.backdated(at or state.clock.now() - timedelta(days=int(recipe.get("days_ago", 0)))):
        order = checked_out(state, checkout_from(state, recipe))
        changed(state, order["entity_id"], {"recipe": recipe})  # what an edit begins with
        return afterwards.finish(state, order["entity_id"], recipe)


def checkout_from(state: State, recipe: Row) -> Checkout:
    """What the recipe puts in the cart and decides at the checkout. Raises `Unsellable`."""
    view = _view(state, recipe)
    customer = _customer(state, recipe, view["website_id"])
    billing = billing_of(state, customer, recipe)
    lines = _lines(state, recipe, view["id"], customer["group_id"] if customer else NOT_LOGGED_IN)
    if recipe.get("check_stock"):
        check_stock(state, lines, view["id"])
    is_virtual = all(_is_virtual(line) for line in lines)
    ship_to = None if is_virtual else shipping_of(state, recipe, billing)
    delivery = None if ship_to is None else _delivery(recipe, ship_to)
    pieces = int(sum((line.qty for line in lines if not _is_virtual(line)), ZERO))
    taxed_at = ship_to or billing
    cart = Cart(
        lines=lines,
        shipping=ZERO if delivery is None else _shipping_cost(recipe, delivery, pieces),
        coupons=_coupons(recipe, lines),
        gift_cards=_gift_cards(state, recipe),
        store_credit=_store_credit(state, recipe, customer),
        reward=_amount(recipe, "reward") if state.profile.is_commerce else ZERO,
        to_order_rate=_rate(state, recipe, view["id"]),
        repeats_child_price=state.switches["child_price"] == "repeated",
    )
    return Checkout(
        cart=_taxed(state, recipe, view["id"], cart, taxed_at),
        store_id=view["id"],
        email=customer["email"] if customer else billing["email"],
        customer=customer,
        billing=billing,
        shipping=ship_to,
        method=delivery.code if delivery else "",
        method_title=delivery.title if delivery else "",
        payment=_payment(recipe),
        currency=recipe.get("currency", ""),
        note=recipe.get("message", ""),
        number=recipe.get("increment_id", ""),
        pickup=_pickup(state, recipe) if ship_to else "",
    )


def _amount(row: Row, name: str) -> Decimal:
    value = row.get(name)
    try:
        return Decimal(value or 0)
    except InvalidOperation as exc:
        raise Unsellable(name, f"{value} is not an amount.") from exc


# --- who and where --------------------------------------------------------------------------------


def _view(state: State, recipe: Row) -> Row:
    code = recipe.get("view", "default")
    view = state.store_views.first(code=code)
    if view is None or not view["id"]:
        raise Unsellable("view", f"The shop has no store view {code}.")
    return view


def _customer(state: State, recipe: Row, website_id: int) -> Row | None:
    email = recipe.get("customer")
    if not email:
        return None
    rows = state.customers.find(email_key=email.strip().casefold())
    customer = next((row for row in rows if row["website_id"] == website_id), rows[0] if rows else None)
    if customer is None:
        raise Unsellable("customer", f"No customer has the e-mail {email}.")
    return customer


def _pickup(state: State, recipe: Row) -> str:
    """`pickup: true` means the first source where goods can be fetched, a code that one."""
    wanted = recipe.get("pickup")
    if not wanted:
        return ""
    place = state.sources.first(**({"is_pickup_location_active": True} if wanted is True else {"source_code": wanted}))
    if place is None:
        raise Unsellable("pickup", "Nothing can be fetched there.")
    return str(place["source_code"])


# --- goods and money ------------------------------------------------------------------------------


def _lines(state: State, recipe: Row, store_id: int, group_id: int) -> tuple[Line, ...]:
    lines = [line_of(state, given, store_id, group_id) for given in recipe.get("lines", ())]
    given = recipe.get("custom_line")
    for row in given if isinstance(given, list) else [given] if given else []:
        sku = row.get("sku") or "-".join(row["name"].upper().split())[:64]
        plain = {"sku": sku, "type": "simple", "name": row["name"], "price": row["price"]}
        lines.append(line_of(state, plain | {"quantity": row.get("quantity", 1)}, store_id, group_id))
    if not lines:
        raise Unsellable("lines", "The basket is empty.")
    coupon = recipe.get("coupon") or ""
    return tuple(
        replace(line, takes_coupon=line.takes_coupon and terms.coupon_covers(coupon, line.sku)) for line in lines
    )


def _is_virtual(line: Line) -> bool:
    return all(child.is_virtual for child in line.children) if line.children else line.is_virtual


def _delivery(recipe: Row, ship_to: Row) -> terms.Delivery:
    if recipe.get("pickup"):
        return terms.Delivery(code=terms.PICKUP, title=terms.PICKUP_TITLE, cost=lambda pieces: ZERO)
    return terms.delivery_named(ship_to["country_id"], recipe.get("shipping", ""))


def _shipping_cost(recipe: Row, delivery: terms.Delivery, pieces: int) -> Decimal:
    if recipe.get("shipping_amount") is not None:
        return _amount(recipe, "shipping_amount")
    handling = delivery.handling if recipe.get("handling") is None else _amount(recipe, "handling")
    return delivery.cost(pieces) + handling


def _coupons(recipe: Row, lines: tuple[Line, ...]) -> tuple[Coupon, ...]:
    """The merchant's discount, then a rule that is spelled out, then the shopper's coupon."""
    found: list[Coupon] = []
    if _amount(recipe, "discount"):
        found.append(Coupon(code="", label="Discount", kind="cart_fixed", amount=_amount(recipe, "discount")))
    if rule := recipe.get("rule"):
        code = rule.get("code", "")
        found.append(
            Coupon(
                code=code,
                label=code or "Cart rule",
                kind=rule.get("kind", "by_percent"),
                amount=_amount(rule, "amount"),
                to_shipping=bool(rule.get("to_shipping")),
            )
        )
    if recipe.get("coupon"):
        worth = sum((line.price * line.qty for line in lines), ZERO)
        found.append(terms.coupon_of(recipe["coupon"], worth))
    return tuple(found)


def _taxed(state: State, recipe: Row, store_id: int, cart: Cart, address: Row) -> Cart:
    """The cart with the taxes of its address, or with those that the recipe spells out."""
    goods, shipping = terms.taxes_at(address["country_id"], address.get("region") or "")
    rules, wanted = terms.rules_of(state, store_id), recipe.get("tax")
    if wanted is not None:
        goods = tuple(TaxRate(code=code, percent=Decimal(rate)) for code, rate in wanted.get("rates", {}).items())
        shipping = goods if wanted.get("on_shipping", True) else ()
        own = {name: wanted[name] for name in TaxRules.__dataclass_fields__ if name in wanted}
        rules = replace(rules, **own)
    return replace(cart, rates=goods, shipping_rates=shipping, rules=rules)


def _rate(state: State, recipe: Row, store_id: int) -> Decimal:
    if recipe.get("rate"):
        return _amount(recipe, "rate")
    return terms.rate_of(state, store_id, recipe.get("currency", ""))


def _gift_cards(state: State, recipe: Row) -> tuple[GiftCard, ...]:
    """Codes; "new:25.00" stands for a fresh card of that worth. Adobe Commerce alone has them."""
    given: Any = recipe.get("gift_certificate")
    if not given or not state.profile.is_commerce:
        return ()
    return tuple(_gift_card(state, str(code)) for code in (given if isinstance(given, list) else [given]))


def _gift_card(state: State, code: str) -> GiftCard:
    kind, _, worth = code.partition(":")
    row = gift_card_made(state, Decimal(worth)) if kind == "new" else state.gift_cards.first(code=code)
    if row is None or not row["status"]:
        raise Unsellable("gift_certificate", f"The gift card {code} is not good.")
    return GiftCard(id=row["id"], code=row["code"], balance=Decimal(row["balance"]))


def _store_credit(state: State, recipe: Row, customer: Row | None) -> Decimal:
    """What of the credit is used; a recipe's customer has at least that much. Adobe Commerce alone has it."""
    wanted = _amount(recipe, "store_credit")
    if not wanted or not state.profile.is_commerce:
        return ZERO
    if customer is None:
        raise Unsellable("store_credit", "Only a customer has store credit.")
    row = state.balances.first(customer_id=customer["id"], website_id=customer["website_id"])
    if row is None or row["amount"] < wanted:
        credit_set(state, customer["id"], customer["website_id"], wanted)
    return wanted


def _payment(recipe: Row) -> Payment:
    """`payment` says how it ends; `payment_method` is the code where it is not the usual one."""
    name = recipe.get("payment", "card")
    if name not in PAYMENTS:
        raise Unsellable("payment", f"Pay by one of {', '.join(PAYMENTS)}.")
    payment = PAYMENTS[name]
    code = recipe.get("payment_method")
    if code is None:
        return payment
    if code not in METHODS:
        raise Unsellable("payment_method", f"The shop has no payment method {code}.")
    return replace(payment, method=METHODS[code])
