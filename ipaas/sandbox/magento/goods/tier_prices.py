"""Prices from a quantity on, for all or one customer group, on all or one website (note §14.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from ipaas.sandbox.magento.errors import bad
from ipaas.sandbox.magento.goods.selling_price import ALL_GROUPS, EVERY_WEBSITE
from ipaas.sandbox.magento.state import Row, State

ALL_NAMED = "ALL GROUPS"
DUPLICATE = "We found a duplicate website, tier price, customer group and quantity."


def tiers_wanted(wishes: Iterable[Mapping[str, Any]]) -> list[Row]:
    """The complete new tier prices of a product body. Raises `Refused` for two of one kind."""
    rows = []
    for wish in wishes:
        more = wish.get("extension_attributes") or {}
        rows.append(
            {
                "customer_group_id": wish.get("customer_group_id", ALL_GROUPS),
                "qty": wish.get("qty") or Decimal(1),
                "value": wish.get("value") or Decimal(0),
                "percentage_value": more.get("percentage_value"),
                "website_id": more.get("website_id") or EVERY_WEBSITE,
            }
        )
    if len({tier_key(row) for row in rows}) < len(rows):
        raise bad(DUPLICATE)
    return rows


def tier_key(row: Mapping[str, Any]) -> tuple[int, int, Decimal]:
    """What there can be only one tier price of."""
    return row["website_id"], row["customer_group_id"], Decimal(row["qty"])


def group_named(state: State, name: str) -> int | None:
    """The id of a customer group by its name in any letter case; None for an unknown one."""
    if name.casefold() == ALL_NAMED.casefold():
        return ALL_GROUPS
    return next((row["id"] for row in state.groups.all() if row["code"].casefold() == name.casefold()), None)


def group_name(state: State, group_id: int) -> str:
    """The name of a customer group."""
    return ALL_NAMED if group_id == ALL_GROUPS else str((state.groups.get(group_id) or {}).get("code", ""))
