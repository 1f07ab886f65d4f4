"""Editions and versions that the sandbox plays (apis/magento.md §22), and what differs between them."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT = "open-source-2.4.8"


@dataclass(frozen=True, slots=True)
class Profile:
    """One installation's edition and version."""

    name: str
    edition: str  # "open-source" or "commerce"
    version: str

    @property
    def is_commerce(self) -> bool:
        return self.edition == "commerce"

    @property
    def title(self) -> str:
        """As `/magento_version` spells it (§21)."""
        edition = "Enterprise" if self.is_commerce else "Community"
        return f"Magento/{self.version.rpartition('.')[0]} ({edition})"

    def since(self, version: str) -> bool:
        """Whether this installation is of that version or newer."""
        return _numbers(self.version) >= _numbers(version)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("open-source-2.4.6", "open-source", "2.4.6"),
        Profile("open-source-2.4.8", "open-source", "2.4.8"),
        Profile("commerce-2.4.8", "commerce", "2.4.8"),
        Profile("commerce-2.4.9", "commerce", "2.4.9"),
    )
}
