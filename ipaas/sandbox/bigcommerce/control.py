"""Control calls of BigCommerce under `/_sim/`: the app's life, tokens, settings, events, domains (note §26)."""

from __future__ import annotations

from typing import Any

from ipaas.sandbox.bigcommerce import actions, oauth
from ipaas.sandbox.bigcommerce.actions.app import OWNER_ID
from ipaas.sandbox.bigcommerce.errors import Refused
from ipaas.sandbox.bigcommerce.scopes import ALL_SCOPES
from ipaas.sandbox.core import pages
from ipaas.sandbox.core.web import ApiError, Reply, Request, Router, html, json_reply

router: Router[Any] = Router()


def _told(exc: Refused) -> ApiError:
    return ApiError(exc.status, {"error": exc.message, **(exc.errors or {})})


@router.route("GET", "/_sim/app")
def app_get(service: Any, request: Request) -> Reply:
    """The app's registration, and whether it is installed."""
    return json_reply(actions.app_row(service.state))


@router.route("PUT", "/_sim/app")
def app_put(service: Any, request: Request) -> Reply:
    """Change it: `auth_callback`, `load_callback`, `uninstall_callback`, `remove_user_callback`, `scopes`, secrets."""
    try:
        return json_reply(actions.app_configure(service.state, request.json_object()))
    except Refused as exc:
        raise _told(exc) from exc


@router.route("POST", "/_sim/app/install")
def app_install(service: Any, request: Request) -> Reply:
    """Consent without a browser: `{"user_id", "external": true}` -> the auth callback to open, as `url`."""
    wish = request.json_object()
    url = oauth.auth_callback_url(
        service.state, user_id=int(wish.get("user_id", OWNER_ID)), external=bool(wish.get("external", True))
    )
    return json_reply({"url": url})


@router.route("POST", "/_sim/app/reconsent")
def app_reconsent(service: Any, request: Request) -> Reply:
    """The scopes changed (`{"scopes": [...]}`) and the merchant allows them: the auth callback to open, as `url`."""
    scopes = request.json_object().get("scopes")
    if scopes is not None:
        actions.app_configure(service.state, {"scopes": list(scopes)})
    return json_reply({"url": oauth.auth_callback_url(service.state, external=False)})


@router.route("POST", "/_sim/app/uninstall")
def app_uninstall(service: Any, request: Request) -> Reply:
    """Uninstall: token and hooks go, the callback is sent unless `{"lose": true}`."""
    wish = request.json_object()
    url = oauth.uninstall(service.state, user_id=int(wish.get("user_id", OWNER_ID)), lose=bool(wish.get("lose")))
    return json_reply({"url": url})


@router.route("POST", "/_sim/app/remove-user")
def app_remove_user(service: Any, request: Request) -> Reply:
    """Revoke a user (`{"user_id": 501}`), the callback is sent unless `{"lose": true}`."""
    wish = request.json_object()
    try:
        url = oauth.remove_user(service.state, int(wish.get("user_id", 501)), lose=bool(wish.get("lose")))
    except Refused as exc:
        raise _told(exc) from exc
    return json_reply({"url": url})


@router.route("POST", "/_sim/app/load")
def app_load(service: Any, request: Request) -> Reply:
    """The load callback a user's click opens: `{"user_id", "url", "channel_id"}` -> `url`."""
    wish = request.json_object()
    return json_reply(
        {
            "url": oauth.callback_url(
                service.state,
                "load",
                int(wish.get("user_id", OWNER_ID)),
                url=str(wish.get("url", "/")),
                channel_id=wish.get("channel_id"),
            )
        }
    )


@router.route("POST", "/_sim/tokens")
def token_make(service: Any, request: Request) -> Reply:
    """An access token at once: `{"token", "scopes", "client_id"}`, all optional; it opens everything by default."""
    wish = request.json_object()
    number = service.state.tokens.next_id
    row = actions.token_insert(
        service.state,
        str(wish.get("token") or f"sim-token-{number}"),
        wish.get("scopes") or ALL_SCOPES,
        client_id=wish.get("client_id"),
        fixed=True,
    )
    return json_reply(row, 201)


@router.route("GET", "/_sim/store")
def store_get(service: Any, request: Request) -> Reply:
    """Profile and settings of the store."""
    return json_reply(service.state.profile())


@router.route("PUT", "/_sim/store")
def store_put(service: Any, request: Request) -> Reply:
    """Change profile or settings, such as `update_stock_behavior` or `is_price_entered_with_tax`."""
    wish = request.json_object()
    if unknown := sorted(wish.keys() - service.state.profile().keys()):
        raise ApiError(400, {"error": f"unknown field: {', '.join(unknown)}"})
    row = service.state.store.update(1, wish)
    service.state.emit("store/information/updated", {"type": "store"})
    return json_reply(row)


@router.route("PUT", "/_sim/statuses/<int:status_id>")
def status_put(service: Any, request: Request, status_id: int) -> Reply:
    """Rename an order status: `{"custom_label": "Pack me"}`."""
    if status_id not in service.state.statuses:
        raise ApiError(404, {"error": "no such status"})
    label = str(request.json_object()["custom_label"])
    return json_reply(service.state.statuses.update(status_id, custom_label=label))


@router.route("POST", "/_sim/events")
def event_emit(service: Any, request: Request) -> Reply:
    """Send any event to whoever listens: `{"scope": "store/order/updated", "data": {...}}`."""
    wish = request.json_object()
    service.state.emit(str(wish["scope"]), dict(wish.get("data") or {}))
    return json_reply({"queued": True}, 202)


@router.route("POST", "/_sim/domains/block")
def domain_block(service: Any, request: Request) -> Reply:
    """Block a receiver domain by hand: `{"domain": "host:port", "seconds": 180}`."""
    wish = request.json_object()
    service.hook_outbox.watch.block(str(wish["domain"]).lower(), float(wish.get("seconds", 180)))
    return json_reply(service.hook_outbox.watch.blocked())


@router.route("PUT", "/_sim/hooks/<int:hook_id>")
def hook_force(service: Any, request: Request, hook_id: int) -> Reply:
    """Switch a hook on or off behind its owner's back: `{"is_active": false}`."""
    if hook_id not in service.state.hooks:
        raise ApiError(404, {"error": "no such hook"})
    active = bool(request.json_object().get("is_active", False))
    return json_reply(service.state.hooks.update(hook_id, is_active=active))


@router.route("POST", "/_sim/certificates")
def certificate_make(service: Any, request: Request) -> Reply:
    """A gift certificate at once, fields as in V2."""
    try:
        return json_reply(actions.certificate_create(service.state, request.json_object()), 201)
    except Refused as exc:
        raise _told(exc) from exc


@router.route("GET", "/_sim/bigcommerce")
def help_page(service: Any, request: Request) -> Reply:
    """The control calls of BigCommerce, for a person."""
    calls = [(route.pattern, (route.handler.__doc__ or "").strip().splitlines()[0]) for route in service.control_routes]
    body = pages.section("Control calls of BigCommerce", pages.table(("Call", "Does"), calls))
    return html(pages.page("BigCommerce controls", body, service.links(), system=service.name, label=service.title))
