"""What differs between an order as it was booked and as the store has it now: by the facts that are kept of both."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ipaas.types import JSON
from mappings.core.heartland import sales_order_changes
from mappings.core.rules.order_content import is_comparable

SAID = 2  # changes that a sentence names; the page shows all


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing that the store holds otherwise than when the order was booked."""

    name: str
    booked: str
    now: str


def plain(amount: Decimal) -> str:
    return f"{amount:.2f}"


def changes(facts: JSON, *, amount: Callable[[Decimal], str] = plain) -> list[Change]:
    """What differs between the order as booked and as the store has it now, as far as is known."""
    booked = facts.get("booked")
    if not booked:
        return []
    return [*_lines(booked, facts, amount), *_money(booked, facts, amount), *_rest(booked, facts)]


def _lines(booked: JSON, now: JSON, amount: Callable[[Decimal], str]) -> Iterator[Change]:
    before, after = _by_sku(booked, amount), _by_sku(now, amount)
    for sku in sorted(before.keys() | after.keys()):
        if before.get(sku) != after.get(sku):
            yield Change(name=sku, booked=before.get(sku, "not there"), now=after.get(sku, "not there"))


def _by_sku(facts: JSON, amount: Callable[[Decimal], str]) -> dict[str, str]:
    """Pieces and what they cost, in words, by SKU (by name, where the line has none)."""
    found: dict[str, tuple[int, Decimal]] = {}
    for line in facts.get("lines", ()):
        pieces, total = found.get(line["sku"] or line["name"], (0, Decimal(0)))
        found[line["sku"] or line["name"]] = pieces + line["quantity"], total + Decimal(line["total"])
    return {sku: f"{pieces} for {amount(total)}" for sku, (pieces, total) in found.items()}


def _money(booked: JSON, now: JSON, amount: Callable[[Decimal], str]) -> Iterator[Change]:
    def said(value: str | None) -> str:
        return amount(Decimal(value)) if value else "none"

    before, after = ({term["name"]: term["amount"] for term in facts.get("equation", ())} for facts in (booked, now))
    for name in dict.fromkeys([*before, *after]):
        if Decimal(before.get(name, 0)) != Decimal(after.get(name, 0)):
            yield Change(name=name, booked=said(before.get(name)), now=said(after.get(name)))
    if booked.get("total") != now.get("total"):
        yield Change(name="Total", booked=said(booked.get("total")), now=said(now.get("total")))


def _rest(booked: JSON, now: JSON) -> Iterator[Change]:
    if booked.get("shipping_method") != now.get("shipping_method"):
        yield Change(name="Shipping method", booked=booked.get("shipping_method", ""), now=now["shipping_method"])
    if booked.get("given_back", "") != now.get("given_back", ""):
        yield Change(
            name="Given back to the shopper", booked=booked.get("given_back") or "nothing", now=now["given_back"]
        )
    before, after = booked.get("people", {}), now.get("people", {})
    if not is_comparable(str(booked.get("content", "")), str(now.get("content", ""))):
        return  # digests by other rules: nothing can be told
    for name in before:
        if before[name] != after.get(name):
            yield Change(name=name, booked="as booked", now="changed")


def in_words(found: Sequence[Change | sales_order_changes.Difference]) -> str:
    """The first of the changes, and how many more there are."""
    said = "; ".join(f"{one.name}: {one.booked} → {one.now}" for one in found[:SAID])
    return f"{said}; and {len(found) - SAID} more" if len(found) > SAID else said
