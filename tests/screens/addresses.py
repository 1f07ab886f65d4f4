"""Every address of the product with who may reach it: what the URL resolver holds is compared with this table."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from connections.permissions import Action

PUBLIC, MEMBER, STAFF_ONLY, SIGNED = "public", "member", "admin", "signed"
FOREIGN = {  # addresses of libraries, which carry no declaration of ours: prefix → who may reach them
    "admin/": STAFF_ONLY,
    "accounts/": PUBLIC,
    "hooks/": SIGNED,
    "health/": PUBLIC,
    "metrics": PUBLIC,
}


@dataclass(frozen=True)
class Address:
    """One pattern of the URL resolver."""

    route: str
    name: str
    access: str | Action | None


def addresses() -> list[Address]:
    """All patterns of the product, with what their views declare."""
    return [
        Address(route, str(pattern.name or ""), declared(route, pattern.callback))
        for route, pattern in walk(get_resolver().url_patterns)
    ]


def walk(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns, route)
        else:
            yield route, pattern


def declared(route: str, view: Any) -> str | Action | None:
    """Who may reach the view: by its decorator, or by the table for libraries."""
    access: str | Action | None = getattr(view, "access", None)
    return access or next((who for prefix, who in FOREIGN.items() if route.startswith(prefix)), None)
