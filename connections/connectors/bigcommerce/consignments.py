"""One reader for every shape in which an order's consignments come (notes §11)."""

from collections.abc import Iterator
from typing import Any

from ipaas.types import JSON


def consignments_object(value: Any) -> JSON:
    """The documented object, {shipping, pickups, downloads, email}, each a list of objects, whatever came.

    The legacy array holds that object, or the consignments themselves. Links, null and anything else hold nothing,
    which is never proof that the order has none.
    """
    found: JSON = {"shipping": [], "pickups": [], "downloads": [], "email": {"gift_certificates": []}}
    for group in value if isinstance(value, list) else [value]:
        if not isinstance(group, dict):
            continue
        if "line_items" in group:
            found[_kind(group)].append(group)
            continue
        for kind in ("shipping", "pickups", "downloads"):
            found[kind] += _objects(group.get(kind))
        email = group.get("email")
        found["email"]["gift_certificates"] += _objects(isinstance(email, dict) and email.get("gift_certificates"))
    return found


def lines_inside(consignments: JSON) -> Iterator[JSON]:
    """Yield every order line inside the object; a certificate may be listed as the line itself."""
    for kind in ("shipping", "pickups", "downloads"):
        for consignment in consignments[kind]:
            yield from _objects(consignment.get("line_items"))
    for certificate in consignments["email"]["gift_certificates"]:
        inside = _objects(certificate.get("line_items"))
        yield from inside or ([certificate] if "quantity" in certificate else [])


def _kind(consignment: JSON) -> str:
    """Which list of the object a bare consignment belongs to, told by its own fields."""
    if "pickup_method_id" in consignment:
        return "pickups"
    return "shipping" if "shipping_method" in consignment or "street_1" in consignment else "downloads"


def _objects(value: Any) -> list[JSON]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
