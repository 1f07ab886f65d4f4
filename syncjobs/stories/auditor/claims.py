"""What a page claims: elements with `data-claim`, their other `data-` attributes, and their words."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "rect", "source", "track", "wbr"}


@dataclass
class Claim:
    """One thing that a page says."""

    kind: str
    facts: dict[str, str]
    pieces: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        """The element's text, blanks folded."""
        return " ".join("".join(self.pieces).split())

    def __getitem__(self, name: str) -> str:
        return self.facts.get(name, "")

    def amount(self, name: str) -> Decimal | None:
        """A number of the facts; None where the page has none."""
        try:
            return Decimal(self[name])
        except InvalidOperation:
            return None


def claims_of(page: str) -> list[Claim]:
    """All claims of a page, in order; one inside another speaks for itself and for the other."""
    reader = _Reader()
    reader.feed(page)
    return reader.claims


def of_kind(claims: list[Claim], kind: str) -> Iterator[Claim]:
    return (claim for claim in claims if claim.kind == kind)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.claims: list[Claim] = []
        self._open: list[tuple[str, Claim | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name.removeprefix("data-"): value or "" for name, value in attrs if name.startswith("data-")}
        claim = Claim(facts.pop("claim"), facts) if "claim" in facts else None
        if claim:
            self.claims.append(claim)
        if tag not in VOID:
            self._open.append((tag, claim))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Icons are full of these; they hold no words."""

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            opened, _ = self._open.pop()
            if opened == tag:
                return

    def handle_data(self, data: str) -> None:
        for _, claim in self._open:
            if claim:
                claim.pieces.append(data)
