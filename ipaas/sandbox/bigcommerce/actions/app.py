"""The installed app: codes, tokens, re-consent, users, uninstall (note §2, §3, §26)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from ipaas.sandbox.bigcommerce.errors import Refused
from ipaas.sandbox.bigcommerce.state import Row, State

APP_ID = 1
OWNER_ID = 500


def app_row(state: State) -> Row:
    """The app's registration (§2.1)."""
    row = state.app.get(APP_ID)
    if row is None:
        raise LookupError("the store is not furnished yet")
    return row


def app_configure(state: State, changes: Row) -> Row:
    """Change callback URLs, scopes and the rest of the registration. Raises 422 for an unknown field."""
    known = {
        "client_id",
        "client_secret",
        "auth_callback",
        "load_callback",
        "uninstall_callback",
        "remove_user_callback",
        "scopes",
        "account_uuid",
    }
    if unknown := sorted(changes.keys() - known):
        raise Refused(422, f"unknown field: {', '.join(unknown)}")
    return state.app.update(APP_ID, changes)


def grant_create(state: State, *, user_id: int = OWNER_ID, scopes: Iterable[str] | None = None) -> Row:
    """A one-time code for what the merchant has just allowed (§2.3)."""
    app = app_row(state)
    scope = " ".join(scopes if scopes is not None else app["scopes"])
    return state.grants.insert(
        {
            "code": uuid.uuid4().hex[:15],
            "client_id": app["client_id"],
            "scope": scope,
            "user_id": user_id,
            "created": state.now(),
            "used": False,
        }
    )


def token_issue(state: State, grant: Row, scope: str | None) -> Row:
    """Exchange a code for a token; earlier tokens of the app on this store stop working (§2.3)."""
    for row in state.tokens.find(client_id=grant["client_id"]):
        if not row["fixed"]:
            state.tokens.update(row["id"], active=False)
    state.grants.update(grant["id"], used=True)
    state.app.update(APP_ID, installed=True)
    return token_insert(state, f"tok_{uuid.uuid4().hex}", scope.split() if scope else [], grant["user_id"])


def token_insert(
    state: State,
    token: str,
    scopes: Iterable[str],
    user_id: int = OWNER_ID,
    *,
    client_id: str | None = None,
    fixed: bool = False,
) -> Row:
    """Store a token. A `fixed` one (made by the control API) outlives re-consent, not uninstall."""
    return state.tokens.insert(
        {
            "token": token,
            "client_id": client_id or app_row(state)["client_id"],
            "scopes": list(scopes),
            "user_id": user_id,
            "active": True,
            "fixed": fixed,
            "created": state.now(),
        }
    )


def app_uninstall(state: State) -> None:
    """Token and hooks go; the caller sends the uninstall callback (§3, §26)."""
    client_id = app_row(state)["client_id"]
    state.emit("store/app/uninstalled", {"type": "store"})
    for row in state.tokens.find(client_id=client_id):
        state.tokens.update(row["id"], active=False)
    for hook in state.hooks.find(client_id=client_id):
        state.hooks.delete(hook["id"])
    state.app.update(APP_ID, installed=False)


def reconsent(state: State, *, scopes: Iterable[str] | None = None) -> Row:
    """The merchant allows the app again: a new code; the old token lives until the exchange (§2.3)."""
    if scopes is not None:
        state.app.update(APP_ID, scopes=list(scopes))
    return grant_create(state)


def user_remove(state: State, user_id: int) -> Row:
    """Revoke one user's access; the caller sends the remove-user callback (§3)."""
    user = state.users.get(user_id)
    if user is None or user_id == OWNER_ID:
        raise Refused(404, "User not found")
    return state.users.update(user_id, has_access=False)
