"""Magento's products, read: one by itself, or a configurable one with its children (notes §14)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from ipaas.types import JSON
from mappings.core.canonical.listing import ListedVariant, Listing, Names
from mappings.core.canonical.product import amount, number, number_text
from mappings.core.rules.matching import StoreItem

CONFIGURABLE, BUNDLE = "configurable", "bundle"
DIGITAL = frozenset({"virtual", "downloadable"})
ENABLED, DISABLED = 1, 2  # `status`
BRAND, MSRP, COST, SPECIAL = "manufacturer", "msrp", "cost", "special_price"  # codes of a fresh install
SPECIAL_FROM, SPECIAL_TO = "special_from_date", "special_to_date"
EXTRA = "extension_attributes"
SHOWN_LEVEL = 2  # above it stand the root of all, and each store's own


@dataclass(frozen=True, kw_only=True)
class Axis:
    """An attribute that is chosen from a list."""

    id: str
    code: str
    label: str
    options: Mapping[str, str]  # id → label: an id is never a label, though both may be “12” (§14.3)

    def option(self, label: str) -> str:
        """The id of an option by its label, whatever the size of its letters; "" for none."""
        wanted = label.strip().casefold()
        return next((key for key, name in self.options.items() if name.strip().casefold() == wanted), "")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What is needed to read a product besides itself."""

    axes: Mapping[str, Axis]  # by the id of their attribute
    barcode: str  # code of the attribute that holds it; "" where there is none
    pictures: str  # address that a picture's file stands under
    now: datetime  # by which a sale has begun, and is not over


def axis_from_magento(row: JSON) -> Axis:
    """An attribute with its `options`; the first of them is a blank one."""
    options = {str(one["value"]): str(one.get("label") or "") for one in row.get("options") or [] if one.get("value")}
    return Axis(
        id=str(row["attribute_id"]),
        code=str(row["attribute_code"]),
        label=str(row.get("default_frontend_label") or row["attribute_code"]),
        options={key: label for key, label in options.items() if key.strip()},
    )


def listing_from_magento(row: JSON, children: Sequence[JSON], reading: Reading) -> Listing:
    """A product as it is kept. `children` are a configurable's, none of any other."""
    axes = list(axes_of(row, reading.axes))
    members = children if row.get("type_id") == CONFIGURABLE else [row]
    changed = [moment for one in (row, *children) if (moment := _moment(one.get("updated_at")))]
    return Listing(
        id=str(row["id"]),
        changed_at=max(changed, default=None),
        keeps_stock=row.get("type_id") != BUNDLE,  # its parts do
        brand_id=text(custom(row).get(BRAND)),
        facts={**_facts(row, reading), **_product_facts(row, reading)},
        variants=tuple(
            ListedVariant(id=str(one["id"]), facts={**_facts(one, reading), **_variant_facts(one, axes)})
            for one in members
        ),
    )


def names_from_magento(tree: JSON, brands: Axis | None) -> Names:
    """Names by id, of the categories below each store's root and of brands."""
    return Names(
        brands=dict(brands.options) if brands else {},
        categories=dict(_paths(tree, ())),
    )


def item_from_magento(row: JSON, reading: Reading) -> StoreItem:
    """A SKU as it may be linked."""
    facts = _facts(row, reading)
    return StoreItem(
        sku=str(row["sku"]),
        name=str(row.get("name") or ""),
        barcode=str(facts["upc"] or ""),
        price=number(facts["sale_price"]) or number(facts["price"]),
    )


def axes_of(row: JSON, axes: Mapping[str, Axis]) -> Iterator[Axis]:
    """By which attributes the children of a configurable product differ, in its own order."""
    rows = (row.get(EXTRA) or {}).get("configurable_product_options") or []
    for one in sorted(rows, key=lambda one: int(one.get("position") or 0)):
        if known := axes.get(str(one.get("attribute_id"))):
            yield known


def custom(row: JSON) -> dict[str, Any]:
    """Values of its attributes by their codes."""
    rows = row.get("custom_attributes") or []
    if isinstance(rows, Mapping):
        return dict(rows)
    return {str(one.get("attribute_code")): one.get("value") for one in rows}


def text(value: Any) -> str:
    return "" if value is None or isinstance(value, list | Mapping) else str(value).strip()


def links_of(row: JSON) -> list[int]:
    """The ids of a configurable's children."""
    return [int(one) for one in (row.get(EXTRA) or {}).get("configurable_product_links") or []]


def category_ids_of(row: JSON) -> list[int]:
    links = (row.get(EXTRA) or {}).get("category_links") or []
    return [int(one["category_id"]) for one in links]


def picture_files(row: JSON) -> list[str]:
    """Paths of a product's pictures below the folder of all, the first one first."""
    rows = row.get("media_gallery_entries") or []
    return [str(one.get("file") or "") for one in sorted(rows, key=lambda one: int(one.get("position") or 0))]


def _facts(row: JSON, reading: Reading) -> dict[str, Any]:
    """What products and variants have in common."""
    values = custom(row)
    return {
        "price": _kept(row.get("price")),
        "sale_price": _kept(values.get(SPECIAL)) if _is_on_sale(values, reading.now) else None,
        "retail_price": _kept(values.get(MSRP)),
        "cost_price": _kept(values.get(COST)),
        "weight": _kept(row.get("weight")),
        "upc": text(values.get(reading.barcode)) if reading.barcode else "",
    }


def _product_facts(row: JSON, reading: Reading) -> dict[str, Any]:
    return {
        "name": text(row.get("name")),
        "type": "digital" if row.get("type_id") in DIGITAL else "physical",
        "description": text(custom(row).get("description")),
        "is_visible": row.get("status") == ENABLED,
        "availability": "available",
        "category_ids": category_ids_of(row),
        "pictures": [f"{reading.pictures}{file}" for file in picture_files(row)],
    }


def _variant_facts(row: JSON, axes: Sequence[Axis]) -> dict[str, Any]:
    values = custom(row)
    options = [[axis.label, _label(axis, text(values.get(axis.code)))] for axis in axes]
    return {
        "number": str(row.get("sku") or ""),
        "options": options,
        "purchasing_disabled": row.get("status") == DISABLED,
    }


def _label(axis: Axis, key: str) -> str:
    """An option that the attribute has no longer is told by its id."""
    return axis.options.get(key, key)


def _is_on_sale(values: Mapping[str, Any], now: datetime) -> bool:
    begins, ends = _moment(values.get(SPECIAL_FROM)), _moment(values.get(SPECIAL_TO))
    is_over = ends is not None and now.date() > ends.date()  # its last day is a day of the sale
    return bool(text(values.get(SPECIAL))) and not is_over and (begins is None or begins <= now)


def _kept(value: Any) -> str | None:
    """A number as it is kept; None for none."""
    found = amount(value) if isinstance(value, int | Decimal) else number(text(value))
    return None if found is None else number_text(found)


def _paths(category: JSON, above: tuple[str, ...]) -> Iterator[tuple[str, list[str]]]:
    path = above
    if int(category.get("level") or 0) >= SHOWN_LEVEL:
        path = (*above, str(category.get("name") or ""))
        yield str(category["id"]), list(path)
    for child in category.get("children_data") or []:
        yield from _paths(child, path)


def _moment(value: Any) -> datetime | None:
    """A time of the shop: UTC without saying so."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
