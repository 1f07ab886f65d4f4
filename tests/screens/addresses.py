"""Every address of the product with who may reach it: what the URL resolver holds is compared with this table."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from connections.permissions import Action

# Addresses of libraries and of callbacks, which carry no declaration of ours, each by name. Whoever adds one says here
# who may reach it; what the admin site wraps, it guards, and `test_access.py` tries every one of these.
LIBRARY = {
    "account_login": "public",
    "account_logout": "public",
    "account_inactive": "public",
    "account_reset_password": "public",
    "account_reset_password_done": "public",
    "account_reset_password_from_key": "public",
    "account_reset_password_from_key_done": "public",
    "mfa_authenticate": "public",  # between password and second factor
    "account_reauthenticate": "person",
    "account_change_password": "person",
    "mfa_reauthenticate": "person",
    "mfa_activate_totp": "person",
    "mfa_deactivate_totp": "person",
    "mfa_view_recovery_codes": "person",
    "mfa_generate_recovery_codes": "person",
    "mfa_add_webauthn": "person",
    "mfa_reauthenticate_webauthn": "person",
    "mfa_remove_webauthn": "person",
    "health": "public",
    "healthz": "public",
    "readyz": "public",
    "hook_bigcommerce": "signed",
    "hook_heartland": "signed",
    "hook_magento": "signed",
    "payment_hook": "signed",
    "login": "public",  # of the admin: leads to ours
}
PUBLIC, PERSON, MEMBER, STAFF_ONLY, SIGNED = "public", "person", "member", "admin", "signed"
PROGRAM = "program"  # tests/api/test_api_access.py goes through these


@dataclass(frozen=True)
class Address:
    """One pattern of the URL resolver."""

    route: str
    name: str
    access: str | Action | None


def addresses() -> list[Address]:
    """All patterns of the product, with what their views declare."""
    return [
        Address(route, str(pattern.name or ""), declared(pattern))
        for route, pattern in walk(get_resolver().url_patterns)
    ]


def walk(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns, route)
        else:
            yield route, pattern


def declared(pattern: URLPattern) -> str | Action | None:
    """Who may reach the view: by its decorator, by the site that wraps it, or by the table for libraries."""
    view: Any = pattern.callback
    if getattr(view, "admin_site", None) or getattr(view, "model_admin", None):
        return STAFF_ONLY
    if hasattr(getattr(view, "view_class", None), "needs"):
        return PROGRAM
    access: str | Action | None = getattr(view, "access", None)
    return access or LIBRARY.get(str(pattern.name))
