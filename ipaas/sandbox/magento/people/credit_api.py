"""Store credit and gift cards, as far as an edition has them over REST (apis/magento.md §18)."""

from __future__ import annotations

import base64
import binascii
import csv
import io
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from ipaas.sandbox.magento.call import Call
from ipaas.sandbox.magento.errors import bad
from ipaas.sandbox.magento.routing import Routes
from ipaas.sandbox.magento.settings import setting
from ipaas.sandbox.magento.state import Row, State

routes = Routes()
CUSTOMER_FINANCE = "customer_finance"


@routes.get("/V1/customers/{customerId}/balance/{websiteId}")
def balance_get(call: Call) -> Row:
    """Store credit of a customer on a website; nothing yet is a credit of nothing, and nobody's is no less."""
    customer_id, website_id = call.path["customerId"], call.path["websiteId"]
    row = call.state.balances.first(customer_id=customer_id, website_id=website_id)
    currency = setting(call.state, "currency/options/base")
    empty = {"customer_id": customer_id, "website_id": website_id, "amount": Decimal(0)}
    return {**empty, **(row or {}), "balance_id": row["id"] if row else None, "base_currency_code": currency}


@routes.post("/V1/import/csv")
def import_csv(call: Call) -> list[str]:
    """Set store credit and points from a CSV file: absolute values, not what is added (§18)."""
    source = call.body["source"]
    try:
        text = base64.b64decode(source["csv_data"], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as exc:
        raise bad("The CSV data is not valid.") from exc
    return _imported(call.state, source, csv.DictReader(io.StringIO(text)))


@routes.post("/V1/import/json")
def import_json(call: Call) -> list[str]:
    """The same from rows of JSON."""
    source = call.body["source"]
    return _imported(call.state, source, source.get("items") or ())


def _imported(state: State, source: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Take the good rows; answers what was wrong with the others, with status 200."""
    if source["entity"] != CUSTOMER_FINANCE:
        raise bad("Entity is unknown")
    problems: list[str] = []
    taken = 0
    for number, row in enumerate(rows, start=1):
        problem = _taken(state, row)
        taken += not problem
        problems += [f"Row {number}: {problem}"] if problem else []
    return problems or [f"Entities Processed: {taken}"]


def _taken(state: State, row: Mapping[str, Any]) -> str:
    """Set what a row says; answers what is wrong with it."""
    website = state.websites.first(code=row.get("_finance_website") or row.get("_website"))
    if website is None:
        return "Invalid value in Finance Website column"
    customers = state.customers.find(email_key=str(row.get("_email") or "").strip().casefold())
    if not customers:
        return "Customer with such email, website doesn't exist"
    try:
        amount = Decimal(row.get("store_credit") or 0)
    except InvalidOperation:
        return "Store credit is not a number"
    credit_set(state, customers[0]["id"], website["id"], amount)
    return ""


def credit_set(state: State, customer_id: int, website_id: int, amount: Decimal) -> None:
    """Make a customer's credit what it is given as."""
    row = state.balances.first(customer_id=customer_id, website_id=website_id)
    if row is None:
        state.balances.insert({"customer_id": customer_id, "website_id": website_id, "amount": amount})
    else:
        state.balances.update(row["id"], amount=amount)


@routes.get("/V1/carts/guest-carts/{cartId}/checkGiftCard/{giftCardCode}", right="anonymous")
def gift_card_check(call: Call) -> Decimal:
    """What is left on a gift card. Raises `Refused` for a code that nobody has, or that is not good any more."""
    row = call.state.gift_cards.first(code=call.path["giftCardCode"])
    if row is None or not row.get("status", 1):
        raise bad("The gift card code couldn't be added. Verify your information and try again.")
    return Decimal(row["balance"])
