"""Which stores have their order prefix for themselves in their Heartland tenant, whoever its merchants are.

Of those that share one the oldest keeps it. The others go on numbering as they did, since numbers in Heartland stay what
they are and a taken one is passed over, until a person chooses: the preflight asks, and so does the settings page.
"""

from typing import Any

from django.db import migrations, models


def claim(apps: Any, schema_editor: Any) -> None:
    settings = apps.get_model("connections", "OrderSettings")
    held = set[tuple[str, str]]()
    rows = settings.objects.select_related("connection__heartland")
    for row in rows.order_by("connection__created_at", "pk"):
        tenant = row.connection.heartland.base_url.lower()
        key = (tenant, row.order_prefix.lower())
        settings.objects.filter(pk=row.pk).update(tenant="" if key in held else tenant)
        held.add(key)


class Migration(migrations.Migration):
    dependencies = [("connections", "0021_trail_is_kept")]
    operations = [
        migrations.AddField(
            model_name="ordersettings",
            name="tenant",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=300),
        ),
        migrations.AlterField(
            model_name="ordersettings",
            name="order_prefix",
            field=models.CharField(default="BC-", max_length=10),
        ),
        migrations.RunPython(claim, migrations.RunPython.noop),
    ]
