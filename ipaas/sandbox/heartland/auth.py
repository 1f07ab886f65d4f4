"""Identity, API tokens and the OAuth authorization code flow (§2)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from ipaas.sandbox.core import pages
from ipaas.sandbox.core.tables import Row
from ipaas.sandbox.core.web import Reply, Request, Router, html, json_reply, redirect
from ipaas.sandbox.heartland import permissions
from ipaas.sandbox.heartland.misc import USERS, setting
from ipaas.sandbox.heartland.replies import render
from ipaas.sandbox.heartland.service import CLIENT_ID, CLIENT_SECRET, Heartland
from ipaas.sandbox.heartland.times import read_time

routes: Router[Heartland] = Router()
CODE_LIFE = timedelta(minutes=10)


@routes.route("GET", "/api/system/whoami")
def whoami(service: Heartland, request: Request) -> Reply:
    """The token's user (§2.3)."""
    return json_reply(render(service, USERS, service.one("users", service.grant(request)["user_id"])))


@routes.route("GET", "/api/system/host")
def host(service: Heartland, request: Request) -> Reply:
    """The tenant's host; the API base is `https://{host}/api`, here with the scheme of the sandbox (§2.2)."""
    return json_reply({"host": service.host or request.host})


def new_token(
    service: Heartland,
    *,
    description: str,
    granted: tuple[str, ...] = permissions.EVERYTHING,
    location_ids: list[int] | None = None,
    token: str = "",
    user_id: int = 0,
    scope: str = "",
) -> Row:
    """Make a token that acts as a user; it lives until revoked (§2.1)."""
    number = service.table("tokens").next_id
    text = token or ".".join(service.uuid(part, number).replace("-", "") for part in ("head", "body", "sign"))
    owner = user_id or next(service.table("users").all())["id"]
    about = {"token": text, "description": description, "user_id": owner, "scope": scope, "revoked": False}
    row = {**about, "permissions": list(granted), "location_ids": location_ids, "created_at": service.stamp()}
    return service.table("tokens").insert(row)


def _refusal(message: str) -> Reply:
    body = pages.section("This request cannot be granted", Markup("<p>{}</p>").format(message))
    return html(pages.page("Authorize", body, system="heartland", label="Heartland Retail"), 400)


def _wish_error(service: Heartland, wish: Mapping[str, str]) -> str:
    """What is wrong with an authorization request; empty when nothing."""
    if wish.get("client_id") != CLIENT_ID:
        return "The application is not known."
    if not wish.get("scope", "").split():
        return "The application asks for no scope."
    if not wish.get("redirect_uri") and not service.redirect_uri:
        return "The redirect address is missing."
    if service.redirect_uri and wish.get("redirect_uri") not in ("", None, service.redirect_uri):
        return "The redirect address is not the registered one."
    unknown = [scope for scope in wish["scope"].split() if scope not in permissions.SCOPES]
    return f"Unknown scope: {' '.join(unknown)}" if unknown else ""


@routes.route("GET", "/oauth/authorize")
def authorize_page(service: Heartland, request: Request) -> Reply:
    """The consent page: what the application asks for; *Allow* or *Deny*."""
    wish = request.args
    if problem := _wish_error(service, wish):
        return _refusal(problem)
    asked = Markup("").join(Markup("<li>{}</li>").format(permissions.SCOPES[one]) for one in wish["scope"].split())
    hidden = Markup("").join(
        Markup('<input type="hidden" name="{}" value="{}">').format(name, wish.get(name, ""))
        for name in ("client_id", "scope", "redirect_uri", "state")
    )
    buttons = Markup(
        '<form method="post" action="/oauth/authorize">{}<button name="decision" value="allow">Allow</button>'
        '<button class="quiet" name="decision" value="deny">Deny</button></form>'
    ).format(hidden)
    lead = Markup("<p>The application <b>{}</b> would like to act in <b>{}</b>:</p><ul>{}</ul>").format(
        wish["client_id"], setting(service, "company_name"), asked
    )
    body = pages.section("Permissions", lead + buttons)
    return html(pages.page("Allow access?", body, system="heartland", label="Heartland Retail"))


@routes.route("POST", "/oauth/authorize")
def authorize(service: Heartland, request: Request) -> Reply:
    """The merchant's decision: back to the application with a code, or with `access_denied`."""
    wish = request.form
    if problem := _wish_error(service, wish):
        return _refusal(problem)
    target = wish.get("redirect_uri") or service.redirect_uri
    joint = "&" if "?" in target else "?"
    state = {"state": wish["state"]} if wish.get("state") else {}
    if wish.get("decision") != "allow":
        return redirect(f"{target}{joint}{urlencode({'error': 'access_denied', **state})}", 302)
    code = service.uuid("code", service.table("codes").next_id).replace("-", "")
    dies = (service.clock.now() + CODE_LIFE).isoformat()
    service.table("codes").insert({"code": code, "scope": wish["scope"], "redirect_uri": target, "dies_at": dies})
    return redirect(f"{target}{joint}{urlencode({'code': code, **state})}", 302)


@routes.route("GET", "/api/oauth/token", open=True)
def token_by_query(service: Heartland, request: Request) -> Reply:
    """Exchange a code, parameters in the query as the public client sends them."""
    return _exchange(service, request.args)


@routes.route("POST", "/api/oauth/token", open=True)
def token_by_form(service: Heartland, request: Request) -> Reply:
    """Exchange a code, parameters as a form (or query)."""
    return _exchange(service, MultiDict([*request.args.items(), *request.form.items()]))


def _exchange(service: Heartland, wish: Mapping[str, str]) -> Reply:
    if wish.get("client_id") != CLIENT_ID or wish.get("client_secret") != CLIENT_SECRET:
        return _denied("invalid_client", "Client authentication failed", 401)
    if wish.get("grant_type") != "authorization_code":
        return _denied("unsupported_grant_type", "The grant type is not supported")
    row = service.table("codes").first(code=wish.get("code"))
    if row is not None:
        service.table("codes").delete(row["id"])  # one use, also when it fails
    if row is None or read_time(row["dies_at"]) <= service.clock.now():
        return _denied("invalid_grant", "The code is invalid, expired or used")
    if wish.get("redirect_uri") not in (None, "", row["redirect_uri"]):
        return _denied("invalid_grant", "The redirect address differs")
    made = new_token(service, description="OAuth", granted=tuple(row["scope"].split()), scope=row["scope"])
    return json_reply({"access_token": made["token"], "token_type": "bearer", "scope": row["scope"]})


def _denied(error: str, message: str, status: int = 400) -> Reply:
    body: dict[str, Any] = {"error": error, "error_description": message, "message": message}
    return json_reply(body, status)
