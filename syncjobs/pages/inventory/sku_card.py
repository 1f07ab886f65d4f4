"""What stands beside the arithmetic of a SKU's card: its product, and what the store was told lately as a line."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from connections.models import Connection
from mappings.models import CatalogueSku, Link, Side
from syncjobs.models import RunChange, StockMove
from syncjobs.pages.pictures import pictures_of

WORTH_A_LINE = 2


@dataclass(frozen=True, kw_only=True)
class Product:
    """Whose stock it is; each "" where no check has seen it."""

    name: str
    number: str  # Item #
    picture: str  # its address


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the store was told for one of its locations, oldest first."""

    location: str
    numbers: list[int]

    @property
    def words(self) -> str:
        """The line for who does not see it."""
        return (
            f"From {self.numbers[0]} to {self.numbers[-1]}, at most {max(self.numbers)}, at least {min(self.numbers)}"
        )


def product_of(connection: Connection, sku: str) -> Product:
    rows = CatalogueSku.objects.filter(connection=connection, side=Side.STORE, sku=sku).select_related("product")
    row = rows.first()
    link = Link.objects.of(connection, Link.Kind.ITEM).filter(source_id=sku).first()
    return Product(
        name=str(row.product.facts.get("name") or "") if row else "",
        number=(link.target_label or link.target_id) if link else "",
        picture=pictures_of(connection, [sku]).get(sku, ""),
    )


def names_of(connection: Connection, skus: Collection[str]) -> dict[str, str]:
    """What the store calls the products of these SKUs, of those that a check has seen; one query."""
    rows = CatalogueSku.objects.filter(connection=connection, side=Side.STORE, sku__in=skus)
    return {sku: str(name or "") for sku, name in rows.values_list("sku", "product__facts__name")}


def difference(change: RunChange) -> str:
    """`+3` or `−5` between two numbers of a run; "" where one of them is not known."""
    try:
        moved = int(change.after) - int(change.before)
    except ValueError:
        return ""
    return f"{moved:+d}".replace("-", "−")


def told_of(moves: Sequence[StockMove]) -> list[Told]:
    """By location of the store, where it was told more than once. `moves`: newest first."""
    found: dict[str, list[int]] = {}
    for move in reversed(moves):
        before = [move.before] if move.before is not None and move.store_location not in found else []
        found.setdefault(move.store_location, []).extend([*before, move.after])
    return [Told(location=place, numbers=numbers) for place, numbers in found.items() if len(numbers) >= WORTH_A_LINE]
