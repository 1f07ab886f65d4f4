"""Pictures of products beside their names: addresses that the store's catalogue told, of hosts that pages may show."""

from collections.abc import Collection
from urllib.parse import urlsplit

from django.conf import settings

from connections.models import Connection
from mappings.models import CatalogueSku, Side


def pictures_of(connection: Connection, skus: Collection[str]) -> dict[str, str]:
    """By SKU: the address of its product's first picture. Browsers are sent nowhere else than to `PICTURE_HOSTS`."""
    if not settings.PICTURE_HOSTS or not skus:
        return {}
    rows = CatalogueSku.objects.filter(connection=connection, side=Side.STORE, sku__in=skus)
    told = rows.values_list("sku", "product__facts__pictures__0")
    return {sku: address for sku, address in told if address and is_allowed(address)}


def is_allowed(address: str) -> bool:
    """Whether the page's policy lets a browser fetch it."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return f"{parts.scheme}://{parts.netloc}" in settings.PICTURE_HOSTS
