"""Stock at Shelf behind the port. In the product it would be syncjobs/stores/shelf/levels.py."""

from collections.abc import Collection, Iterator, Sequence

from errors.failures import ContractBroken, NotFound, Rejected, SyncFailure
from ipaas.types import JSON
from syncjobs.stores.level_port import Cause, Elsewhere, Level, LevelWrite, Refusal, ReservationGap, Reserved
from tests.stores.shelf.client import MOST_COUNTS, ROWS_PER_PAGE, ShelfClient

DEFAULT_PLACE = "shop-floor"
CAUSES = {"unknown": Cause.SKU_GONE, "not counted": Cause.NOT_COUNTED}


class ShelfLevels:
    """Fulfils `level_port.Levels`. It knows SKUs and nothing else, and its places by codes."""

    most_writes = MOST_COUNTS
    has_ids = False

    def __init__(self, client: ShelfClient) -> None:
        self._client = client

    def pages(self, place: str, *, first: int = 1) -> Iterator[list[Level]]:
        total = first * ROWS_PER_PAGE
        while (first - 1) * ROWS_PER_PAGE < total:
            answer = self._client.stock(place, page=first)
            yield [level_from_shelf(row) for row in answer["rows"]]
            total, first = answer["total"], first + 1

    def levels(self, skus: Sequence[str]) -> list[Level]:
        return [level_from_shelf(row) for row in self._client.stock(DEFAULT_PLACE, skus=skus)["rows"]]

    def level(self, sku: str, place: str, *, variant_id: str = "") -> Level | None:
        rows = self._client.stock(place, skus=[sku])["rows"]
        return level_from_shelf(rows[0]) if rows else None

    def reserved(self, places: Collection[str]) -> Sequence[Reserved]:
        return ()

    def reserved_otherwise(self, *, first: int = 1) -> Iterator[list[ReservationGap]]:
        return iter(())

    def elsewhere(self, skus: Sequence[str], places: Collection[str]) -> Sequence[Elsewhere]:
        return ()

    def late(self) -> Collection[str]:
        return ()

    def write(self, levels: Sequence[LevelWrite]) -> None:
        self._client.stock_set(levels[0].place, {one.sku: one.quantity for one in levels})

    def refusal_of(self, levels: Sequence[LevelWrite], failure: SyncFailure) -> Refusal:
        reasons = failure.fields if isinstance(failure, Rejected) else {}
        named = tuple(one for one in levels if one.sku in reasons)
        other = Cause.PLACE_GONE if isinstance(failure, NotFound) else Cause.OTHER
        return Refusal(
            cause=next((CAUSES[why] for why in reasons.values() if why in CAUSES), other),
            words=failure.summary,
            named=named,
        )

    def count(self, sku: str, product_id: str, *, is_by_variant: bool) -> None:
        self._client.counted(sku)


def level_from_shelf(row: JSON) -> Level:
    """Raises ContractBroken when a row has no SKU or no whole number."""
    if not isinstance(row.get("sku"), str) or type(row.get("count")) is not int:
        raise ContractBroken("Shelf's stock has a row without SKU or count.")
    return Level(sku=row["sku"], onhand=row["count"])
