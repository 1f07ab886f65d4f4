"""The form of the Order Fulfillment tab, as tests fill it."""

from typing import Any

from django.test import Client

from connections.models import Location, OrderSettings
from syncjobs.models import SyncJob
from tests.screens.conftest import Shop


def settings_of(shop: Shop) -> OrderSettings:
    return OrderSettings.objects.get(connection=shop.connection)


def filled(shop: Shop, **changes: Any) -> dict[str, Any]:
    """The form as drawn, with some answers changed."""
    row = settings_of(shop)
    data: dict[str, Any] = {
        "eligible_statuses": row.eligible_statuses,
        "source_location": row.source_location_id,
        "payment_type_id": row.payment_type_id,
        "books_other_payments": "on" if row.books_other_payments else None,
        "currency": shop.connection.heartland.currency,
        "order_prefix": row.order_prefix,
        "sales_rep": row.sales_rep,
        "guest_policy": row.guest_policy,
        "customisation": row.customisation,
        "takes_unpaid": "on" if row.takes_unpaid else None,
        "shipping": row.shipping,
        "sends_shipments": "on" if row.sends_shipments else None,
        "notifies_shopper": "on" if row.notifies_shopper else None,
        "shipped_status": row.shipped_status,
        "books_refunds": "on" if row.books_refunds else None,
        "restocks_refunds": "on" if row.restocks_refunds else None,
    }
    return {name: value for name, value in (data | changes).items() if value is not None}


def save(shop: Shop, client: Client | None = None, **changes: Any) -> Any:
    return (client or shop.client()).post(shop.at("fulfillment/"), filled(shop, **changes))


def pending(shop: Shop) -> list[str]:
    rows = SyncJob.objects.filter(connection=shop.connection, status="pending")
    return sorted(rows.values_list("external_id", flat=True))


def place(shop: Shop, name: str) -> Location:
    return Location.objects.get(account=shop.connection.heartland, name=name)
