"""Shipments of a BigCommerce order. BigCommerce note §14."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from mappings.core.bigcommerce.tracking import TRACKING_FIELDS, tracking_of
from mappings.core.canonical.shipment import Invoice, Parcel, Shipment, pieces_sorted


def shipment_from_bigcommerce(answer: Mapping[str, Any]) -> Shipment:
    """Read a shipment of the store."""
    pieces = Counter[str]()
    for item in answer.get("items") or ():
        pieces[str(item["order_product_id"])] += int(item["quantity"])
    told = {name: str(answer.get(name) or "") for name in TRACKING_FIELDS}
    return Shipment(
        id=str(answer["id"]),
        address_id=str(answer.get("order_address_id") or ""),
        pieces=pieces_sorted(pieces),
        told=told,
        tracking_number=told["tracking_number"],
        carrier=carrier_in_words(told["shipping_provider"], told["shipping_method"]),
    )


def carrier_in_words(provider: str, service: str) -> str:
    """As in "UPS Ground"; a service that names its carrier says it once."""
    return service if provider.upper() in service.upper() else f"{provider.upper()} {service}".strip()


def shipment_body(parcel: Parcel, invoice: Invoice) -> dict[str, Any]:
    """A parcel as the store takes it."""
    items = [{"order_product_id": int(line), "quantity": count} for line, count in parcel.pieces]
    return {
        "order_address_id": int(parcel.address_id),
        "items": items,
        **tracking_of(invoice).shown,
    }
