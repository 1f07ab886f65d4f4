"""Which Heartland item may be the one that a store's SKU means: a score with its reasons, never a decision."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from mappings.core.canonical.product import barcode_key
from mappings.core.rules import near_misses

SAME_NUMBER, NEAR_NUMBER, SAME_BARCODE, SAME_NAME, SAME_PRICE = 100, 60, 60, 30, 10
FITS = 60  # the score from which an item is taken for the one that is meant
WORD = re.compile(r"\w+")


@dataclass(frozen=True, kw_only=True)
class StoreItem:
    """What the store says of a SKU."""

    sku: str
    name: str = ""
    barcode: str = ""
    price: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A Heartland item."""

    item_id: str
    number: str
    name: str = ""
    barcodes: tuple[str, ...] = ()
    price: Decimal | None = None
    is_in_grid: bool = False


@dataclass(frozen=True, kw_only=True)
class Match:
    """A candidate with how well it fits: 0 to 100, and why in words."""

    candidate: Candidate
    score: int
    reasons: tuple[str, ...]


def ranked(item: StoreItem, candidates: Iterable[Candidate]) -> list[Match]:
    """The candidates that have anything in common with the item, the best first."""
    matches = [match_of(item, candidate) for candidate in candidates]
    return sorted((one for one in matches if one.score), key=lambda one: (-one.score, one.candidate.number))


def only_fit(matches: Iterable[Match]) -> Match | None:
    """The one that fits; None when none does or several do: which is meant is for a person to say."""
    fitting = [one for one in matches if one.score >= FITS]
    return fitting[0] if len(fitting) == 1 else None


def match_of(item: StoreItem, candidate: Candidate) -> Match:
    """How well one candidate fits."""
    parts = [part for part in (_number(item, candidate), _barcode(item, candidate), _name(item, candidate)) if part]
    if parts and (price := _price(item, candidate)):
        parts.append(price)
    return Match(
        candidate=candidate,
        score=min(100, sum(score for score, _ in parts)),
        reasons=tuple(reason for _, reason in parts),
    )


Part = tuple[int, str]


def _number(item: StoreItem, candidate: Candidate) -> Part | None:
    if candidate.number == item.sku:
        return SAME_NUMBER, "Item # equals the SKU"
    words = near_misses.difference(item.sku, candidate.number)
    return (NEAR_NUMBER, f"Item # differs from the SKU only in {words}") if words else None


def _barcode(item: StoreItem, candidate: Candidate) -> Part | None:
    mine = barcode_key(item.barcode)
    same = mine and mine in {barcode_key(code) for code in candidate.barcodes}
    return (SAME_BARCODE, f"the same barcode, {item.barcode.strip()}") if same else None


def _name(item: StoreItem, candidate: Candidate) -> Part | None:
    mine, theirs = _words(item.name), _words(candidate.name)
    share = len(mine & theirs) / len(mine | theirs) if mine | theirs else 0.0
    score = int(SAME_NAME * share)
    return (score, f"{share:.0%} of the words in their names") if score else None


def _price(item: StoreItem, candidate: Candidate) -> Part | None:
    """Equal prices alone mean nothing: they only strengthen what else fits."""
    same = item.price is not None and item.price == candidate.price and item.price > 0
    return (SAME_PRICE, "the same price") if same else None


def _words(name: str) -> set[str]:
    return set(WORD.findall(name.casefold()))
