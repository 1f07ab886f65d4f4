"""Pages for people: the Admin and the storefront. Server-rendered, no JavaScript; nobody has to log in."""

from typing import Any

from ipaas.sandbox.core.web import Router
from ipaas.sandbox.magento.pages import admin_integrations

router: Router[Any] = Router()
PARTS = (admin_integrations,)
for part in PARTS:
    router.include(part.router)
