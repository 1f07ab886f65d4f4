"""Pages for people: the shop, the control panel, the app's install flow. Server-rendered, no JavaScript.

`router` holds all of them and the control calls of scripted shoppers.
"""

from typing import Any

from ipaas.sandbox.bigcommerce.pages import shop_account, shop_cart, shop_catalog, shop_checkout
from ipaas.sandbox.bigcommerce.shop import control
from ipaas.sandbox.core.web import Router

router: Router[Any] = Router()
for part in (shop_catalog, shop_cart, shop_account, shop_checkout, control):
    router.include(part.router)
