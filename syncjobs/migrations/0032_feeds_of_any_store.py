"""A store's feeds, and the calls made to it, are named by what they are and not by the kind of store."""

from django.db import migrations, models

BEFORE, NOW = ("bigcommerce.orders", "bigcommerce.products"), ("store.orders", "store.products")


def renamed(old: str, new: str) -> migrations.RunSQL:
    """A row that a worker of before made meanwhile gives way to the one that is there."""
    return migrations.RunSQL(rename(old, new), rename(new, old))


def rename(old: str, new: str) -> list[str]:
    known = f"SELECT connection_id FROM syncjobs_cursor WHERE feed = '{new}'"
    return [
        f"DELETE FROM syncjobs_cursor WHERE feed = '{old}' AND connection_id IN ({known})",
        f"UPDATE syncjobs_cursor SET feed = '{new}' WHERE feed = '{old}'",
    ]


class Migration(migrations.Migration):
    dependencies = [("syncjobs", "0031_places_by_text")]
    operations = [
        migrations.AlterField(
            "attempt", "calls_bigcommerce", models.PositiveIntegerField(db_column="calls_bigcommerce", default=0)
        ),
        migrations.RenameField("attempt", "calls_bigcommerce", "calls_store"),
        *map(renamed, BEFORE, NOW),
    ]
