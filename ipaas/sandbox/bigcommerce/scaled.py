"""The `--scale` catalogue: products, options and variants computed from their number, a million SKUs in no memory."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from ipaas.sandbox.bigcommerce import catalog_rows as shapes
from ipaas.sandbox.bigcommerce.actions.catalog import SKU_ID_OFFSET, sku_key
from ipaas.sandbox.bigcommerce.actions.stock import DEFAULT_LOCATION
from ipaas.sandbox.bigcommerce.rows import Row
from ipaas.sandbox.bigcommerce.state import State
from ipaas.sandbox.catalog import Product, Scale, Variant, scale
from ipaas.sandbox.catalog.scaling import COLORS, SIZES, STYLE_SIZE
from ipaas.sandbox.core.tables import Lazy

FIRST_PRODUCT = 1_000_000
FIRST_VARIANT = 10_000_000
FIRST_OPTION = 5_000_000
FIRST_VALUE = 50_000_000
VALUES_PER_STYLE = 16
OPTIONS = ("Size", "Color")
KEPT = 8_192  # computed rows of each kind kept at hand; nobody changes a row in place
PRODUCT, VARIANT, OPTION = (shapes.defaults(fields) for fields in (shapes.PRODUCT, shapes.VARIANT, shapes.OPTION))
BORN = 1_735_689_600  # 2025-01-01, when the long list was imported


class ScaledCatalog:
    """Answers the rows of the long list by id, and their ids by what is looked up."""

    def __init__(self, state: State, long_list: Scale) -> None:
        self._state, self._list = state, long_list
        self._style = lru_cache(maxsize=512)(long_list.style)
        self._places: dict[str, int] = {}
        self.product = lru_cache(maxsize=KEPT)(self._product)
        self.variant = lru_cache(maxsize=KEPT)(self._variant)
        self.option = lru_cache(maxsize=KEPT)(self._option)

    # --- numbers ---------------------------------------------------------------------------------

    def _style_of(self, product_id: Any) -> int | None:
        number = product_id - FIRST_PRODUCT + 1 if isinstance(product_id, int) else 0
        return number if 1 <= number <= self._list.styles else None

    def variant_ids(self, product_id: Any) -> Iterable[int]:
        """Variants of a product of the long list."""
        style = self._style_of(product_id)
        if style is None:
            return ()
        first = (style - 1) * STYLE_SIZE
        return range(FIRST_VARIANT + first, FIRST_VARIANT + min(first + STYLE_SIZE, self._list.count))

    def option_ids(self, product_id: Any) -> Iterable[int]:
        """Options of a product of the long list."""
        style = self._style_of(product_id)
        return () if style is None else range(FIRST_OPTION + 2 * style - 2, FIRST_OPTION + 2 * style)

    def by_sku(self, sku: Any) -> Iterable[int]:
        """The variant with this SKU, spelled as the list spells it."""
        number = self._list.number_of(sku) if isinstance(sku, str) else None
        return () if number is None else (FIRST_VARIANT + number - 1,)

    def by_sku_key(self, key: Any) -> Iterable[int]:
        """The variant with this SKU in any case."""
        return self.by_sku(key.upper()) if isinstance(key, str) else ()

    def by_product_sku(self, sku: Any) -> Iterable[int]:
        """The product whose own SKU (the style's code) this is."""
        digits = sku[3:] if isinstance(sku, str) and sku.upper().startswith("XL-") else ""
        if not digits.isdecimal() or not 1 <= int(digits) <= self._list.styles:
            return ()
        found = FIRST_PRODUCT + int(digits) - 1
        return (found,) if sku_key(sku) == sku_key(self._style(int(digits)).code) else ()

    def by_name_key(self, key: Any) -> Iterable[int]:
        """The product of this name."""
        digits = key.rsplit(" ", 1)[-1] if isinstance(key, str) else ""
        if not digits.isdecimal() or not 1 <= int(digits) <= self._list.styles:
            return ()
        return (FIRST_PRODUCT + int(digits) - 1,) if self._style(int(digits)).name.casefold() == key else ()

    # --- rows ------------------------------------------------------------------------------------

    def _product(self, product_id: int) -> Row:
        """A product row."""
        style: Product = self._style(product_id - FIRST_PRODUCT + 1)
        first = style.variants[0]
        brand = self._named(self._state.brands.all(), style.brand, "brand")
        category = self._named(self._state.categories.all(), style.category.rsplit("/", 1)[-1], "category")
        return {
            **PRODUCT,
            "name": style.name,
            "sku": style.code,
            "description": style.description,
            "weight": first.weight,
            "price": first.price,
            "cost_price": first.cost,
            "retail_price": first.msrp,
            "brand_id": brand,
            "categories": [category] if category else [],
            "is_visible": True,
            "inventory_tracking": "variant",
            "option_set_id": product_id - 80,
            "sku_key": sku_key(style.code),
            "name_key": style.name.casefold(),
            "base_variant_id": None,
            "total_sold": 0,
            "reviews_count": 0,
            "reviews_rating_sum": 0,
            "date_created": BORN,
            "date_modified": BORN,
            "custom_url": {"url": f"/{style.code.lower()}/", "is_customized": False},
        }

    def _named(self, rows: Iterable[Row], name: str, kind: str) -> int:
        if f"{kind} {name}" not in self._places:
            found = next((row["id"] for row in rows if row["name"] == name), 0)
            self._places[f"{kind} {name}"] = found
        return self._places[f"{kind} {name}"]

    def _variant(self, variant_id: int) -> Row:
        """A variant row."""
        style, variant = self._list.row(variant_id - FIRST_VARIANT + 1)
        return {
            **VARIANT,
            "product_id": FIRST_PRODUCT + style - 1,
            "sku": variant.sku,
            "sku_key": sku_key(variant.sku),
            "sku_id": variant_id - SKU_ID_OFFSET,
            "upc": variant.upc,
            "price": variant.price,
            "cost_price": variant.cost,
            "option_values": self._choices(style, variant),
            "base_stock": [[DEFAULT_LOCATION, sum(variant.stock.values())]],
        }

    def _choices(self, style: int, variant: Variant) -> list[Row]:
        found = []
        for place, (name, label) in enumerate(variant.options):
            option = self.option(FIRST_OPTION + 2 * (style - 1) + place)
            value = next(value for value in option["option_values"] if value["label"] == label)
            found.append(
                {
                    "id": value["id"],
                    "label": label,
                    "option_id": FIRST_OPTION + 2 * (style - 1) + place,
                    "option_display_name": name,
                }
            )
        return found

    def _option(self, option_id: int) -> Row:
        """An option row with its values."""
        style, place = divmod(option_id - FIRST_OPTION, 2)
        name = OPTIONS[place]
        labels = _labels(place)
        first = FIRST_VALUE + style * VALUES_PER_STYLE + place * VALUES_PER_STYLE // 2
        values = [
            {"id": first + n, "label": label, "sort_order": n, "value_data": None, "is_default": False}
            for n, label in enumerate(labels)
        ]
        return {
            **OPTION,
            "product_id": FIRST_PRODUCT + style,
            "display_name": name,
            "type": "rectangles",
            "name": f"{name}{BORN}-{FIRST_PRODUCT + style}",
            "option_values": values,
        }


def _labels(place: int) -> tuple[str, ...]:
    return SIZES if place == 0 else tuple(name for name, _ in COLORS)


def attach(state: State, count: int, seed: int) -> None:
    """Put the long list behind the catalogue's tables, to reach `count` SKUs; nothing for a small count."""
    long_list = scale(count, seed)
    if not long_list.count:
        return
    rows = ScaledCatalog(state, long_list)
    everywhere = {"type": "physical", "is_visible": True, "availability": "available"}
    state.db.set_lazy(
        state.products,
        Lazy(
            range(FIRST_PRODUCT, FIRST_PRODUCT + long_list.styles),
            rows.product,
            {"sku": rows.by_product_sku, "sku_key": rows.by_product_sku, "name_key": rows.by_name_key},
            everywhere,
        ),
    )
    state.db.set_lazy(
        state.variants,
        Lazy(
            range(FIRST_VARIANT, FIRST_VARIANT + long_list.count),
            rows.variant,
            {"product_id": rows.variant_ids, "sku": rows.by_sku, "sku_key": rows.by_sku_key},
        ),
    )
    state.db.set_lazy(
        state.options,
        Lazy(range(FIRST_OPTION, FIRST_OPTION + 2 * long_list.styles), rows.option, {"product_id": rows.option_ids}),
    )
