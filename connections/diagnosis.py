"""What a connection test says: whom we act as, what we may do against what we need, and why it fails."""

from dataclasses import dataclass

from ipaas.types import System


@dataclass(frozen=True, kw_only=True)
class Grant:
    """One thing the access should allow."""

    name: str  # a scope, or a permission in words
    is_granted: bool | None  # None when it cannot be told without changing something
    without: str = ""  # what goes on in a poorer way without it; "": it is needed

    @property
    def is_needed(self) -> bool:
        return not self.without


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """The state of our access to one system."""

    system: System
    is_ok: bool  # the access works and nothing needed is missing
    account: str  # whom or which store we act as; "" when unknown
    reason: str = ""  # what is wrong and what to do; "" when nothing is
    grants: tuple[Grant, ...] = ()
    shown: tuple[tuple[str, str], ...] = ()  # what else it tells: what, and how it is

    @property
    def missing(self) -> tuple[str, ...]:
        """What we need and do not have."""
        return tuple(grant.name for grant in self.grants if grant.is_needed and grant.is_granted is False)


@dataclass(frozen=True, kw_only=True)
class ConnectionDiagnosis:
    """Both sides of a connection."""

    heartland: Diagnosis
    store: Diagnosis

    @property
    def is_ok(self) -> bool:
        return self.heartland.is_ok and self.store.is_ok

    @property
    def parts(self) -> tuple[Diagnosis, Diagnosis]:
        return (self.heartland, self.store)
