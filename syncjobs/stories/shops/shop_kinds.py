"""The store of a kind, as stories meet it."""

from syncjobs.stories.shops.bigcommerce_shop import BigCommerceShop
from syncjobs.stories.shops.magento_shop import MagentoShop
from syncjobs.stories.shops.shop_side import ShopSide

SIDES: dict[str, type[ShopSide]] = {side.kind: side for side in (BigCommerceShop, MagentoShop)}


def side_of(kind: str, control: str) -> ShopSide:
    """The store at an address of the sandbox."""
    return SIDES[kind](control)
