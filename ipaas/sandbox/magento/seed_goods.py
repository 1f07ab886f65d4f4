"""Attributes, categories, products and their pictures of the shared shop; its stock is in `seed_stock.py`."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal

from ipaas.sandbox import catalog
from ipaas.sandbox.magento.goods.attribute_rows import (
    DEFAULT_SET,
    attribute_insert,
    attributes_furnish,
    set_attribute,
)
from ipaas.sandbox.magento.goods.category_rows import DEFAULT, categories_furnish, category_insert
from ipaas.sandbox.magento.goods.media_gallery import entry_add
from ipaas.sandbox.magento.goods.product_rows import BUNDLE, CONFIGURABLE, GIFT_CARD, SIMPLE, VIRTUAL
from ipaas.sandbox.magento.goods.product_save import product_save
from ipaas.sandbox.magento.goods.url_keys import url_key_of
from ipaas.sandbox.magento.seed_stock import fill_stock, levels_begun
from ipaas.sandbox.magento.state import Row, State

DAYS_AGO = 90
EVERYWHERE: Row = {"id": 0, "website_id": 0}  # the scope `all`
FIRST_OPTION = 100  # smaller numbers stay free for options that a test numbers itself
DETAILS_GROUP = 7
#: (id, code, label): what the merchant added to a fresh installation.
OWN_ATTRIBUTES = (
    (141, "size", "Size"),
    (142, "volume", "Volume"),
    (143, "length", "Length"),
    (144, "capacity", "Capacity"),
)
UPC = 145
OPTION_KINDS = {
    "text": "field",
    "numbers_only_text": "field",
    "multi_line_text": "area",
    "checkbox": "checkbox",
    "dropdown": "drop_down",
    "radio_buttons": "radio",
    "date": "date",
    "file": "file",
}
GIFT_AMOUNTS = (25, 50, 100)
TINTS = (0x66788A, 0x24594C, 0x7A5237, 0x26436B, 0x66753F, 0xC4502B, 0x8A6D3B)


def fill(state: State, seed: int) -> None:
    """Insert the goods of the shop, as of long ago. Both web shops of the sandboxes sell the same things."""
    with state.backdated(state.clock.now() - timedelta(days=DAYS_AGO)):
        _fill(state, seed)


def _fill(state: State, seed: int) -> None:
    attributes_furnish(state)
    categories_furnish(state)
    sold = [row for row in catalog.products(seed) if "bigcommerce" in row.systems]
    options = _attributes(state, sold)
    categories = _categories(state, (row.category for row in sold))
    fill_stock(state)
    bundles = [row for row in sold if _is_bundle(row)]
    for product in [row for row in sold if not _is_bundle(row)] + bundles:  # a bundle's parts come first
        Goods(state, product, options, categories[product.category]).save()


def _is_bundle(product: catalog.Product) -> bool:
    return any(modifier.kind.startswith("product_list") for modifier in product.modifiers)


# --- attributes and categories ---------------------------------------------------------------------


def _attributes(state: State, sold: Iterable[catalog.Product]) -> Mapping[tuple[str, str], int]:
    """The merchant's attributes with every value that goods have: (code, label) -> option id."""
    for number, code, label in OWN_ATTRIBUTES:
        _own_attribute(state, number, code, label, "select")
    _own_attribute(state, UPC, "upc", "UPC", "text")
    numbers: dict[tuple[str, str], int] = {}
    state.options.next_id = FIRST_OPTION
    for code, label in dict.fromkeys(_values_of(sold)):
        attribute = state.attributes.first(attribute_code=code) or {}
        order = len(state.options.find(attribute_id=attribute["id"]))
        row = {"attribute_id": attribute["id"], "sort_order": order, "is_default": False, "labels": {"0": label}}
        numbers[code, label] = state.options.insert(row)["id"]
    return numbers


def _own_attribute(state: State, number: int, code: str, label: str, kind: str) -> None:
    row = {"attribute_id": number, "attribute_code": code, "frontend_input": kind, "scope": "global"}
    attribute_insert(state, {**row, "default_frontend_label": label})
    set_attribute(state, DEFAULT_SET, DETAILS_GROUP, number, number)


