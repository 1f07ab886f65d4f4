"""What a shopper pays for one piece: base, special and tier price (note §14.2, cases M11 and M12)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

ALL_GROUPS = 32_000  # customer_group_id of a tier price for everybody
EVERY_WEBSITE = 0
DAY = timedelta(days=1)


def special_runs(values: Mapping[str, Any], local: datetime) -> bool:
    """Whether the special price holds at a time on the shop's own clock (naive).

    A day is added to the end, so that an end at 00:00:00 lasts until the end of its day and one at 23:59:59
    a day longer than meant (M11).
    """
    begins, ends = values.get("special_from_date"), values.get("special_to_date")
    if begins and local < datetime.fromisoformat(str(begins)):
        return False
    return not ends or local < datetime.fromisoformat(str(ends)) + DAY


def selling_price(
    values: Mapping[str, Any],
    local: datetime,
    *,
    tiers: Iterable[Mapping[str, Any]] = (),
    quantity: Decimal = Decimal(1),
    group_id: int = ALL_GROUPS,
    website_id: int = EVERY_WEBSITE,
) -> Decimal:
    """The lowest of the prices that hold, per piece, tax as the catalogue has it."""
    base = Decimal(values.get("price") or 0)
    prices = [base]
    special = values.get("special_price")
    if special is not None and special_runs(values, local):
        prices.append(Decimal(special))
    prices += [
        _tier_amount(tier, base)
        for tier in tiers
        if tier["customer_group_id"] in (ALL_GROUPS, group_id)
        and tier["website_id"] in (EVERY_WEBSITE, website_id)
        and Decimal(tier["qty"]) <= quantity
    ]
    return min(prices)


def _tier_amount(tier: Mapping[str, Any], base: Decimal) -> Decimal:
    percentage = tier.get("percentage_value")
    if percentage is None:
        return Decimal(tier["value"])
    return (base * (100 - Decimal(percentage)) / 100).quantize(Decimal("0.0001"))
