"""A catalogue's side is Heartland's or the store's, whatever kind of store it is."""

from django.db import migrations, models

SIDES = models.CharField(choices=[("heartland", "Heartland"), ("store", "Store")], max_length=12)
KNOWN = models.CheckConstraint(condition=models.Q(("side__in", ["heartland", "store"])), name="catalogue_side")


def renamed(table: str) -> migrations.RunSQL:
    change = f"UPDATE {table} SET side = '{{}}' WHERE side = '{{}}'"  # noqa: S608 (two tables of ours)
    return migrations.RunSQL(change.format("store", "bigcommerce"), change.format("bigcommerce", "store"))


class Migration(migrations.Migration):
    dependencies = [("mappings", "0018_places_by_text")]
    operations = [
        migrations.RemoveConstraint("catalogueproduct", "catalogue_side"),
        migrations.AlterField("catalogueproduct", "side", SIDES),
        migrations.AlterField("cataloguesku", "side", SIDES),
        renamed("mappings_catalogueproduct"),
        renamed("mappings_cataloguesku"),
        migrations.AddConstraint("catalogueproduct", KNOWN),
    ]
