"""Sources and stocks of the shared shop, and what lies where before anybody synchronises it."""

from __future__ import annotations

from decimal import Decimal

from ipaas.sandbox.catalog import PLACES, Product, Variant
from ipaas.sandbox.magento.inventory.stock_levels import DEFAULT_SOURCE, DEFAULT_STOCK, WEBSITE
from ipaas.sandbox.magento.scaled import SOURCES
from ipaas.sandbox.magento.state import State

HARBOR_STOCK = 2
EUROPEAN = ("Gifts/", "Provisions/")  # what the European website sells, from the default source
EUROPEAN_PIECES = 6
#: (code, name, city, region, region_id, postcode, enabled)
PLACES_OF_SHOP = (
    (DEFAULT_SOURCE, "Default Source", "", "", None, "00000", True),
    ("harbor_main", "Harbor Main", "Austin", "Texas", 57, "78701", True),
    ("pine_annex", "Pine Annex", "Austin", "Texas", 57, "78704", True),
    ("depot", "Depot", "Round Rock", "Texas", 57, "78664", True),
    ("popup", "Pop-up at the lake", "Lago Vista", "Texas", 57, "78645", False),
)


def fill_stock(state: State) -> None:
    """Five sources, one of them disabled; the default stock for Europe, the shop's own stock for the main website."""
    for code, name, city, region, region_id, postcode, enabled in PLACES_OF_SHOP:
        state.sources.insert(
            {
                "source_code": code,
                "name": name,
                "enabled": enabled,
                "description": name,
                "latitude": Decimal(0),
                "longitude": Decimal(0),
                "country_id": "US",
                "region_id": region_id,
                "region": region or None,
                "city": city or None,
                "postcode": postcode,
                "use_default_carrier_config": True,
                "carrier_links": [],
                "is_pickup_location_active": code == "pine_annex",
                "frontend_name": name,
                "frontend_description": "",
            }
        )
    channels = {DEFAULT_STOCK: ("Default Stock", "europe"), HARBOR_STOCK: ("Harbor & Pine", "base")}
    for number, (name, website) in channels.items():
        state.insert(
            state.stocks, {"stock_id": number, "name": name, "sales_channels": [{"type": WEBSITE, "code": website}]}
        )
    state.stock_source_links.insert({"stock_id": DEFAULT_STOCK, "source_code": DEFAULT_SOURCE, "priority": 1})
    for priority, code in enumerate((*SOURCES.values(), "popup"), start=1):
        state.stock_source_links.insert({"stock_id": HARBOR_STOCK, "source_code": code, "priority": priority})


def levels_begun(product: Product, variant: Variant) -> dict[str, int]:
    """Source -> pieces of a SKU as the shop begins."""
    if not product.tracks_inventory:
        return {}
    levels = {SOURCES[place]: max(0, variant.stock[place]) for place in PLACES}
    return levels | ({DEFAULT_SOURCE: EUROPEAN_PIECES} if product.category.startswith(EUROPEAN) else {})
