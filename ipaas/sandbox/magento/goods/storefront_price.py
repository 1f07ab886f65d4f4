"""The price that a shopper sees now: by view, on the shop's own clock (note §14.2, cases M11 and M12)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from ipaas.sandbox.magento.goods.product_rows import product_values
from ipaas.sandbox.magento.goods.selling_price import ALL_GROUPS, EVERY_WEBSITE, selling_price
from ipaas.sandbox.magento.settings import setting
from ipaas.sandbox.magento.state import State

TIME_ZONE = "general/locale/timezone"


def storefront_price(
    state: State,
    product: Mapping[str, Any],
    store_id: int,
    quantity: Decimal = Decimal(1),
    group_id: int = ALL_GROUPS,
) -> Decimal:
    """Price of one piece when `quantity` are bought in a store view, in the currency of its website."""
    zone = ZoneInfo(str(setting(state, TIME_ZONE, store_id)))
    view = state.store_views.get(store_id) or {}
    return selling_price(
        product_values(product, store_id),
        state.clock.now().astimezone(zone).replace(tzinfo=None),
        tiers=product["tier_prices"],
        quantity=quantity,
        group_id=group_id,
        website_id=view.get("website_id", EVERY_WEBSITE),
    )
