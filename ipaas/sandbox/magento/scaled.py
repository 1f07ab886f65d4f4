"""The `--scale` catalogue: products and source items computed from their number, a million SKUs in no memory.

A style is a configurable, its twelve SKUs follow it: `FIRST_PRODUCT + 13 * style + place`. Each SKU lies at the sources
of the shop's places. What is written to a product is stored as a row; written quantities are packed (`level_pages`).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from ipaas.sandbox.catalog import PLACES, Scale, Variant, scale
from ipaas.sandbox.catalog.scaling import COLORS, SIZES, STYLE_SIZE
from ipaas.sandbox.core.store import Lazy
from ipaas.sandbox.magento.goods.attribute_rows import DEFAULT_SET
from ipaas.sandbox.magento.goods.configurables import NUMBERS_PER_PRODUCT
from ipaas.sandbox.magento.goods.product_rows import CONFIGURABLE, EMPTY, SIMPLE
from ipaas.sandbox.magento.goods.url_keys import url_key_of
from ipaas.sandbox.magento.inventory.long_list_levels import long_list_level
from ipaas.sandbox.magento.state import Row, State

FIRST_PRODUCT = 1_000_000
FIRST_SOURCE_ITEM = 100_000_000
BLOCK = 1 + STYLE_SIZE
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
    def product_ids(self) -> range:
        """Ids of all styles with their SKUs; the last style may be short."""
        return range(FIRST_PRODUCT, FIRST_PRODUCT + self._list.styles + self._list.count)

    @property
    def source_item_ids(self) -> range:
        """Ids of what lies where."""
        return range(FIRST_SOURCE_ITEM, FIRST_SOURCE_ITEM + self._list.count * len(PLACES))

    def products_by_sku(self, key: Any) -> Iterable[int]:
        """The style or the SKU of this name."""
        text = str(key).upper()
        number = self._list.number_of(text)
        if number is not None:
            style, place = divmod(number - 1, STYLE_SIZE)
            return (FIRST_PRODUCT + style * BLOCK + 1 + place,)
        digits = text.removeprefix("XL-")
        is_style = text != digits and digits.isdecimal() and 1 <= int(digits) <= self._list.styles
        return (
            (FIRST_PRODUCT + (int(digits) - 1) * BLOCK,) if is_style and self._style(int(digits)).code == text else ()
        )

    def source_items_by_sku(self, key: Any) -> Iterable[int]:
        """Where the SKU lies."""
        number = self._list.number_of(str(key).upper())
        if number is None:
            return ()
        first = FIRST_SOURCE_ITEM + (number - 1) * len(PLACES)
        return range(first, first + len(PLACES))

    def source_item(self, item_id: int) -> Row:
        """One SKU at one source, with the quantity that was written last."""
        number, place = divmod(item_id - FIRST_SOURCE_ITEM, len(PLACES))
        variant = self._list.row(number + 1)[1]
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
        style, place = divmod(product_id - FIRST_PRODUCT, BLOCK)
        return self._parent(style, product_id) if place == 0 else self._child(style, place, product_id)

    def _parent(self, style: int, product_id: int) -> Row:
        made = self._style(style + 1)
        own = {"name": made.name, "visibility": 4, "url_key": url_key_of(made.name), "description": made.description}
        axes = [self._axis(product_id, place, code, labels) for place, (code, labels) in enumerate(AXES)]
        children = list(range(product_id + 1, product_id + 1 + len(made.variants)))
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

    def _child(self, style: int, place: int, product_id: int) -> Row:
        made = self._style(style + 1)
        variant: Variant = made.variants[place - 1]
        name = "-".join((made.name, *(label for _, label in variant.options)))
        choices = {
            code: str(self._option(code, label))
            for code, (_, label) in zip(("size", "color"), variant.options, strict=True)
        }
        own = {"name": name, "visibility": 1, "url_key": url_key_of(variant.sku), "price": variant.price}
        more = {"cost": variant.cost, "weight": Decimal(variant.weight), "upc": variant.upc}
        return _row(variant.sku, SIMPLE, own | more | choices) | {"parent_id": product_id - place}

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


def attach(state: State, count: int, seed: int) -> None:
    """Put the long list behind the catalogue's tables, to reach `count` SKUs; nothing for a small count."""
    long_list = scale(count, seed)
    if not long_list.count:
        return
    rows = ScaledCatalog(state, long_list)
    state.db.set_lazy(state.products, Lazy(rows.product_ids, rows.product, {"sku_key": rows.products_by_sku}))
    state.db.set_lazy(
        state.source_items, Lazy(rows.source_item_ids, rows.source_item, {"sku_key": rows.source_items_by_sku})
    )
