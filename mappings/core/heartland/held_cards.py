"""Heartland's gift cards. Its notes §13."""

from collections.abc import Mapping
from typing import Any

from mappings.core.canonical.card import HeldCard
from mappings.core.canonical.json_fields import Row
from mappings.core.rules.money import cents


def card_from_heartland(answer: Mapping[str, Any]) -> HeldCard:
    """Read a card. Raises ContractBroken naming the field, and never the number."""
    row = Row(answer, "Heartland's gift card")
    balance = cents(row.amount("balance"))
    is_good = answer.get("active?", True) is not False
    return HeldCard(id=row.identifier("id"), number=row.text("number"), balance=balance, face=balance, is_good=is_good)
