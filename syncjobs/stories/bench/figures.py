"""Arithmetic of the report."""

from collections.abc import Sequence
from dataclasses import dataclass

from ipaas.types import JSON


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What we reach, beside what is possible in the same run."""

    ours: float
    ceiling: float
    goal: float  # of the ratio

    def as_json(self) -> JSON:
        ratio = self.ours / self.ceiling if self.ceiling else 0.0
        return {
            "ours": round(self.ours, 1),
            "ceiling": round(self.ceiling, 1),
            "ratio": round(ratio, 2),
            "goal": self.goal,
        }


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * int(share * 100) // 100) - 1)]
