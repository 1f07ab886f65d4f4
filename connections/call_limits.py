"""How often an outside system may be called, and what its answers say of that. Data of each kind (`store_kinds`)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Headers = Mapping[str, str]  # of an answer; lower-case names


@dataclass(frozen=True, kw_only=True)
class Window:
    """What headers say of the present window of a quota."""

    quota: int
    left: int
    reset_seconds: float


def unsaid(headers: Headers) -> None:
    """Of a system whose answers name no quota."""


@dataclass(frozen=True, kw_only=True)
class CallLimits:
    """What a system bears."""

    quota: float = 150.0  # calls of a window, until its headers say otherwise
    window_seconds: float = 30.0
    untold_seconds: float = 1.0  # nobody calls after a 429 that names no time; it doubles with each in a row
    tries: int = 2  # of a call that fails without effect, before the whole run is put back
    window_of: Callable[[Headers], Window | None] = unsaid
    reset_of: Callable[[Headers], float | None] = unsaid  # seconds until the window is over


GENTLE = CallLimits()  # for a kind of store that names no limit
HEARTLAND = CallLimits(
    untold_seconds=0.2,  # it does not say what such a 429 means: the first one may be a whim
    tries=4,
)
