"""Store credit of Magento's accounts. Its notes §18."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from errors.failures import ConfigurationFailure
from mappings.core.canonical.card import HeldCard
from mappings.core.canonical.json_fields import Row
from mappings.core.rules.money import cents


def credit_from_magento(answer: Mapping[str, Any], *, currency: str) -> HeldCard:
    """Read what an account has on a website. Raises ConfigurationFailure where it is kept in another currency."""
    row = Row(answer, f"Store credit of account {answer.get('customer_id')}")
    kept_in = row.text("base_currency_code")
    if kept_in and kept_in != currency:
        raise ConfigurationFailure(f"The website keeps store credit in {kept_in}, Heartland its cards in {currency}.")
    balance = cents(row.amount("amount"))
    return HeldCard(id=row.identifier("customer_id"), number="", balance=balance, face=balance)


def has_begun(answer: Mapping[str, Any]) -> bool:
    """Whether the account ever had credit there; one that is deleted is shown as one that had none."""
    return bool(answer.get("balance_id"))


def credit_row(email: str, website: str, balance: Decimal) -> dict[str, str]:
    """The import's row that sets an account's credit. Points stand in it too: a column that lacks is left alone."""
    return {"_email": email, "_website": website, "_finance_website": website, "store_credit": f"{balance:f}"}
