"""The install flow on the log-in host: log in, choose the store, allow all scopes or none (note §2)."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from ipaas.sandbox.bigcommerce import actions, oauth
from ipaas.sandbox.bigcommerce.actions.app import OWNER_ID
from ipaas.sandbox.bigcommerce.pages import frame
from ipaas.sandbox.bigcommerce.pages.frame import H, join
from ipaas.sandbox.bigcommerce.pages.manage_app import framed
from ipaas.sandbox.bigcommerce.pages.session import Store
from ipaas.sandbox.bigcommerce.state import Row, State
from ipaas.sandbox.core.web import Reply, Request, Router, redirect

router: Router[Store] = Router()
COOKIE = "bc_user"
PANEL = "panel"

PAGE = H("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · BigCommerce sandbox</title>
<link rel="stylesheet" href="/manage/style.css">
</head>
<body>
<main class="gate"><div class="card"><div class="brand"><b>BigCommerce</b> <span class="tag">sandbox</span></div>
<h1>{title}</h1>{body}</div></main>
</body>
</html>
""")
SCOPE_TEXTS = {
    "store_v2_orders": "Read and change orders",
    "store_v2_transactions": "Read payments, refund, capture",
    "store_v2_products": "Read and change products",
    "store_v2_customers": "Read and change customers",
    "store_v2_marketing": "Gift certificates and coupons",
    "store_v2_information": "Store information",
    "store_inventory": "Read and change stock",
    "store_locations": "Read and change locations",
    "store_channel_settings_read_only": "Read channels",
    "store_channel_listings": "Channel listings",
    "store_payments_methods_read": "Read payment methods",
    "store_fulfillment_methods_read_only": "Read pickup methods",
    "store_order_fulfillment_read_only": "Read fulfilments",
    "store_v2_default": "Webhooks",
}


def _page(title: str, body: Any, status: int = 200) -> Reply:
    return frame.page(PAGE, status, title=title, body=body)


@router.route("GET", "/app/<client_id>/install")
def install(service: Store, request: Request, client_id: str) -> Reply:
    """Log in, then consent; `?auto=1` (or the switch `auto_consent`) redirects at once to the auth callback."""
    state = service.state
    app = actions.app_row(state)
    if client_id != app["client_id"]:
        said = H("<p>No app has the client id <code>{}</code>.</p>").format(client_id)
        return _page("This app does not exist", said, 404)
    if not app["auth_callback"]:
        return _page(
            "The app is not finished",
            H('<p>It has no auth callback yet. <a href="/manage/apps">Set it in the control panel</a>.</p>'),
            409,
        )
    if request.args.get("auto") or state.switches["auto_consent"]:
        user = request.args.get("user", OWNER_ID, type=int)
        return redirect(oauth.auth_callback_url(state, user_id=user, external=request.args.get("from") != PANEL), 302)
    user_id = request.cookies.get(COOKIE, 0, type=int)
    return _consent(state, request, app, user_id) if user_id in state.users else _log_in(state, request)


def _origin(request: Request) -> str:
    return PANEL if request.values.get("from") == PANEL else "external"


def _log_in(state: State, request: Request, bad: str = "") -> Reply:
    users = [(row["email"], row["email"]) for row in state.users.all()]
    body = frame.notice(bad, "bad") + frame.form(
        request.path,
        _kept(request),
        frame.select("E-mail", "email", users),
        frame.field("Password", "password", "sandbox", kind="password", autocomplete="off"),
        frame.button("Log in", "do", "log-in"),
    )
    return _page("Log in", H('<p class="quiet">Any password will do.</p>{}').format(body))


def _kept(request: Request) -> Markup:
    return H('<input type="hidden" name="from" value="{}">').format(_origin(request))


def _consent(state: State, request: Request, app: Row, user_id: int) -> Reply:
    """One page with all scopes: all or nothing."""
    scope_line = H("<li><span>{}</span><code>{}</code></li>")
    scopes = join(scope_line.format(_meaning(scope), scope) for scope in app["scopes"])
    stores = [(row["store_hash"], f"{row['name']} ({row['store_hash']})") for row in state.store.all()]
    intro = H("<p>{} to:</p>").format(
        "The app has changed and asks again for permission" if app["installed"] else "The app asks for permission"
    )
    form = frame.form(
        request.path,
        _kept(request),
        H('<input type="hidden" name="user_id" value="{}">').format(user_id),
        frame.select("Store", "store_hash", stores),
        H('<div class="buttons">{}{}{}</div>').format(
            frame.button("Allow", "do", "allow"),
            frame.button("Deny", "do", "deny", "quiet"),
            frame.button("Log out", "do", "log-out", "quiet"),
        ),
    )
    who = H('<p class="quiet">Logged in as {}</p>').format(oauth.user_row(state, user_id)["email"])
    return _page("Install the integration", H('{}{}<ul class="scopes">{}</ul>{}').format(who, intro, scopes, form))


def _meaning(scope: str) -> str:
    plain = SCOPE_TEXTS.get(scope) or SCOPE_TEXTS.get(scope.removesuffix("_read_only"))
    if plain is None:
        return scope.replace("_", " ")
    return plain.replace("Read and change", "Read") if scope.endswith("_read_only") else plain


@router.route("POST", "/app/<client_id>/install")
def decide(service: Store, request: Request, client_id: str) -> Reply:
    """Log in or out, allow or deny."""
    step = {"log-in": _logged_in, "log-out": _logged_out, "allow": _allowed}.get(request.form.get("do", ""), _denied)
    return step(service, request, client_id)


def _again(request: Request, user_id: int | None) -> Reply:
    reply = redirect(f"{request.path}?from={_origin(request)}")
    if user_id is None:
        reply.delete_cookie(COOKIE)
    else:
        reply.set_cookie(COOKIE, str(user_id), httponly=True, samesite="Lax")
    return reply


def _logged_in(service: Store, request: Request, client_id: str) -> Reply:
    email = request.form.get("email", "").strip().lower()
    user = next((row for row in service.state.users.all() if row["email"] == email), None)
    if user is None or not request.form.get("password"):
        return _log_in(service.state, request, "E-mail or password is wrong.")
    return _again(request, user["id"])


def _logged_out(service: Store, request: Request, client_id: str) -> Reply:
    return _again(request, None)


def _allowed(service: Store, request: Request, client_id: str) -> Reply:
    """To the auth callback: the whole window for an external install, a frame of the control panel else (§2.5)."""
    external = _origin(request) != PANEL
    user_id = request.form.get("user_id", OWNER_ID, type=int)
    url = oauth.auth_callback_url(service.state, user_id=user_id, external=external)
    return redirect(url, 302) if external else framed(service, request, url, "installing")


def _denied(service: Store, request: Request, client_id: str) -> Reply:
    said = H('<p>You did not allow the app; nothing was shared. <a href="/app/{}/install?from={}">Start again</a>.</p>')
    return _page("Not installed", said.format(client_id, _origin(request)))


@router.route("GET", "/app/<client_id>/install/succeeded")
def succeeded(service: Store, request: Request, client_id: str) -> Reply:
    """Where the app sends the popup after an external install."""
    return _page(
        "The app is installed", H('<p>You can close this window. <a href="/manage/apps">To the control panel</a>.</p>')
    )


@router.route("GET", "/app/<client_id>/install/failed")
def failed(service: Store, request: Request, client_id: str) -> Reply:
    """The same after a failure."""
    return _page(
        "The app could not be installed",
        H('<p>Please try again. <a href="/app/{}/install">Start again</a>.</p>').format(client_id),
    )
