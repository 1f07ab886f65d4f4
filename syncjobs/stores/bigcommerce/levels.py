"""Stock at BigCommerce: rows of its levels, how it wants items named, and what its refusals say."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from connections.connectors.bigcommerce import BigCommerceClient
from connections.connectors.bigcommerce.inventory import MOST_ITEMS
from errors.failures import ContractBroken, SyncFailure
from ipaas.types import JSON
from syncjobs.stores.level_port import Cause, Elsewhere, Level, LevelWrite, Refusal, ReservationGap, Reserved

REASON = "Heartland stock"  # as the store's own log shows it


class BigCommerceLevels:
    """Fulfils `level_port.Levels` (BigCommerce notes §20)."""

    most_writes = MOST_ITEMS
    has_ids = True

    def __init__(self, client: BigCommerceClient) -> None:
        self._client = client

    def pages(self, place: str, *, first: int = 1) -> Iterator[list[Level]]:
        for rows in self._client.iter_levels(int(place), first_page=first):
            yield [level_from_bigcommerce(row) for row in rows]

    def levels(self, skus: Sequence[str]) -> list[Level]:
        askable = [sku for sku in skus if "," not in sku]
        return [level_from_bigcommerce(row) for row in self._client.levels_of(askable)] if askable else []

    def level(self, sku: str, place: str, *, variant_id: str = "") -> Level | None:
        if variant_id:
            row = self._client.level_of(int(variant_id), int(place))
        else:
            rows = self._client.levels_of([sku], int(place))
            row = next((one for one in rows if one.get("identity", {}).get("sku") == sku), None)
        return level_from_bigcommerce(row) if row else None

    def reserved(self, places: Collection[str]) -> Sequence[Reserved]:
        return ()  # an order takes its pieces off the number on hand at once (notes §20.6)

    def reserved_otherwise(self, *, first: int = 1) -> Iterator[list[ReservationGap]]:
        return iter(())

    def elsewhere(self, skus: Sequence[str], places: Collection[str]) -> Sequence[Elsewhere]:
        return ()

    def late(self) -> Collection[str]:
        return ()

    def write(self, levels: Sequence[LevelWrite]) -> None:
        self._client.stock_set([item_of(one) for one in levels], REASON)

    def refusal_of(self, levels: Sequence[LevelWrite], failure: SyncFailure) -> Refusal:
        words = failure.summary
        named = tuple(one for one in levels if mentions(words, *identity_of(one)))
        return Refusal(cause=cause_of(words), words=words, named=named)

    def count(self, sku: str, product_id: str, *, is_by_variant: bool) -> None:
        way = "variant" if is_by_variant else "product"
        self._client.products_update([{"id": int(product_id), "inventory_tracking": way}])


def level_from_bigcommerce(row: JSON) -> Level:
    """A row of the store's levels. Raises ContractBroken when it has no identity or no number.

    Of a product without options the row has no `sku_id`: the store counts it under the product's id (notes §19, §20.2).
    """
    who, onhand = row.get("identity"), row.get("total_inventory_onhand")
    if not isinstance(who, Mapping) or not isinstance(who.get("variant_id"), int):
        raise ContractBroken("BigCommerce's stock level does not say of what it is.")
    if not isinstance(onhand, int) or isinstance(onhand, bool):
        raise ContractBroken("BigCommerce's stock level has no number in total_inventory_onhand.")
    return Level(
        sku=str(who.get("sku") or ""),
        onhand=onhand,
        product_id=str(who.get("product_id") or ""),
        variant_id=str(who["variant_id"]),
        is_counted_by_product=who.get("sku_id") is None,
    )


def item_of(one: LevelWrite) -> JSON:
    """A line of an absolute adjustment."""
    name, value = identity_of(one)
    return {"location_id": int(one.place), name: value, "quantity": one.quantity}


def identity_of(one: LevelWrite) -> tuple[str, str | int]:
    """How the store wants an item named: by the product where it counts that, else by the variant.

    Never by a SKU that the store may have renamed meanwhile, once its ids are known.
    """
    if one.is_counted_by_product and one.product_id:
        return "product_id", int(one.product_id)
    if one.variant_id:
        return "variant_id", int(one.variant_id)
    return "sku", one.sku


def mentions(words: str, name: str, value: object) -> bool:
    """Whether the store's words name an item (notes §20.2)."""
    return f"{name} {value}]" in words or f"{name} {value} " in words


def cause_of(words: str) -> Cause:
    """Why, by the store's words: no code tells (notes §20.2)."""
    is_missing = "not found" in words.casefold()
    if "not tracked" in words:
        return Cause.NOT_COUNTED
    if "tracked by variant" in words:
        return Cause.BY_VARIANT
    if "tracked by product" in words:
        return Cause.BY_PRODUCT
    if "location" in words.casefold() and is_missing:
        return Cause.PLACE_GONE
    return Cause.SKU_GONE if is_missing or "identity" in words else Cause.OTHER
