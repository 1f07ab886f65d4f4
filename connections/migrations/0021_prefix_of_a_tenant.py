"""Which stores have their order prefix for themselves in their Heartland tenant, whoever its merchants are.

Of those that share one the oldest keeps it. The others go on numbering as they did, since numbers in Heartland stay what
they are and a taken one is passed over, until a person chooses: the preflight asks, and so does the settings page.
"""

from typing import Any

from django.db import migrations, models


def claim(apps: Any, schema_editor: Any) -> None:
    settings, entries = apps.get_model("connections", "OrderSettings"), apps.get_model("connections", "AuditEntry")
    held = set[tuple[str, str]]()
    rows = settings.objects.select_related("connection__store", "connection__heartland")
    for row in rows.order_by("connection__created_at", "pk"):
        tenant = row.connection.heartland.base_url.lower()
        key = (tenant, row.order_prefix.lower())
        if key not in held:
            held.add(key)
            settings.objects.filter(pk=row.pk).update(tenant=tenant)
            continue
        settings.objects.filter(pk=row.pk).update(tenant="")
        entries.objects.get_or_create(
            merchant_id=row.connection.merchant_id,
            action="order_prefix.shared",
            subject=(row.connection.store.name or row.connection.store.store_hash)[:160],
            detail={"order_prefix": row.order_prefix},
        )


class Migration(migrations.Migration):
    dependencies = [("connections", "0020_people_in_the_trail")]
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
