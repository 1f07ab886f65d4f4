"""Named switches: the answers a sandbox gives to what its API note leaves open."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Switch:
    """One switch. Its type is the type of its default; `choices`, when given, are all values it takes."""

    name: str
    default: Any
    about: str
    choices: tuple[Any, ...] = ()

    def check(self, value: Any) -> Any:
        """Answer the value to store. Raises `ValueError` naming the switch."""
        if self.choices and value not in self.choices:
            raise ValueError(f"{self.name} must be one of {', '.join(map(str, self.choices))}")
        if isinstance(self.default, bool) != isinstance(value, bool):
            raise ValueError(f"{self.name} must be a {type(self.default).__name__}")
        number = (int, float, Decimal)
        kind = number if isinstance(self.default, number) else type(self.default)
        if self.default is not None and not isinstance(value, kind):
            raise ValueError(f"{self.name} must be a {type(self.default).__name__}")
        return value


class Switches:
    """The declared switches and their present values."""

    def __init__(self, declared: Iterable[Switch]) -> None:
        self.declared = {switch.name: switch for switch in declared}
        self.values = {name: switch.default for name, switch in self.declared.items()}

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def set(self, changes: Mapping[str, Any]) -> None:
        """Set several switches, all or none. Raises `ValueError` for an unknown name or a wrong type."""
        if unknown := sorted(changes.keys() - self.declared.keys()):
            raise ValueError(f"unknown switch: {', '.join(unknown)}")
        checked = {name: self.declared[name].check(value) for name, value in changes.items()}
        self.values.update(checked)

    def reset(self) -> None:
        """Put every switch back to its default."""
        self.values = {name: switch.default for name, switch in self.declared.items()}

    def describe(self) -> dict[str, dict[str, Any]]:
        """Every switch with value, default, choices and what it does."""
        return {
            name: {
                "value": self.values[name],
                "default": switch.default,
                "choices": list(switch.choices),
                "about": switch.about,
            }
            for name, switch in self.declared.items()
        }
