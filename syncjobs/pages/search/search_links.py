"""Hits of a search as links."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from syncjobs.models import InboxEvent, Record
from syncjobs.pages.orders.order_list import order_url
from syncjobs.pages.search.find_items import ItemFound
from syncjobs.pages.search.find_orders import Shopper


def grouped(
    orders: Iterable[Record], items: Iterable[ItemFound], shoppers: Iterable[Shopper], events: Iterable[InboxEvent]
) -> list[dict[str, Any]]:
    """Each group with its hits as links."""
    return [
        {"title": "Orders", "hits": [_order(row) for row in orders]},
        {"title": "Items", "hits": [_item(row) for row in items]},
        {"title": "Shoppers", "hits": [_shopper(row) for row in shoppers]},
        {"title": "Callbacks", "hits": [_event(row) for row in events]},
    ]


def _order(row: Record) -> dict[str, str]:
    detail = " · ".join(filter(None, (row.target_label, str(row.connection.store))))
    return {"text": f"Order {row.title}", "detail": detail, "href": order_url(row)}


def _item(row: ItemFound) -> dict[str, str]:
    detail = " · ".join(filter(None, (row.name, row.number and f"Item # {row.number}")))
    return {"text": row.sku or row.number, "detail": detail, "href": item_url(row)}


def item_url(row: ItemFound) -> str:
    """The stock card of a linked SKU; else the list of links, looked through for it."""
    public_id = row.connection.public_id
    if row.sku and row.number:
        return f"{reverse('inventory_why', args=[public_id])}?{urlencode({'sku': row.sku})}"
    return f"{reverse('items', args=[public_id])}?{urlencode({'q': row.sku or row.number})}"


def _shopper(row: Shopper) -> dict[str, str]:
    count = f"{len(row.orders)} order{'s' if len(row.orders) > 1 else ''}"
    detail = " · ".join(filter(None, (row.email, row.phone, count)))
    return {"text": row.name or row.email or row.phone, "detail": detail, "href": shopper_url(row)}


def shopper_url(row: Shopper) -> str:
    """Their page, which the address names by a keyed digest; a name alone tells nobody from others."""
    if row.email or row.phone:
        return reverse("person", args=[row.connection.public_id, row.term])
    return reverse("order", args=[row.connection.public_id, row.orders[0]])


def _event(row: InboxEvent) -> dict[str, str]:
    return {"text": row.topic, "detail": row.delivery_key, "href": event_url(row)}


def event_url(row: InboxEvent) -> str:
    """The order that a callback told of, or the connection that it came by."""
    about, public_id = row.topic.startswith("store/order/") and row.external_id, row.connection.public_id
    return reverse("order", args=[public_id, about]) if about else reverse("connection", args=[public_id])
