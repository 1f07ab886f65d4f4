"""Pictures of products: every upload adds one, a role belongs to one picture at a time (note §14.2, cases M15, M16)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from ipaas.sandbox.magento.call import Call
from ipaas.sandbox.magento.errors import Refused, bad
from ipaas.sandbox.magento.goods.attribute_rows import ROLES
from ipaas.sandbox.magento.goods.product_rows import (
    entry_shape,
    gallery_of,
    gallery_shape,
    product_by_id,
    product_by_sku,
    product_values,
)
from ipaas.sandbox.magento.goods.scoped_values import ADMIN, values_with
from ipaas.sandbox.magento.routing import Routes
from ipaas.sandbox.magento.state import Row, State

routes = Routes()
NO_ENTRY = "No image with the provided ID was found. Verify the ID and try again."
NO_CONTENT = "The image content is invalid. Verify the content and try again."
BAD_TEXT = "The image content must be valid base64 encoded data."
BAD_TYPE = "The image MIME type is not valid or not supported."
BAD_NAME = "Provided image name contains forbidden characters."
TYPES = ("image/jpeg", "image/jpg", "image/png", "image/gif")
FORBIDDEN = re.compile(r'[/\\?*:";<>()|{}]')


def gallery_replace(
    state: State, store: Mapping[str, Any], product: Mapping[str, Any], wishes: Sequence[Mapping[str, Any]]
) -> None:
    """Make the gallery exactly the given pictures: those with a known `id` stay, the others are uploads."""
    held = {row["id"]: row for row in gallery_of(state, product["id"])}
    for gone in held.keys() - {wish.get("id") for wish in wishes}:
        entry_delete(state, product["id"], held[gone])
    for wish in wishes:
        if wish.get("id") in held:
            entry_update(state, store, product["id"], held[wish["id"]], wish)
        else:
            entry_add(state, store, product["id"], wish)


def entry_add(state: State, store: Mapping[str, Any], product_id: int, wish: Mapping[str, Any]) -> Row:
    """Add a picture under a file name of its own. Raises `Refused`."""
    content = wish.get("content")
    if not content or not content.get("base64_encoded_data"):
        raise bad(NO_CONTENT)
    data, kind, name = content["base64_encoded_data"], content.get("type"), str(content.get("name") or "")
    _check(data, kind, name)
    entry = state.insert(
        state.media_entries,
        {
            "product_id": product_id,
            "media_type": wish.get("media_type") or "image",
            "label": wish.get("label"),
            "position": wish.get("position") or len(gallery_of(state, product_id)) + 1,
            "disabled": bool(wish.get("disabled")),
            "file": _free_file(state, name),
            "data": data,
            "mime_type": kind,
        },
    )
    _roles_set(state, store, product_id, entry, wish.get("types") or ())
    return entry


def _check(data: str, kind: Any, name: str) -> None:
    try:
        base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise bad(BAD_TEXT) from exc
    if kind not in TYPES:
        raise bad(BAD_TYPE)
    if not name or FORBIDDEN.search(name):
        raise bad(BAD_NAME)


def _free_file(state: State, name: str) -> str:
    """`/t/r/trail.jpg`, or `/t/r/trail_1.jpg` where that exists."""
    path = PurePosixPath(re.sub(r"[^A-Za-z0-9._-]+", "_", name).lower())
    folder = "/".join(letter if letter != "." else "_" for letter in path.name[:2])
    taken, number, file = state.media_entries, 0, f"/{folder}/{path.name}"
    while taken.first(file=file) is not None:
        number += 1
        file = f"/{folder}/{path.stem}_{number}{path.suffix}"
    return file


def entry_update(
    state: State, store: Mapping[str, Any], product_id: int, entry: Mapping[str, Any], wish: Mapping[str, Any]
) -> None:
    """Change label, position and whether it is hidden; `types`, when sent, are the complete roles of the picture."""
    changes = {
        name: wish[name] for name in ("media_type", "label", "position", "disabled") if wish.get(name) is not None
    }
    state.update(state.media_entries, entry["id"], changes)
    if wish.get("types") is not None:
        _roles_set(state, store, product_id, entry, wish["types"])


def _roles_set(
    state: State, store: Mapping[str, Any], product_id: int, entry: Mapping[str, Any], roles: Sequence[str]
) -> None:
    product = product_by_id(state, product_id)
    values = product_values(product, store["id"])
    changes: Row = {role: entry["file"] for role in roles if role in ROLES}
    changes |= {role: None for role in ROLES if values.get(role) == entry["file"] and role not in roles}
    written = values_with(product["values"], store["id"], changes, {}, ())
    state.products.update(product_id, values=written)


def entry_delete(state: State, product_id: int, entry: Mapping[str, Any]) -> None:
    """Remove a picture and every role that it has, in any store."""
    product = product_by_id(state, product_id)
    values = {
        store: {code: value for code, value in rows.items() if code not in ROLES or value != entry["file"]}
        for store, rows in product["values"].items()
    }
    state.products.update(product_id, values=values)
    state.media_entries.delete(entry["id"])


def _entry(call: Call, product: Mapping[str, Any], entry_id: int) -> Row:
    row = call.state.media_entries.get(entry_id)
    if row is None or row["product_id"] != product["id"]:
        raise Refused(404, NO_ENTRY)
    return row


@routes.get("/V1/products/{sku}/media")
def media_list(call: Call) -> list[Row]:
    """Every picture of a product."""
    return gallery_shape(call.state, product_by_sku(call.state, call.path["sku"]), call.store_id)


@routes.get("/V1/products/{sku}/media/{entryId}")
def media_get(call: Call) -> Row:
    """One picture."""
    product = product_by_sku(call.state, call.path["sku"])
    return entry_shape(_entry(call, product, call.path["entryId"]), product_values(product, call.store_id))


@routes.post("/V1/products/{sku}/media")
def media_post(call: Call) -> int:
    """Add a picture; the same one sent twice is there twice (M15)."""
    product = product_by_sku(call.state, call.path["sku"])
    return int(entry_add(call.state, {"id": ADMIN}, product["id"], call.body["entry"])["id"])


@routes.put("/V1/products/{sku}/media/{entryId}")
def media_put(call: Call) -> bool:
    """Change a picture."""
    product = product_by_sku(call.state, call.path["sku"])
    entry = _entry(call, product, int(call.path["entryId"]))
    entry_update(call.state, call.store, product["id"], entry, call.body["entry"])
    return True


@routes.delete("/V1/products/{sku}/media/{entryId}")
def media_delete(call: Call) -> bool:
    """Take a picture away."""
    product = product_by_sku(call.state, call.path["sku"])
    entry_delete(call.state, product["id"], _entry(call, product, call.path["entryId"]))
    return True
