"""Products as they were before a run wrote them: kept before the write, so that no kill loses one."""

import json
from collections.abc import Collection, Sequence
from typing import Any

from django.utils import timezone

from connections.models import Connection
from mappings.core.canonical.listing import store_product
from mappings.core.canonical.product import Policy, Product
from mappings.models import CatalogueProduct, Side
from syncjobs.models import BeforeImage, Run

LARGEST = 256_000  # signs of an image: a product with hundreds of variants; a larger one cannot be put back


def before_keep(run: Run, side: Side, keys: Collection[str]) -> None:
    """Keep these products as they were last read; of one that the run had begun with before, the first image stays."""
    images = images_of(run.connection, side, keys)
    BeforeImage.objects.bulk_create(
        [BeforeImage(run=run, key=key, at=timezone.now(), **fitted("before", image)) for key, image in images.items()],
        ignore_conflicts=True,
    )


def after_keep(run: Run, side: Side, touched: Sequence[str]) -> None:
    """Note how the run left them, as they were read again; also those that a killed worker had not come to."""
    missing = set(run.images.filter(after={}).values_list("key", flat=True))
    images = images_of(run.connection, side, {*touched, *missing})
    known = {image.key: image for image in run.images.filter(key__in=images)}
    for key, image in images.items():
        row = known.get(key) or BeforeImage(run=run, key=key, at=timezone.now())
        for name, value in fitted("after", image).items():
            setattr(row, name, value)
        row.save()


def images_of(connection: Connection, side: Side, keys: Collection[str]) -> dict[str, dict[str, Any]]:
    """What is kept of some products of a side, by id."""
    rows = CatalogueProduct.objects.filter(connection=connection, side=side, external_id__in=list(keys))
    return {
        row.external_id: {
            "product": row.facts,
            "variants": {sku.external_id: sku.facts for sku in row.skus.order_by("pk")},
        }
        for row in rows.prefetch_related("skus")
    }


def fitted(name: str, image: dict[str, Any]) -> dict[str, Any]:
    """The image, or that it is too large to be kept."""
    is_too_large = len(json.dumps(image)) > LARGEST
    return {"is_too_large": True} if is_too_large else {name: image}


def product_of(key: str, image: dict[str, Any], policy: Policy) -> Product:
    """The product that an image shows."""
    return store_product(key, image["product"], image["variants"], policy)
