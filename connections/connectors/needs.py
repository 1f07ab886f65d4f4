"""What a call needs of its token: declared at the client's method, gathered by who asks for access or tests it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

DECLARED = "needs"
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True)
class Need:
    """One right of a token."""

    scope: str  # its name in the system's OAuth
    words: str  # its name on the system's permission screen
    without: str = ""  # what goes on in a poorer way without it, in words; "": it has to be there

    @property
    def is_essential(self) -> bool:
        return not self.without


def needs(*wanted: Need) -> Callable[[F], F]:
    """Declare what the calls of a method need; without arguments: any valid token will do."""

    def declare(method: F) -> F:
        setattr(method, DECLARED, wanted)
        return method

    return declare


def declared(client: type) -> dict[str, tuple[Need, ...] | None]:
    """Each public method of a client with what it needs; None for one that does not say."""
    methods = {name: getattr(client, name) for name in dir(client) if not name.startswith("_")}
    return {name: getattr(method, DECLARED, None) for name, method in methods.items() if callable(method)}


def gathered(client: type) -> tuple[Need, ...]:
    """All that the methods of a client need, by scope."""
    found = {need for wanted in declared(client).values() for need in wanted or ()}
    return tuple(sorted(found, key=lambda need: need.scope))
