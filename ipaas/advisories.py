"""The dated list of known security advisories of what production installs: deploy/advisories.json."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "deploy" / "advisories.json"
PINS = ROOT / "requirements.txt"
OLDEST = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Advisory:
    """One published fault. `decision` says why a version may be used all the same; empty: it may not."""

    id: str
    package: str
    affected: str  # as versions are written in requirements: ">=42.0.0,<44.0.1"
    decision: str

    def concerns(self, pins: dict[str, str]) -> bool:
        """Whether the pinned version of its package is affected."""
        pinned = pins.get(canonicalize_name(self.package))
        return pinned is not None and SpecifierSet(self.affected).contains(pinned, prereleases=True)


def looked_on(path: Path = LIST) -> date:
    """The day on which somebody last looked at the sources."""
    return date.fromisoformat(json.loads(path.read_text())["looked_on"])


def is_too_old(today: date, path: Path = LIST) -> bool:
    return today - looked_on(path) > OLDEST


def advisories(path: Path = LIST) -> list[Advisory]:
    return [Advisory(**row) for row in json.loads(path.read_text())["advisories"]]


def pins(path: Path = PINS) -> dict[str, str]:
    """The exact version of every package in a lock file, by its canonical name."""
    lines = (line.split("\\")[0].strip() for line in path.read_text().splitlines())
    wanted = [Requirement(line) for line in lines if "==" in line and not line.startswith(("#", "--"))]
    return {canonicalize_name(one.name): next(iter(one.specifier)).version for one in wanted}


def open_advisories(held: dict[str, str], known: list[Advisory]) -> list[Advisory]:
    """Those that concern a pinned version without a decision."""
    return [one for one in known if one.concerns(held) and not one.decision]
