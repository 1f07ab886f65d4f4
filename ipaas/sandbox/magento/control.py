"""Control calls of Magento under `/_sim/` (apis/magento.md §22), and `/magento_version` (§21)."""

from __future__ import annotations

from typing import Any

from ipaas.sandbox.core.web import Reply, Request, Router, html
from ipaas.sandbox.magento.service import NO_PAGE

router: Router[Any] = Router()


@router.route("GET", "/magento_version")
def version(service: Any, request: Request) -> Reply:
    """Edition and minor version, unless the merchant hid them."""
    if not service.switches["version_page"]:
        return html(NO_PAGE, 404)
    return Reply(service.state.profile.title, mimetype="text/plain")
