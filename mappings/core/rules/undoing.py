"""What puts a product back as it was before a run wrote it, where nobody has changed it since."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from mappings.core.canonical.product import Field, Policy, Product
from mappings.core.rules.product_changes import ACTIVE, LABELS, NEW_VARIANT, Change, differences, shown

NOT_WRITTEN = frozenset({ACTIVE, NEW_VARIANT, Field.PICTURES})  # no edit of a product takes these back
Place = tuple[str, str]  # of a change: its field and SKU


@dataclass(frozen=True, kw_only=True)
class Undo:
    """The changes that put it back, and the names of what somebody changed since."""

    changes: tuple[Change, ...]
    moved: tuple[str, ...]


def undo_of(before: Product, after: Product, now: Product, policy: Policy) -> Undo:
    """Only what the run changed is put back, and of that only what still stands as the run wrote it.

    What stands as it was before is back: nothing is written of it, and nobody has changed it since.
    """
    everything = replace(policy, fields=frozenset(Field), blanks_overwrite=True)
    made = _apart(before, after, everything)
    moved = made & _apart(after, now, everything) & _apart(before, now, everything)
    found = differences(before, now, everything)
    if _names(before) != _names(now) and not any(change.field == Field.CATEGORIES for change in found):
        found.append(_categories(before, now))
    places = {change.place for change in found}
    found += [_swapped(one) for one in differences(now, before, everything) if one.place not in places]
    wanted = {place for place in made - moved if place[0] not in NOT_WRITTEN}
    return Undo(changes=tuple(change for change in found if change.place in wanted), moved=tuple(labels_of(moved)))


def is_same(one: Product, other: Product, policy: Policy) -> bool:
    """Whether both say the same in every field."""
    return not _apart(one, other, replace(policy, fields=frozenset(Field), blanks_overwrite=True))


def staying(before: Product, after: Product, now: Product, policy: Policy) -> list[str]:
    """Names of what the run changed and what is not back as it was."""
    everything = replace(policy, fields=frozenset(Field), blanks_overwrite=True)
    return labels_of(_apart(before, after, everything) & _apart(before, now, everything))


def labels_of(places: Iterable[Place]) -> list[str]:
    """`Price`, `Title`: each field once."""
    return sorted({LABELS[field] for field, _ in places})


def _apart(one: Product, other: Product, policy: Policy) -> set[Place]:
    """Where two say different things, whichever of them is silent."""
    found = {change.place for change in (*differences(one, other, policy), *differences(other, one, policy))}
    found |= {(Field.CATEGORIES, "")} if _names(one) != _names(other) else set()
    return found | ({(ACTIVE, "")} if one.is_active != other.is_active else set())


def _swapped(change: Change) -> Change:
    """What was blank before is made blank again."""
    return replace(change, before=change.after, after=change.before)


def _names(product: Product) -> set[str]:
    return {name.casefold() for name in product.categories}


def _categories(before: Product, now: Product) -> Change:
    return Change(
        field=Field.CATEGORIES, before=shown(", ".join(now.categories)), after=shown(", ".join(before.categories))
    )
