"""What a check says: nothing, or what is wrong and what to do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong."""

    says: str
    do: str


@dataclass(frozen=True, kw_only=True)
class Finding:
    """How one check ended: well, when it has no problems."""

    check: str
    problems: tuple[Problem, ...]


Check = Callable[[], Iterator[Problem]]
