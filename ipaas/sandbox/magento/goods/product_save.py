"""Writing a product: what a partial body keeps, what an array replaces, where values land (note §14.1, §14.2)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from ipaas.sandbox.magento.errors import Refused, bad
from ipaas.sandbox.magento.goods.attribute_rows import attributes_of_set, scope_of
from ipaas.sandbox.magento.goods.bundle_options import bundle_options_replace
from ipaas.sandbox.magento.goods.configurables import axes_wanted, links_wanted, parents_of
from ipaas.sandbox.magento.goods.custom_options import options_replace
from ipaas.sandbox.magento.goods.media_gallery import gallery_replace
from ipaas.sandbox.magento.goods.product_rows import (
    COMPOSITE,
    EMPTY,
    GIFT_CARD,
    SIMPLE,
    TOP_LEVEL,
    product_by_id,
    product_found,
    product_values,
    sku_key,
)
from ipaas.sandbox.magento.goods.scoped_values import ADMIN, values_in, values_with
from ipaas.sandbox.magento.goods.tier_prices import tiers_wanted
from ipaas.sandbox.magento.goods.url_keys import url_key_of, url_keys_claim, url_keys_release
from ipaas.sandbox.magento.inventory.stock_items import stock_item_save
from ipaas.sandbox.magento.state import Row, State

LONGEST_SKU = 64
EMPTY_VALUE = 'The "%1" attribute value is empty. Set the attribute and try again.'
BAD_VALUE = 'Invalid value of "%value" provided for the %fieldName field.'
NO_SET = "Invalid product data: %1"
NO_CATEGORY = "Category with id %1 does not exist"


def product_save(state: State, store: Mapping[str, Any], wish: Mapping[str, Any]) -> Row:
    """Create the product of the wish's SKU or change it, in the scope of the store view (0: all). Raises `Refused`."""
    sku = str(wish.get("sku") or "").strip()
    before = product_found(state, sku) if sku else None
    if before is None and wish.get("id") is not None:
        known = state.products.get(wish["id"])
        before = product_rename(state, known, sku) if known and sku else known
    product = _created(state, store, sku, wish) if before is None else before
    changes = _changes(state, store, product, sku, wish, is_new=before is None)
    url_keys_claim(state, product["id"], changes["values"])
    product = state.update(state.products, product["id"], changes)
    return _parts_saved(state, store, product, wish)


def _created(state: State, store: Mapping[str, Any], sku: str, wish: Mapping[str, Any]) -> Row:
    """The bare row of a new product; refused when something that every product needs is missing."""
    if not sku:
        raise bad(EMPTY_VALUE, "sku")
    if (wish.get("attribute_set_id") or 0) not in state.attribute_sets:
        raise bad(NO_SET, "Invalid attribute set entity type")
    everywhere = [row["id"] for row in state.websites.all() if row["id"]]
    websites = [store["website_id"]] if store["id"] != ADMIN else everywhere
    row = {
        "sku": sku,
        "sku_key": sku_key(sku),
        "type_id": wish.get("type_id") or SIMPLE,
        "attribute_set_id": wish["attribute_set_id"],
    }
    return state.insert(state.products, {**EMPTY, **row, "website_ids": websites, "values": {"0": {}}})


def _changes(
    state: State, store: Mapping[str, Any], product: Row, sku: str, wish: Mapping[str, Any], *, is_new: bool
) -> Row:
    """The columns that the wish changes. What it does not name stays."""
    changes: Row = {"sku": sku, "sku_key": sku_key(sku)} if sku else {}
    if len(sku) > LONGEST_SKU:
        raise bad("SKU length should be %1 characters maximum.", LONGEST_SKU)
    for name in ("attribute_set_id", "type_id"):
        if wish.get(name) is not None:
            changes[name] = wish[name]
    changes["values"] = _values(state, store, {**product, **changes}, wish, is_new=is_new)
    if "product_links" in wish:
        changes["product_links"] = [
            {name: link.get(name) for name in ("link_type", "linked_product_sku", "linked_product_type", "position")}
            for link in wish["product_links"] or ()
        ]
    if "tier_prices" in wish:
        changes["tier_prices"] = tiers_wanted(wish["tier_prices"] or ())
    more = wish.get("extension_attributes") or {}
    if more.get("website_ids") is not None:
        changes["website_ids"] = more["website_ids"]
    if (links := _category_links(state, wish, more)) is not None:
        changes["category_links"] = links
    if more.get("giftcard_amounts") is not None:
        changes["giftcard_amounts"] = more["giftcard_amounts"]
    if more.get("configurable_product_options") is not None:
        changes["axes"] = axes_wanted(state, product["id"], more["configurable_product_options"])
    if more.get("configurable_product_links") is not None:
        axes: list[Row] = changes["axes"] if "axes" in changes else product["axes"]
        changes["child_ids"] = links_wanted(state, axes, more["configurable_product_links"])
    return changes


