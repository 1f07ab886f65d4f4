"""Store credit of BigCommerce's customers. Its notes §22."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from errors.failures import ContractBroken
from mappings.core.canonical.card import HeldCard
from mappings.core.canonical.json_fields import Row
from mappings.core.rules.money import cents

AMOUNTS = "store_credit_amounts"


def credit_from_bigcommerce(answer: Mapping[str, Any]) -> HeldCard:
    """Read an account with its store credit. Raises ContractBroken where that is not told: it is not nothing then."""
    row = Row(answer, f"Account {answer.get('id')}")
    amounts = list(row.rows(AMOUNTS, "store credit"))
    if len(amounts) != 1:
        raise ContractBroken(f"Account {answer.get('id')} came without one amount of store credit.")
    balance = cents(amounts[0].amount("amount"))
    return HeldCard(id=row.identifier("id"), number="", balance=balance, face=balance)


def credit_fields(balance: Decimal) -> dict[str, Any]:
    """What sets an account's store credit: the store takes it as it is, not what is added."""
    return {AMOUNTS: [{"amount": balance}]}
