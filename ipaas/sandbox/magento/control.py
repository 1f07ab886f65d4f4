"""Control calls of Magento under `/_sim/` (apis/magento.md §22), and `/magento_version` (§21)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ipaas.sandbox.core.web import ApiError, Reply, Request, Router, html, json_reply
from ipaas.sandbox.magento.furnish import ALL_RESOURCES
from ipaas.sandbox.magento.integrations import (
    CALLED_BACK,
    access_revoke,
    credentials,
    integration_activate,
    integration_create,
    integration_delete,
    integration_disable,
    integration_reset,
)
from ipaas.sandbox.magento.service import NO_PAGE
from ipaas.sandbox.magento.state import Row, State

router: Router[Any] = Router()


@router.route("GET", "/magento_version")
def version(service: Any, request: Request) -> Reply:
    """Edition and minor version, unless the merchant hid them."""
    if not service.switches["version_page"]:
        return html(NO_PAGE, 404)
    return Reply(service.state.profile.title, mimetype="text/plain")


@router.route("GET", "/_sim/integrations")
def integrations_list(service: Any, request: Request) -> Reply:
    """Every integration with its four credentials."""
    state = service.state
    return json_reply([_told(state, row) for row in state.integrations.all()])


@router.route("POST", "/_sim/integrations")
def integrations_create(service: Any, request: Request) -> Reply:
    """Save one: `{"name", "resources": [...], "endpoint": callback URL, "identity_link_url"}`."""
    wish = request.json_object()
    row = integration_create(
        service.state,
        str(wish.get("name", "Integration")),
        resources=wish.get("resources") or ALL_RESOURCES,
        endpoint=str(wish.get("endpoint", "")),
        identity_link_url=str(wish.get("identity_link_url", "")),
    )
    return json_reply(_told(service.state, row), 201)


@router.route("POST", "/_sim/integrations/<int:number>/activate", locked=False)
def integrations_activate(service: Any, request: Request, number: int) -> Reply:
    """Activate as the merchant does: `{"identity_url"}` of the popup, or `{"failure"}`."""
    _existing(service.state, number)
    done = integration_activate(service.state, service.transaction, number, request.host_url)
    return json_reply({"identity_url": done.identity_url, "failure": done.failure}, 400 if done.failure else 200)


@router.route("POST", "/_sim/integrations/<int:number>/<any(disable, reset, revoke, restore):action>")
def integrations_change(service: Any, request: Request, number: int, action: str) -> Reply:
    """Disable it, forget its token, revoke its token, or take the revocation back."""
    _existing(service.state, number)
    CHANGES[action](service.state, number)
    return json_reply(_told(service.state, _existing(service.state, number)))


@router.route("DELETE", "/_sim/integrations/<int:number>")
def integrations_delete(service: Any, request: Request, number: int) -> Reply:
    """Delete one."""
    _existing(service.state, number)
    integration_delete(service.state, number)
    return integrations_list(service, request)


CHANGES: dict[str, Callable[[State, int], Any]] = {
    "disable": integration_disable,
    "reset": integration_reset,
    "revoke": access_revoke,
    "restore": partial(access_revoke, revoked=False),
}


def _existing(state: State, number: int) -> Row:
    found = state.integrations.get(number)
    if found is None:
        raise ApiError(404, {"error": f"no integration {number}"})
    return found


def _told(state: State, integration: Row) -> Row:
    return {**integration, **credentials(state, integration)}


@router.route("GET", f"/{CALLED_BACK}")
def called_back(service: Any, request: Request) -> Reply:
    """Where an app sends the popup after its log-in."""
    return html("<p>The login to the integration was successful. You may close this window.</p>")
