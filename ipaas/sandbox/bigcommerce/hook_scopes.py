"""The scopes hooks can be made on, as the official event pages list them (2026-04); others are refused (note §25.1)."""

from __future__ import annotations

import re

CHANGES = ("created", "updated", "deleted")


def _events(resource: str, *names: str) -> tuple[str, ...]:
    return tuple(f"store/{resource}/{name}" for name in names)


METAFIELDS = tuple(
    scope
    for resource in (
        "brand",
        "cart",
        "category",
        "channel",
        "inventory/location",
        "order",
        "product",
        "product/variant",
    )
    for scope in _events(f"{resource}/metafield", *CHANGES)
)
ORDER = (
    *("created", "updated", "archived", "statusUpdated", "message/created", "refund/created"),
    *("transaction/created", "transaction/updated"),
)
CART = (*CHANGES, "couponApplied", "abandoned", "converted", *(f"lineItem/{change}" for change in CHANGES))
STOCK = ("inventory/updated", "inventory/order/updated")
STORE_WIDE = (
    *_events("app", "uninstalled"),
    *_events("cart", *CART),
    *_events("category", *CHANGES),
    *_events("channel", "created", "updated"),
    *_events("customer", *CHANGES, *(f"address/{change}" for change in CHANGES)),
    *_events("customer", "payment/instrument/default/updated", "channel/login/access/updated"),
    *_events("hook", "deliveryException"),
    *_events("information", "updated"),
    *_events("inventory/location", *CHANGES),
    *_events("metafield", *CHANGES),
    *_events("modifier", "updated"),
    *_events("option", "updated"),
    *_events("order", *ORDER),
    *_events("priceList", *CHANGES, "activated", "deactivated", "assignment/updated", "assignment/deleted"),
    *_events("priceList", *(f"{kind}/{change}" for kind in ("record", "records") for change in CHANGES)),
    *_events("priceLists", "deleted"),
    *_events("product", *CHANGES, *STOCK, "price/updated"),
    *_events("redirects", "updated"),
    *_events("shipment", *CHANGES),
    *_events("sku", *CHANGES, *STOCK),
    *_events("subscriber", *CHANGES),
    *METAFIELDS,
)
SETTINGS = (
    *(f"emailStatus/{change}" for change in ("updated", "deleted")),
    *(f"locale/{change}" for change in ("added", "updated", "deleted")),
    *(f"site/{what}" for what in ("updated", "checkoutUrl/updated", "checkoutUrl/deleted")),
    *(f"{what}/image/updated" for what in ("logo", "favicon")),
    *(f"{what}/updated" for what in ("currency", "profile", "logo", "checkout", "SEO", "robots", "category", "route")),
    *(f"{what}/updated" for what in ("product", "catalog", "security", "searchContextFilters", "customerPrivacy")),
    "defaultCustomerGroup/updated",
)
ALARMS = ("stock_changed", "low_stock_reached", "out_of_stock_reached", "settings_changed")
OF_CHANNEL = (
    *(f"cart/{name}" for name in CART),
    *(f"category/{name}" for name in (*CHANGES, "product/assigned", "product/unassigned")),
    "categoryTree/updated",
    *(f"email/templates/{change}" for change in ("updated", "deleted")),
    *(f"inventory/product/{alarm}" for alarm in ALARMS),
    *(f"notifications/{what}/updated" for what in ("abandonedCart", "inventory")),
    *(f"order/{name}" for name in ORDER),
    *(f"page/{change}" for change in ("created", "updated")),
    *(f"product/{what}" for what in ("assigned", "unassigned")),
    *(f"script/{change}" for change in ("created", "updated")),
    *(f"settings/{what}" for what in SETTINGS),
    "socialMediaLinks/updated",
    *(f"theme/configuration/{what}" for what in ("created", "activated")),
)
"""Behind `store/channel/{id or *}/`."""
CHANNEL = re.compile(r"store/channel/(?:\d+|\*)/(.+)")


def is_documented(scope: str) -> bool:
    """Whether a hook can be made on it: an event, or a wildcard at the end that covers at least one."""
    if scope in STORE_WIDE:
        return True
    if (found := CHANNEL.fullmatch(scope)) is not None:
        return _covers(found[1], OF_CHANNEL)
    return scope.startswith("store/") and scope != "store/*" and _covers(scope, STORE_WIDE)


def _covers(wanted: str, events: tuple[str, ...]) -> bool:
    if not wanted.endswith("/*"):
        return wanted in events
    return any(event.startswith(wanted[:-1]) for event in events)