def _values(
    state: State, store: Mapping[str, Any], product: Row, wish: Mapping[str, Any], *, is_new: bool
) -> dict[str, dict[str, Any]]:
    """Attribute values after the write. New ones are global whatever the store (§14.1)."""
    known = attributes_of_set(state, product["attribute_set_id"])
    sent = {name: wish[name] for name in TOP_LEVEL if name in wish}
    sent |= {row["attribute_code"]: row["value"] for row in wish.get("custom_attributes") or ()}
    changes = {code: stored_value(known[code], value) for code, value in sent.items() if code in known}
    if is_new:
        changes = {**_defaults(product), **changes}
    if changes.get("name") and not changes.get("url_key") and (is_new or state.switches["name_remakes_url_key"]):
        changes["url_key"] = url_key_of(changes["name"])
    target = ADMIN if is_new else store["id"]
    views = [row["id"] for row in state.store_views.all() if row["website_id"] == store["website_id"]]
    before = product["values"]
    if target != ADMIN and state.switches["view_save_copies"]:  # releases before 2.4.2
        changes = {**product_values(product, target), **changes}
    written = values_with(before, target, changes, {code: scope_of(state, known[code]) for code in changes}, views)
    _refuse_missing(known, product, values_in(written, target))
    return written


def _refuse_missing(known: Mapping[str, Row], product: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Every save wants every required attribute of the set, one that became required later too."""
    priceless = product["type_id"] in (*COMPOSITE, GIFT_CARD)
    for code, attribute in known.items():
        needed = attribute["is_required"] and code != "sku" and not (code == "price" and priceless)
        if needed and values.get(code) is None:
            raise bad(EMPTY_VALUE, code)


def _defaults(product: Mapping[str, Any]) -> Row:
    """What a new product has unless its body says otherwise."""
    own = {"status": 1, "visibility": 4, "options_container": "container2", "tax_class_id": "2"}
    return own | ({"weight": None} if product["type_id"] != SIMPLE else {})


def stored_value(attribute: Mapping[str, Any], value: Any) -> Any:
    """A sent value as its column keeps it. A select keeps any number as an option's id (M14). Raises `Refused`."""
    if value is None or value == "":
        return None
    kind, code = attribute["backend_type"], attribute["attribute_code"]
    try:
        if kind == "decimal":
            return Decimal(str(value))
        if code in ("status", "visibility"):
            return int(value)
    except (InvalidOperation, ValueError) as exc:
        raise bad(BAD_VALUE, fieldName=code, value=value) from exc
    if isinstance(value, bool):
        return str(int(value))
    if kind == "datetime":
        return f"{value} 00:00:00" if len(str(value)) == len("2026-03-15") else str(value)
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _category_links(state: State, wish: Mapping[str, Any], more: Mapping[str, Any]) -> list[Row] | None:
    """The complete new set of categories, or None where nothing was sent of them."""
    links = more.get("category_links")
    if links is None:
        by_code = {row["attribute_code"]: row["value"] for row in wish.get("custom_attributes") or ()}
        if "category_ids" not in by_code:
            return None
        links = [{"category_id": number} for number in by_code["category_ids"] or ()]
    for link in links:
        if not str(link["category_id"]).isdecimal() or int(link["category_id"]) not in state.categories:
            raise Refused(404, NO_CATEGORY, [link["category_id"]])
    return [{"category_id": str(link["category_id"]), "position": link.get("position") or 0} for link in links]


def _parts_saved(state: State, store: Mapping[str, Any], product: Row, wish: Mapping[str, Any]) -> Row:
    """Rows of their own that the body brings: the customer's options, pictures, bundle options, stock."""
    more = wish.get("extension_attributes") or {}
    if "options" in wish:
        options_replace(state, product["id"], wish["options"] or ())
    if "media_gallery_entries" in wish:
        gallery_replace(state, store, product, wish["media_gallery_entries"] or ())
    if more.get("bundle_product_options") is not None:
        bundle_options_replace(state, product["id"], more["bundle_product_options"])
    if more.get("stock_item") is not None:
        stock_item_save(state, product, more["stock_item"])
    return state.products.get(product["id"]) or product


# --- other writes ----------------------------------------------------------------------------------


def values_write(state: State, product_id: int, store_id: int, changes: Mapping[str, Any]) -> None:
    """Set values in exactly one store, without touching the product's clock: the bulk price calls (§20.1)."""
    product = product_by_id(state, product_id)
    scopes = dict.fromkeys(changes, "store")
    state.products.update(product_id, values=values_with(product["values"], store_id, changes, scopes, ()))


def product_rename(state: State, product: Mapping[str, Any], sku: str) -> Row:
    """Another SKU for a product; its source items keep the old one unless the shop synchronises them."""
    if (taken := product_found(state, sku)) is not None and taken["id"] != product["id"]:
        raise bad("The product SKU is already in use.")
    if state.switches["synchronize_with_catalog"]:
        for row in state.source_items.find(sku_key=product["sku_key"]):
            state.update(state.source_items, row["id"], sku=sku, sku_key=sku_key(sku))
    return state.update(state.products, product["id"], sku=sku, sku_key=sku_key(sku))


def product_delete(state: State, product: Mapping[str, Any]) -> None:
    """Remove a product. Its source items and reservations stay behind unless the shop synchronises them."""
    for table in (state.media_entries, state.product_options, state.bundle_options, state.stock_items):
        for row in table.find(product_id=product["id"]):
            table.delete(row["id"])
    url_keys_release(state, product["id"])
    if state.switches["synchronize_with_catalog"]:
        for row in state.source_items.find(sku_key=product["sku_key"]):
            state.source_items.delete(row["id"])
    for parent in parents_of(state, product):
        state.products.update(parent["id"], child_ids=[one for one in parent["child_ids"] if one != product["id"]])
    state.products.delete(product["id"])
