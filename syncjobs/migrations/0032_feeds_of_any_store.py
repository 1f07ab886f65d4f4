"""A store's feeds, and the calls made to it, are named by what they are and not by the kind of store."""

from django.db import migrations, models

BEFORE, NOW = ("bigcommerce.orders", "bigcommerce.products"), ("store.orders", "store.products")


def renamed(old: str, new: str) -> migrations.RunSQL:
    change = "UPDATE syncjobs_cursor SET feed = '{}' WHERE feed = '{}'"
    return migrations.RunSQL(change.format(new, old), change.format(old, new))


class Migration(migrations.Migration):
    dependencies = [("syncjobs", "0031_places_by_text")]
    operations = [
        migrations.AlterField(
            "attempt", "calls_bigcommerce", models.PositiveIntegerField(db_column="calls_bigcommerce", default=0)
        ),
        migrations.RenameField("attempt", "calls_bigcommerce", "calls_store"),
        *map(renamed, BEFORE, NOW),
    ]
