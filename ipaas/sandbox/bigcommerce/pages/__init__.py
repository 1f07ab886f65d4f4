"""Pages for people: the shop, the control panel, the app's install flow. Server-rendered, no JavaScript.

`router` holds all of them and the control calls of scripted shoppers.
"""

from typing import Any

from ipaas.sandbox.bigcommerce.pages import (
    install,
    manage_app,
    manage_customers,
    manage_order,
    manage_orders,
    manage_products,
    order_forms,
    shop_account,
    shop_cart,
    shop_catalog,
    shop_checkout,
)
from ipaas.sandbox.bigcommerce.shop import shop_control
from ipaas.sandbox.core.web import Router

router: Router[Any] = Router()
PARTS = (
    shop_catalog,
    shop_cart,
    shop_account,
    shop_checkout,
    manage_orders,
    manage_order,
    order_forms,
    manage_products,
    manage_customers,
    manage_app,
    install,
    shop_control,
)
for part in PARTS:
    router.include(part.router)
