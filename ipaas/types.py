"""Types shared by every room of the product. No Django, no business rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol

JSON = dict[str, Any]


class System(str):
    """An outside system that we talk to, as tables hold it: Heartland, or a kind of store by its key."""

    __slots__ = ()
    HEARTLAND: ClassVar["System"]
    BIGCOMMERCE: ClassVar["System"]
    MAGENTO: ClassVar["System"]


System.HEARTLAND = System("heartland")
System.BIGCOMMERCE = System("bigcommerce")
System.MAGENTO = System("magento")


@dataclass(frozen=True, kw_only=True)
class Call:
    """One HTTP call to an outside system, as the timeline shows it. Never holds bodies or secrets."""

    system: System
    method: str
    path: str  # without host and query values
    status: int | None  # None when no answer came
    duration_ms: float
    request_id: str = ""
    began_at: datetime
    headers: Mapping[str, str] = field(
        default_factory=dict, repr=False
    )  # lower-case names; rate-limit headers and Date


class CallObserver(Protocol):
    """Told of every call; the ledger's budgets, circuits and timelines hang here."""

    def before(self, system: System, method: str) -> None:
        """Raise a failure (Throttled, CircuitOpen) when the call must wait."""

    def after(self, call: Call) -> None:
        """Record the call, also when no answer came."""

    def may_repeat(self, system: System, *, tries: int, wait: float | None) -> bool:
        """Asked after `tries` of a call that failed without effect: True to make it once more, having waited here.

        `wait`: the seconds that the other side named, if it did.
        """


class NoObserver:
    """For calls that nobody counts: connection tests and scripts."""

    def before(self, system: System, method: str) -> None:
        return None

    def after(self, call: Call) -> None:
        return None

    def may_repeat(self, system: System, *, tries: int, wait: float | None) -> bool:
        return False
