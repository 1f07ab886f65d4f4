"""Pages for people: the Admin and the storefront. Server-rendered, no JavaScript; nobody has to log in."""

from typing import Any

from ipaas.sandbox.core.web import Router
from ipaas.sandbox.magento.pages import (
    admin_customers,
    admin_integrations,
    admin_order,
    admin_orders,
    admin_products,
    admin_sources,
    front_catalog,
    front_checkout,
)

router: Router[Any] = Router()
PARTS = (
    admin_orders,
    admin_order,
    admin_products,
    admin_sources,
    admin_customers,
    admin_integrations,
    front_catalog,
    front_checkout,
)
for part in PARTS:
    router.include(part.router)