def _values_of(sold: Iterable[catalog.Product]) -> Iterable[tuple[str, str]]:
    yield from (("size", label) for label in catalog.scaling.SIZES)
    for product in sold:
        yield "manufacturer", product.brand
        for variant in product.variants:
            yield from ((name.lower(), label) for name, label in variant.options)


def _categories(state: State, paths: Iterable[str]) -> dict[str, list[int]]:
    """Departments and their parts: path -> ids of both."""
    tops: dict[str, int] = {}
    made: dict[str, list[int]] = {}
    for path in dict.fromkeys(paths):
        top, part = path.split("/")
        if top not in tops:
            tops[top] = category_insert(state, {"name": top, "parent_id": DEFAULT})["id"]
        key = url_key_of(f"{top} {part}")
        attributes = [{"attribute_code": "url_key", "value": key}]
        made[path] = [
            tops[top],
            category_insert(state, {"name": part, "parent_id": tops[top], "custom_attributes": attributes})["id"],
        ]
    return made


# --- products --------------------------------------------------------------------------------------


class Goods:
    """One product of the catalogue, saved as what Magento calls it."""

    def __init__(
        self, state: State, product: catalog.Product, options: Mapping[tuple[str, str], int], categories: list[int]
    ) -> None:
        self._state, self._product, self._options, self._categories = state, product, options, categories

    def save(self) -> None:
        """The product, with its children if it has any."""
        product, first = self._product, self._product.variants[0]
        if product.kind == "gift_certificate":
            if self._state.profile.is_commerce:
                self._saved(self._gift_card())
        elif product.is_grid:
            children = [self._saved(self._child(variant), variant) for variant in product.variants]
            self._saved(self._parent([row["id"] for row in children]))
        elif _is_bundle(product):
            self._saved(self._bundle())
        else:
            self._saved(self._plain(first), first)

    def _saved(self, wish: Row, variant: catalog.Variant | None = None) -> Row:
        row = product_save(self._state, EVERYWHERE, wish)
        for code, quantity in (levels_begun(self._product, variant) if variant else {}).items():
            self._state.insert(
                self._state.source_items,
                {
                    "sku": row["sku"],
                    "sku_key": row["sku_key"],
                    "source_code": code,
                    "quantity": Decimal(quantity),
                    "status": int(quantity > 0),
                },
            )
        if row["type_id"] != CONFIGURABLE or row["child_ids"]:
            self._picture(row)
        return self._state.products.get(row["id"]) or row

    def _common(self, sku: str, name: str, kind: str, visibility: int) -> Row:
        product = self._product
        links = [{"position": 0, "category_id": str(number)} for number in self._categories]
        has_default = any("default" in levels_begun(product, variant) for variant in product.variants)
        return {
            "sku": sku,
            "name": name,
            "type_id": kind,
            "attribute_set_id": DEFAULT_SET,
            "status": 1 if product.is_active else 2,
            "visibility": visibility,
            "extension_attributes": {"website_ids": [1, 2] if has_default else [1], "category_links": links},
        }

    def _custom(self, **values: object) -> list[Row]:
        brand = self._options["manufacturer", self._product.brand]
        given = {"manufacturer": str(brand), "tax_class_id": "2", **values}
        return [{"attribute_code": code, "value": value} for code, value in given.items() if value not in (None, "")]

    def _amounts(self, variant: catalog.Variant) -> Row:
        return {"price": variant.price, "weight": variant.weight or None}

    def _plain(self, variant: catalog.Variant) -> Row:
        product = self._product
        is_virtual = product.kind == "digital" or not product.tracks_inventory
        stock: Row = {} if product.tracks_inventory else {"use_config_manage_stock": False, "manage_stock": False}
        stock |= {"is_qty_decimal": True} if product.allows_fractions else {}
        wish = self._common(variant.sku, product.name, VIRTUAL if is_virtual else SIMPLE, 4) | self._amounts(variant)
        if stock:
            wish["extension_attributes"]["stock_item"] = stock
        key = url_key_of(f"{product.name} {variant.sku}")
        texts = {"description": f"<p>{product.description}</p>", "cost": variant.cost, "msrp": variant.msrp}
        wish["custom_attributes"] = self._custom(url_key=key, upc=variant.upc, **texts)
        return wish | self._choices()

    def _choices(self) -> Row:
        return {"options": [self._option(place, one) for place, one in enumerate(self._product.modifiers)]}

    def _option(self, place: int, modifier: catalog.Modifier) -> Row:
        row: Row = {
            "title": modifier.name,
            "type": OPTION_KINDS[modifier.kind],
            "sort_order": place,
            "is_require": modifier.required,
        }
        if modifier.kind == "checkbox":
            return row | {"values": [_value("Yes", modifier.price, 0)]}
        if modifier.choices:
            return row | {"values": [_value(one.label, one.price, n) for n, one in enumerate(modifier.choices)]}
        more: Row = {"max_characters": modifier.max_length} if modifier.max_length else {}
        return row | {"price": Decimal(0), "price_type": "fixed"} | more

    def _child(self, variant: catalog.Variant) -> Row:
        product = self._product
        name = "-".join((product.name, *(label for _, label in variant.options)))
        wish = self._common(variant.sku, name, SIMPLE, 1) | self._amounts(variant)
        choices = {kind.lower(): str(self._options[kind.lower(), label]) for kind, label in variant.options}
        more = {"upc": variant.upc, "cost": variant.cost, "msrp": variant.msrp}
        wish["custom_attributes"] = self._custom(url_key=url_key_of(f"{name} {variant.sku}"), **choices, **more)
        return wish

    def _parent(self, child_ids: list[int]) -> Row:
        product = self._product
        wish = self._common(product.code, product.name, CONFIGURABLE, 4)
        kinds = [kind for kind, _ in product.variants[0].options]
        wish["extension_attributes"] |= {
            "configurable_product_options": [self._axis(kind, place) for place, kind in enumerate(kinds)],
            "configurable_product_links": child_ids,
        }
        wish["custom_attributes"] = self._custom(
            url_key=url_key_of(f"{product.name} {product.code}"), description=f"<p>{product.description}</p>"
        )
        return wish | self._choices()

    def _axis(self, kind: str, place: int) -> Row:
        attribute = self._state.attributes.first(attribute_code=kind.lower()) or {}
        labels = dict.fromkeys(dict(variant.options)[kind] for variant in self._product.variants)
        values = [{"value_index": self._options[kind.lower(), label]} for label in labels]
        return {"attribute_id": attribute["id"], "label": kind, "position": place, "values": values}

    def _bundle(self) -> Row:
        product, first = self._product, self._product.variants[0]
        wish = self._common(product.code, product.name, BUNDLE, 4) | self._amounts(first)
        wish["extension_attributes"]["bundle_product_options"] = [
            {
                "title": modifier.name,
                "required": modifier.required,
                "type": "select",
                "product_links": [{"sku": one.sku, "is_default": not n} for n, one in enumerate(modifier.choices)],
            }
            for modifier in product.modifiers
        ]
        key = url_key_of(f"{product.name} {product.code}")
        wish["custom_attributes"] = self._custom(url_key=key, price_type="1", shipment_type="0")
        return wish

    def _gift_card(self) -> Row:
        product = self._product
        wish = self._common(product.code, product.name, GIFT_CARD, 4)
        amounts = [
            {"attribute_id": 0, "website_id": 0, "value": amount, "website_value": amount} for amount in GIFT_AMOUNTS
        ]
        wish["extension_attributes"]["giftcard_amounts"] = amounts
        wish["custom_attributes"] = self._custom(url_key=url_key_of(product.name), giftcard_type="0")
        return wish

    def _picture(self, row: Row) -> None:
        name = f"{row['sku'].lower()}.png"
        for letter in '/\\?*:";<>()|{} ':
            name = name.replace(letter, "_")
        content = {"base64_encoded_data": swatch(row["sku"]), "type": "image/png", "name": name}
        roles = ["image", "small_image", "thumbnail"]
        entry_add(self._state, EVERYWHERE, row["id"], {"label": self._product.name, "types": roles, "content": content})


def _value(label: str, price: Decimal, place: int) -> Row:
    return {"title": label, "price": price, "price_type": "fixed", "sort_order": place}


def swatch(text: str) -> str:
    """A picture of one steady colour for a text: PNG, 8 by 8 dots, base64."""
    tint = TINTS[zlib.crc32(text.encode()) % len(TINTS)]
    line = b"\0" + tint.to_bytes(3, "big") * 8
    header = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(line * 8)), (b"IEND", b""))
    chunks = b"".join(_chunk(kind, data) for kind, data in parts)
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + chunks).decode()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
