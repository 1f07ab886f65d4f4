"""Admin → System → Extensions → Integrations: made, activated, given rights, taken away (apis/magento.md §2.2)."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from ipaas.sandbox.core import pages
from ipaas.sandbox.core.web import Reply, Request, Router, redirect
from ipaas.sandbox.magento.furnish import ALL_RESOURCES
from ipaas.sandbox.magento.integrations import (
    ACTIVE,
    credentials,
    integration_activate,
    integration_create,
    integration_delete,
    integration_disable,
    integration_reset,
)
from ipaas.sandbox.magento.official import rights
from ipaas.sandbox.magento.pages.admin_frame import Shop, admin_page, done, missing, undone
from ipaas.sandbox.magento.state import Row

router: Router[Shop] = Router()
HERE = "/admin/integrations"
SECRETS = {
    "consumer_key": "Consumer Key",
    "consumer_secret": "Consumer Secret",
    "access_token": "Access Token",
    "access_token_secret": "Access Token Secret",
}
BEARER = "Allow OAuth Access Tokens to be used as standalone Bearer tokens"


@router.route("GET", HERE)
def integrations(service: Shop, request: Request) -> Reply:
    """All of them, a form for another, and the setting for bearer tokens."""
    state = service.state
    listed = pages.table(
        ("Name", "Status", "Callback", "May"),
        (
            (
                pages.link(f"{HERE}/{row['id']}", row["name"]),
                _status(row),
                row["endpoint"] or "none: values are copied by hand",
                _may(row["resources"]),
            )
            for row in state.integrations.all()
        ),
        none="No integration yet.",
    )
    new = pages.form(
        f"{HERE}/new",
        pages.field("Name", "name", required=True),
        pages.field("Callback URL", "endpoint", kind="url", hint="Told the secrets at Activate."),
        pages.field("Identity link URL", "identity_link_url", kind="url", hint="Opened for you at Activate."),
        _resources(ALL_RESOURCES),
        submit="Save",
    )
    bearer = pages.form(
        f"{HERE}/bearer",
        pages.checkbox(BEARER, "on", checked=bool(state.switches["integration_as_bearer"])),
        submit="Save config",
    )
    parts = (
        pages.section("Integrations", listed),
        pages.section("Add New Integration", new),
        pages.section("Stores → Configuration → Services → OAuth → Consumer Settings", bearer),
    )
    return admin_page(request, "Integrations", *parts, here=HERE)


@router.route("POST", f"{HERE}/new")
def new(service: Shop, request: Request) -> Reply:
    """Save a new one; it is not active yet."""
    form = request.form
    row = integration_create(
        service.state,
        form.get("name", "").strip() or "Integration",
        resources=_wanted(form.getlist("resource"), form.get("all", "")),
        endpoint=form.get("endpoint", "").strip(),
        identity_link_url=form.get("identity_link_url", "").strip(),
    )
    return done(f"{HERE}/{row['id']}", "Saved. It is inactive until you activate it.")


@router.route("POST", f"{HERE}/bearer")
def bearer(service: Shop, request: Request) -> Reply:
    """Let access tokens alone be taken, or not."""
    service.state.switches.set({"integration_as_bearer": bool(request.form.get("on"))})
    service.save_engine()
    return done(HERE, "You saved the configuration.")


@router.route("GET", f"{HERE}/<int:number>")
def integration(service: Shop, request: Request, number: int) -> Reply:
    """One: its four values, what it may do, and what can be done to it."""
    row = service.state.integrations.get(number)
    if row is None:
        return missing(request, "integration", HERE)
    values = credentials(service.state, row)
    shown = ((label, Markup("<code>{}</code>").format(values[name] or "none yet")) for name, label in SECRETS.items())
    is_active = row["status"] == ACTIVE
    acts = [("activate", "Reauthorize" if is_active else "Activate", False), ("delete", "Delete", True)]
    if is_active:
        acts.insert(1, ("disable", "Disable", True))
    buttons = Markup("").join(
        pages.form(f"{HERE}/{number}/{act}", submit=text, quiet=is_quiet) for act, text, is_quiet in acts
    )
    about = pages.facts(
        [("Status", _status(row)), ("Callback URL", row["endpoint"]), ("Identity link URL", row["identity_link_url"])]
    )
    resources = pages.form(f"{HERE}/{number}/resources", _resources(row["resources"]), submit="Save API resources")
    parts = (
        pages.section("Integration Info", about + buttons),
        pages.section("Integration Details", pages.facts(shown)),
        pages.section("API", resources),
    )
    return admin_page(request, row["name"], *parts, here=HERE)


@router.route("POST", f"{HERE}/<int:number>/activate", locked=False)
def activate(service: Shop, request: Request, number: int) -> Reply:
    """Allow, then on to the app's log-in where there is one, as the Admin's window does."""
    with service.transaction():
        row = service.state.integrations.get(number)
        if row is None:
            return missing(request, "integration", HERE)
        if row["status"] == ACTIVE:
            integration_reset(service.state, number)
    result = integration_activate(service.state, service.transaction, number, request.host_url)
    here = f"{HERE}/{number}"
    if result.failure:
        return undone(here, result.failure)
    if result.identity_url:
        return redirect(result.identity_url)
    return done(here, "The integration is active. Copy the four values below.")


@router.route("POST", f"{HERE}/<int:number>/disable")
def disable(service: Shop, request: Request, number: int) -> Reply:
    """Shut it out; it keeps its token."""
    if service.state.integrations.get(number) is None:
        return missing(request, "integration", HERE)
    integration_disable(service.state, number)
    return done(f"{HERE}/{number}", "The integration is inactive.")


@router.route("POST", f"{HERE}/<int:number>/delete")
def delete(service: Shop, request: Request, number: int) -> Reply:
    """Away with it."""
    if service.state.integrations.get(number) is None:
        return missing(request, "integration", HERE)
    integration_delete(service.state, number)
    return done(HERE, "The integration has been deleted.")


@router.route("POST", f"{HERE}/<int:number>/resources")
def resources(service: Shop, request: Request, number: int) -> Reply:
    """Give or take rights; they hold at once."""
    if service.state.integrations.get(number) is None:
        return missing(request, "integration", HERE)
    wanted = _wanted(request.form.getlist("resource"), request.form.get("all", ""))
    service.state.integrations.update(number, resources=wanted)
    return done(f"{HERE}/{number}", "The API resources are saved.")


def _wanted(ticked: Sequence[str], everything: str) -> list[str]:
    return ALL_RESOURCES if everything else list(ticked)


def _status(row: Row) -> Markup:
    return pages.badge("Active", "good") if row["status"] == ACTIVE else pages.badge("Inactive", "warn")


def _may(granted: Sequence[str]) -> str:
    return "all" if list(granted) == ALL_RESOURCES else f"{len(granted)} resources"


def _resources(granted: Sequence[str]) -> Markup:
    """All, or a tick for each right that some route wants."""
    is_all = list(granted) == ALL_RESOURCES
    names = sorted({right.resource for right in rights().values() if right.resource.startswith("Magento_")})
    ticks = Markup("").join(pages.checkbox(name, "resource", checked=name in granted, value=name) for name in names)
    return Markup("<div>{}<details{}><summary>Custom: tick each</summary>{}</details></div>").format(
        pages.checkbox("Resource access: All", "all", checked=is_all), Markup("") if is_all else Markup(" open"), ticks
    )
