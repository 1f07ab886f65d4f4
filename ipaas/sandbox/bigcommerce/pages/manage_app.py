"""The control panel's app page: install, open in a frame, uninstall, users, registration (note §2, §3)."""

from __future__ import annotations

from markupsafe import Markup

from ipaas.sandbox.bigcommerce import actions, oauth
from ipaas.sandbox.bigcommerce.actions.app import OWNER_ID
from ipaas.sandbox.bigcommerce.pages import frame, panel
from ipaas.sandbox.bigcommerce.pages.frame import H, join
from ipaas.sandbox.bigcommerce.pages.session import Store
from ipaas.sandbox.bigcommerce.state import Row, State
from ipaas.sandbox.core.web import Reply, Request, Router

router: Router[Store] = Router()
HERE = "/manage/apps"
CALLBACKS = (
    ("auth_callback", "Auth callback"),
    ("load_callback", "Load callback"),
    ("uninstall_callback", "Uninstall callback"),
    ("remove_user_callback", "Remove user callback"),
)


@router.route("GET", "/manage/apps")
def apps(service: Store, request: Request) -> Reply:
    """The app with its state, its users, hooks and registration."""
    state = service.state
    app = actions.app_row(state)
    body = H('<div class="head"><h1>Apps</h1></div><div class="two-thirds"><div class="stack">{}{}{}</div>{}</div>')
    return panel.panel_page(
        state,
        request,
        "Apps",
        body.format(_app_card(app), _users_card(state, app), _hooks_card(state), _registration_card(app)),
        here=HERE,
    )


def _app_card(app: Row) -> Markup:
    client = app["client_id"]
    buttons = H('<a class="button" href="/app/{}/install?from=panel">Install</a>').format(client)
    if app["installed"]:
        buttons = join(
            (
                H('<a class="button" href="/manage/app/{}">Open</a>').format(client),
                H('<a class="button quiet" href="/app/{}/install?from=panel">Force re-consent</a>').format(client),
                frame.form(
                    f"{HERE}/uninstall",
                    H('<div class="buttons">{}{}</div>').format(
                        frame.button("Uninstall", kind="bad"), frame.tick("lose the callback", "lose")
                    ),
                ),
            )
        )
    body = H('<div class="stack"><p>{} <code>{}</code></p><div class="buttons">{}</div></div>')
    state = panel.flag(app["installed"], "installed", "not installed")
    return panel.card("Integration app", body.format(state, client, buttons))


def _users_card(state: State, app: Row) -> Markup:
    rows = (_user(app, user) for user in state.users.all())
    return panel.card("Users", panel.table(("User", "(Open)", "(Remove)"), rows))


def _user(app: Row, user: Row) -> tuple[Markup, Markup, Markup]:
    opens = remove = frame.NOTHING
    if app["installed"]:
        opens = H('<a href="/manage/app/{}?user={}">Open as</a>').format(app["client_id"], user["id"])
    if user["has_access"] and user["id"] != OWNER_ID:
        hidden = H('<input type="hidden" name="user_id" value="{}">').format(user["id"])
        remove = frame.form(f"{HERE}/remove-user", hidden, frame.button("Remove", kind="quiet"))
    role = "owner" if user["id"] == OWNER_ID else "staff" if user["has_access"] else "removed"
    return H('{}<span class="sub">{}</span>').format(user["email"], role), opens, remove


def _hooks_card(state: State) -> Markup:
    return panel.card(
        "Webhooks of the app",
        panel.table(
            ("Scope", "Destination", "(State)"),
            (
                (
                    H("<code>{}</code>").format(row["scope"]),
                    H("<code>{}</code>").format(row["destination"]),
                    panel.flag(row["is_active"], "active", "off"),
                )
                for row in state.hooks.all()
            ),
            none="None registered.",
        ),
    )


def _registration_card(app: Row) -> Markup:
    fields = [frame.field(label, name, app[name], kind="url") for name, label in CALLBACKS]
    scopes = frame.area("Scopes, one a line", "scopes", "\n".join(app["scopes"]), rows=8)
    return panel.card(
        "Registration in the developer portal",
        frame.form(
            HERE,
            *fields,
            scopes,
            panel.facts((("Client id", app["client_id"]), ("Client secret", app["client_secret"]))),
            frame.button("Save registration"),
        ),
    )


@router.route("POST", "/manage/apps")
def registration_save(service: Store, request: Request) -> Reply:
    """Callbacks and scopes."""
    form = request.form
    changes = {name: form.get(name, "").strip() for name, _ in CALLBACKS}
    scopes = form.get("scopes", "").split()
    return panel.attempt(
        service,
        HERE,
        "Registration saved.",
        lambda: actions.app_configure(service.state, {**changes, "scopes": scopes}),
    )


@router.route("POST", "/manage/apps/uninstall")
def uninstall(service: Store, request: Request) -> Reply:
    """Token and hooks go; the callback is sent, or lost on request."""
    lose = bool(request.form.get("lose"))
    return panel.attempt(service, HERE, "The app is uninstalled.", lambda: oauth.uninstall(service.state, lose=lose))


@router.route("POST", "/manage/apps/remove-user")
def remove_user(service: Store, request: Request) -> Reply:
    """Revoke one user's access to the app."""
    user_id = request.form.get("user_id", 0, type=int)
    return panel.attempt(service, HERE, "The user is removed.", lambda: oauth.remove_user(service.state, user_id))


@router.route("GET", "/manage/app/<client_id>")
def open_app(service: Store, request: Request, client_id: str) -> Reply:
    """The app in its frame: the load callback with a signed payload; `?user=`, `?url=` deep link."""
    state = service.state
    app = actions.app_row(state)
    if client_id != app["client_id"]:
        return panel.missing(state, request, "app", HERE)
    user = request.args.get("user", OWNER_ID, type=int)
    source = oauth.callback_url(state, "load", user, url=request.args.get("url", "/"))
    return framed(service, request, source, f"as {oauth.user_row(state, user)['email']}")


def framed(service: Store, request: Request, source: str, hint: str) -> Reply:
    """A callback's answer inside the control panel."""
    inner = (
        H('<iframe src="{}" title="The app"></iframe>').format(source)
        if source
        else H('<div class="card"><p>No such callback is registered. <a href="/manage/apps">Set it</a>.</p></div>')
    )
    tab = H('<span class="end"><a class="button quiet" href="{}" target="_blank">Open in a tab</a></span>')
    aside = tab.format(source) if source else ""
    body = H('<div class="head"><h1>Integration app</h1><p>{}</p>{}</div>{}').format(hint, aside, inner)
    return panel.panel_page(service.state, request, "App", body, here=HERE)
