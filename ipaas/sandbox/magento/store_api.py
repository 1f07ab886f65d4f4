"""Websites, store groups, store views, their configuration, and the modules (apis/magento.md §21)."""

from __future__ import annotations

from typing import Any

from ipaas.sandbox.magento.call import Call
from ipaas.sandbox.magento.routing import Routes
from ipaas.sandbox.magento.settings import setting
from ipaas.sandbox.magento.state import Row

routes = Routes()
BOTH_EDITIONS = (
    "Magento_Store",
    "Magento_Backend",
    "Magento_Customer",
    "Magento_Catalog",
    "Magento_ConfigurableProduct",
    "Magento_Bundle",
    "Magento_Downloadable",
    "Magento_CatalogInventory",
    "Magento_Sales",
    "Magento_Quote",
    "Magento_Tax",
    "Magento_Directory",
    "Magento_Integration",
    "Magento_AsynchronousOperations",
    "Magento_Webapi",
    "Magento_WebapiAsync",
    "Magento_TwoFactorAuth",
)
INVENTORY = (
    "Magento_Inventory",
    "Magento_InventoryApi",
    "Magento_InventorySalesApi",
    "Magento_InventorySourceSelectionApi",
    "Magento_InventoryReservations",
    "Magento_InventoryInStorePickup",
)
COMMERCE = (
    "Magento_Enterprise",
    "Magento_GiftCard",
    "Magento_GiftCardAccount",
    "Magento_CustomerBalance",
    "Magento_Rma",
    "Magento_Logging",
    "Magento_AdobeCommerceEventsClient",
    "Magento_AdobeCommerceWebhooks",
)


@routes.get("/V1/store/websites")
def websites(call: Call) -> list[Row]:
    """Every website, the admin's too."""
    return list(call.state.websites.all())


@routes.get("/V1/store/storeGroups")
def store_groups(call: Call) -> list[Row]:
    """Every store, the admin's too."""
    return list(call.state.store_groups.all())


@routes.get("/V1/store/storeViews")
def store_views(call: Call) -> list[Row]:
    """Every store view, the admin's too."""
    return list(call.state.store_views.all())


@routes.get("/V1/store/storeConfigs")
def store_configs(call: Call) -> list[Row]:
    """Configuration of the store views, all but the admin's or those of `storeCodes`."""
    wanted = call.query.get("storeCodes")
    views = [row for row in call.state.store_views.all() if row["id"]]
    return [_config(call, row) for row in views if wanted is None or row["code"] in wanted]


def _config(call: Call, view: Row) -> Row:
    def of(path: str) -> Any:
        return setting(call.state, path, view["id"])

    base = call.base_url
    urls = {
        f"{secure}base_{kind}url": base + path
        for secure in ("", "secure_")
        for kind, path in (("", ""), ("link_", ""), ("static_", "static/"), ("media_", "media/"))
    }
    return urls | {
        "id": view["id"],
        "code": view["code"],
        "website_id": view["website_id"],
        "locale": of("general/locale/code"),
        "base_currency_code": of("currency/options/base"),
        "default_display_currency_code": of("currency/options/default"),
        "timezone": of("general/locale/timezone"),
        "weight_unit": of("general/locale/weight_unit"),
    }


@routes.get("/V1/modules")
def modules(call: Call) -> Any:
    """Names of the modules that are installed: they tell the edition, and whether stock is kept by sources."""
    switches = call.state.switches
    names = [*BOTH_EDITIONS, *(INVENTORY if switches["inventory_modules"] else ())]
    names += COMMERCE if call.state.profile.is_commerce else ()
    return {"items": names, "total_count": len(names)} if switches["modules_envelope"] else names
