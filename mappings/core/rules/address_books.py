"""Two address books kept alike: by pairs, one address of each side. Nothing is ever deleted on either side.

An address that is gone from one side stays in its pair with a blank there, so that it is not made again. What was
changed on both sides is kept as two. Phones are not compared: they are the customer's.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mappings.core.canonical.customer import KeptAddress
from mappings.core.canonical.order import Address
from mappings.core.rules.addresses import fingerprint, missing_parts


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One address on both sides, by their ids ("": gone there), as each was when it was seen last."""

    store: str
    heartland: str
    store_print: str
    heartland_print: str


@dataclass(frozen=True, kw_only=True)
class BookPlan:
    """What makes both books alike. Added are those of the other side, by its ids."""

    pairs: tuple[Pair, ...] = ()
    store_changes: Mapping[str, Address] = field(default_factory=dict)  # by the store's id
    heartland_changes: Mapping[str, Address] = field(default_factory=dict)
    store_adds: tuple[KeptAddress, ...] = ()
    heartland_adds: tuple[KeptAddress, ...] = ()


def print_of(address: Address) -> str:
    """Equal for spellings of one address, whatever its phone."""
    return fingerprint(replace(address, phone=""))


def plan(
    store: Sequence[KeptAddress], heartland: Sequence[KeptAddress], known: Iterable[Pair], *, adds_to_store: bool = True
) -> BookPlan:
    """What to write where; an address that lacks a part without which nobody can deliver is not carried."""
    here = {one.id: one.address for one in store}
    there = {one.id: one.address for one in heartland}
    pairs: list[Pair] = []
    store_changes: dict[str, Address] = {}
    heartland_changes: dict[str, Address] = {}
    for pair in known:
        one, other = here.get(pair.store), there.get(pair.heartland)
        if one is None or other is None:
            pairs += _with_gone(pair, has_store=one is not None, has_heartland=other is not None)
            continue
        one_print, other_print = print_of(one), print_of(other)
        if one_print != other_print:
            store_changed, heartland_changed = one_print != pair.store_print, other_print != pair.heartland_print
            if store_changed and heartland_changed:
                continue  # both are new now
            if heartland_changed and not missing_parts(other):
                store_changes[pair.store], one_print = _as_in_store(other, one), other_print
            elif store_changed and not missing_parts(one):
                heartland_changes[pair.heartland], other_print = replace(one, phone=other.phone), one_print
        pairs.append(replace(pair, store_print=one_print, heartland_print=other_print))
    here = _without(here, (pair.store for pair in pairs))
    there = _without(there, (pair.heartland for pair in pairs))
    seen = {found for pair in pairs for found in (pair.store_print, pair.heartland_print)}
    pairs += (alike := list(_alike(here, there)))
    here = _without(here, (pair.store for pair in alike))
    there = _without(there, (pair.heartland for pair in alike))
    return BookPlan(
        pairs=tuple(pairs),
        store_changes=store_changes,
        heartland_changes=heartland_changes,
        store_adds=_whole(there, seen) if adds_to_store else (),
        heartland_adds=_whole(here, seen),
    )


def _as_in_store(address: Address, before: Address) -> Address:
    """Heartland's, with phone and company as the store has them: Heartland keeps a company in the second line."""
    line_2 = address.line_2.removesuffix(before.company).rstrip(", ") if before.company else address.line_2
    return replace(address, line_2=line_2, company=before.company, phone=before.phone)


def _with_gone(pair: Pair, *, has_store: bool, has_heartland: bool) -> list[Pair]:
    left = replace(pair, store=pair.store if has_store else "", heartland=pair.heartland if has_heartland else "")
    return [left] if left.store or left.heartland else []


def _alike(here: Mapping[str, Address], there: Mapping[str, Address]) -> Iterable[Pair]:
    """Equal ones that stand in no pair yet: found again after a lost answer, or there from the start."""
    prints = {print_of(address): key for key, address in reversed(list(there.items()))}
    for key, address in here.items():
        if other := prints.pop(found := print_of(address), ""):
            yield Pair(store=key, heartland=other, store_print=found, heartland_print=found)


def _without(book: Mapping[str, Address], taken: Iterable[str]) -> dict[str, Address]:
    gone = set(taken)
    return {key: address for key, address in book.items() if key not in gone}


def _whole(book: Mapping[str, Address], seen: Collection[str]) -> tuple[KeptAddress, ...]:
    """Each once, however often it stands there, and none that the other side has, or had, in a pair."""
    once = {print_of(address): KeptAddress(id=key, address=address) for key, address in reversed(list(book.items()))}
    return tuple(
        one
        for one in reversed(list(once.values()))
        if print_of(one.address) not in seen and not missing_parts(one.address)
    )
