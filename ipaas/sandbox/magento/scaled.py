"""The `--scale` catalogue: products and source items computed from their number, a million SKUs in no memory.

All styles come first, as configurables, then all SKUs in the order of their text; each SKU lies at the sources of the
shop's places, source by source in the same order. So lists by type, by source and by SKU are answered by arithmetic.
What is written to a product is stored as a row; written quantities are packed (`level_pages`).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from ipaas.sandbox.catalog import PLACES, Scale, Variant, scale
from ipaas.sandbox.catalog.scaling import COLORS, SIZES, STYLE_SIZE
from ipaas.sandbox.core.tables import Lazy
from ipaas.sandbox.magento.goods.attribute_rows import DEFAULT_SET
from ipaas.sandbox.magento.goods.configurables import NUMBERS_PER_PRODUCT
from ipaas.sandbox.magento.goods.product_rows import CONFIGURABLE, EMPTY, SIMPLE
from ipaas.sandbox.magento.goods.url_keys import url_key_of
from ipaas.sandbox.magento.inventory.long_list_levels import long_list_level
from ipaas.sandbox.magento.state import Row, State

FIRST_PRODUCT = 1_000_000
FIRST_SOURCE_ITEM = 100_000_000
SOURCES = {"main": "harbor_main", "annex": "pine_annex", "depot": "depot"}  # place of the catalogue -> source
BORN = "2025-01-01 00:00:00"  # when the long list was imported
KEPT = 8_192  # computed rows kept at hand; nobody changes a row in place
AXES = (("size", SIZES), ("color", tuple(name for name, _ in COLORS)))


class ScaledCatalog:
    """Answers the rows of the long list by id, and their ids by SKU."""

    def __init__(self, state: State, long_list: Scale) -> None:
        self._state, self._list = state, long_list
        self._style = lru_cache(maxsize=512)(long_list.style)
        self._numbers: dict[tuple[str, str], int] = {}
        self.product = lru_cache(maxsize=KEPT)(self._product)

    @property
    def style_ids(self) -> range:
        """Ids of the configurables."""
        return range(FIRST_PRODUCT, FIRST_PRODUCT + self._list.styles)

    @property
    def child_ids(self) -> range:
        """Ids of the SKUs, which follow."""
        return range(self.style_ids.stop, self.style_ids.stop + self._list.count)

    def items_of(self, place: int) -> range:
        """Ids of what lies at one source."""
        first = FIRST_SOURCE_ITEM + place * self._list.count
        return range(first, first + self._list.count)

    def products_by_sku(self, key: Any) -> Iterable[int]:
        """The style or the SKU of this name."""
        text = str(key).upper()
        number = self._list.number_of(text)
        if number is not None:
            return (self.child_ids[self._rank(number)],)
        digits = text.removeprefix("XL-")
        is_style = text != digits and digits.isdecimal() and 1 <= int(digits) <= self._list.styles
        return (self.style_ids[int(digits) - 1],) if is_style and self._style(int(digits)).code == text else ()

    def source_items_by_sku(self, key: Any) -> Iterable[int]:
        """Where the SKU lies."""
        number = self._list.number_of(str(key).upper())
        return () if number is None else (self.items_of(place)[self._rank(number)] for place in range(len(PLACES)))

    def _rank(self, number: int) -> int:
        """The place of a SKU among all, by their text."""
        style, place = divmod(number - 1, STYLE_SIZE)
        return style * STYLE_SIZE + _by_text(self._size(style)).index(place)

    def _number(self, rank: int) -> int:
        """The number of the SKU at a place."""
        style, place = divmod(rank, STYLE_SIZE)
        return style * STYLE_SIZE + _by_text(self._size(style))[place] + 1

    def _size(self, style: int) -> int:
        return min(STYLE_SIZE, self._list.count - style * STYLE_SIZE)

    def source_item(self, item_id: int) -> Row:
        """One SKU at one source, with the quantity that was written last."""
        place, rank = divmod(item_id - FIRST_SOURCE_ITEM, self._list.count)
        variant = self._list.row(self._number(rank))[1]
        begun = variant.stock[PLACES[place]]
        quantity, status = long_list_level(self._state, item_id, begun, int(begun > 0))
        return {
            "source_item_id": item_id,
            "sku": variant.sku,
            "sku_key": variant.sku.casefold(),
            "source_code": SOURCES[PLACES[place]],
            "quantity": quantity,
            "status": status,
        }

    def _product(self, product_id: int) -> Row:
        if product_id in self.style_ids:
            return self._parent(product_id - FIRST_PRODUCT, product_id)
        return self._child(self._number(product_id - self.child_ids.start))

    def _parent(self, style: int, product_id: int) -> Row:
        made = self._style(style + 1)
        own = {"name": made.name, "visibility": 4, "url_key": url_key_of(made.name), "description": made.description}
        axes = [self._axis(product_id, place, code, labels) for place, (code, labels) in enumerate(AXES)]
        first = style * STYLE_SIZE
        children = list(self.child_ids[first : first + len(made.variants)])
        return _row(made.code, CONFIGURABLE, own) | {"axes": axes, "child_ids": children}

    def _axis(self, product_id: int, place: int, code: str, labels: Iterable[str]) -> Row:
        attribute = self._attribute(code)
        return {
            "id": product_id * NUMBERS_PER_PRODUCT + place + 1,
            "attribute_id": attribute,
            "label": code.title(),
            "position": place,
            "values": [self._option(code, label) for label in labels],
        }

    def _child(self, number: int) -> Row:
        style, place = divmod(number - 1, STYLE_SIZE)
        made = self._style(style + 1)
        variant: Variant = made.variants[place]
        name = "-".join((made.name, *(label for _, label in variant.options)))
        choices = {
            code: str(self._option(code, label))
            for code, (_, label) in zip(("size", "color"), variant.options, strict=True)
        }
        own = {"name": name, "visibility": 1, "url_key": url_key_of(variant.sku), "price": variant.price}
        more = {"cost": variant.cost, "weight": Decimal(variant.weight), "upc": variant.upc}
        return _row(variant.sku, SIMPLE, own | more | choices) | {"parent_id": FIRST_PRODUCT + style}

    def _attribute(self, code: str) -> int:
        return int((self._state.attributes.first(attribute_code=code) or {})["id"])

    def _option(self, code: str, label: str) -> int:
        if (code, label) not in self._numbers:
            rows = self._state.options.find(attribute_id=self._attribute(code))
            self._numbers[code, label] = next(row["id"] for row in rows if row["labels"]["0"] == label)
        return self._numbers[code, label]


def _row(sku: str, kind: str, values: Row) -> Row:
    """A product of the long list, sold on the first website."""
    plain = {"status": 1, "tax_class_id": "2", "options_container": "container2"}
    static = {"sku": sku, "sku_key": sku.casefold(), "type_id": kind, "attribute_set_id": DEFAULT_SET}
    times = {"created_at": BORN, "updated_at": BORN, "website_ids": [1]}
    return {**EMPTY, **static, **times, "values": {"0": {**plain, **values}}}


@lru_cache(maxsize=STYLE_SIZE)
def _by_text(size: int) -> tuple[int, ...]:
    """Places of a style's SKUs in the order of their text."""
    ends = [f"{color}-{label}" for _, color in COLORS for label in SIZES]
    return tuple(sorted(range(size), key=lambda place: ends[place]))


def attach(state: State, count: int, seed: int) -> None:
    """Put the long list behind the catalogue's tables, to reach `count` SKUs; nothing for a small count."""
    long_list = scale(count, seed)
    if not long_list.count:
        return
    rows = ScaledCatalog(state, long_list)
    state.db.set_lazy(
        state.products,
        Lazy(
            range(rows.style_ids.start, rows.child_ids.stop),
            rows.product,
            {"sku_key": rows.products_by_sku},
            {"created_at": BORN, "updated_at": BORN, "attribute_set_id": DEFAULT_SET},
            {"type_id": {CONFIGURABLE: rows.style_ids, SIMPLE: rows.child_ids}},
        ),
    )
    places = {SOURCES[place]: rows.items_of(number) for number, place in enumerate(PLACES)}
    state.db.set_lazy(
        state.source_items,
        Lazy(
            range(FIRST_SOURCE_ITEM, rows.items_of(len(PLACES) - 1).stop),
            rows.source_item,
            {"sku_key": rows.source_items_by_sku},
            partitions={"source_code": places},
            ordered=frozenset(("sku",)),
        ),
    )
