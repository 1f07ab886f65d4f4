"""Products that were read before are found as well. May be run again, and while others write."""

from typing import Any

from django.db import migrations

from mappings.product_terms import AT_ONCE, terms_write


def fill(apps: Any, schema_editor: Any) -> None:
    products, skus, terms = (
        apps.get_model("mappings", name).objects for name in ("CatalogueProduct", "CatalogueSku", "ProductTerm")
    )
    last = 0
    while page := list(products.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        last = page[-1]
        terms_write(page, products, skus, terms)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("mappings", "0021_search_terms")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
