"""Finding the buyer in Heartland, and what to write about them. Heartland note §9."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from errors.failures import Violation
from mappings.core.canonical import Buyer


@dataclass(frozen=True, kw_only=True)
class Match:
    """Exactly one customer fits."""

    id: str


@dataclass(frozen=True, kw_only=True)
class NoMatch:
    """Nobody fits: create the customer."""


@dataclass(frozen=True, kw_only=True)
class Ambiguous:
    """Several customers fit and nothing tells them apart: a person decides."""

    ids: tuple[str, ...]
    sentence: str

    def violation(self) -> Violation:
        """The reason to hold the order."""
        raise NotImplementedError


def customer_key(buyer: Buyer) -> str:
    """The link key of a buyer: "customer:77", "email:ana@example.com", "phone:5125550100" or "" without any."""
    raise NotImplementedError


def choose(candidates: Sequence[Mapping[str, Any]], buyer: Buyer) -> Match | NoMatch | Ambiguous:
    """Pick the buyer among customers found by e-mail and phone (Heartland's JSON; doubles are harmless)."""
    raise NotImplementedError


def customer_body(buyer: Buyer, *, custom: Mapping[str, str] | None = None) -> dict[str, Any]:
    """JSON for `POST /customers`."""
    raise NotImplementedError


def changes(existing: Mapping[str, Any], buyer: Buyer) -> dict[str, Any]:
    """JSON for `PUT /customers/{id}`: only what differs, never a blank over a value; empty when nothing differs."""
    raise NotImplementedError
