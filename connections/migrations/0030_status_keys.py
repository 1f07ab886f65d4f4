"""Statuses are the store's own words: keys as text instead of numbers. What was chosen stays chosen."""

from typing import Any

from django.db import migrations, models

ONE = ("booked_status", "part_shipped_status", "shipped_status")
MANY = ("eligible_statuses", "held_statuses")
UNCHANGED = "0"  # as a number
TEXT: dict[str, Any] = {"blank": True, "default": "", "max_length": 40}


def as_text(apps: Any, schema_editor: Any) -> None:
    """Harmless when it runs again: text stays as it is."""
    for row in apps.get_model("connections", "OrderSettings").objects.iterator():
        lists = {name: [str(key) for key in getattr(row, name)] for name in MANY}
        single = {name: "" if (key := getattr(row, name)) == UNCHANGED else key for name in ONE}
        type(row).objects.filter(pk=row.pk).update(**lists, **single)


def as_numbers(apps: Any, schema_editor: Any) -> None:
    for row in apps.get_model("connections", "OrderSettings").objects.iterator():
        lists = {name: [int(key) for key in getattr(row, name)] for name in MANY}
        single = {name: getattr(row, name) or UNCHANGED for name in ONE}
        type(row).objects.filter(pk=row.pk).update(**lists, **single)


class Migration(migrations.Migration):
    dependencies = [("connections", "0029_former_numbering")]
    operations = [
        *(
            migrations.RemoveConstraint(model_name="ordersettings", name=name)
            for name in ("shipped_status_known", "booked_status_known", "part_shipped_known")
        ),
        *(
            migrations.AlterField(model_name="ordersettings", name=name, field=models.CharField(**kept))
            for name in ONE
            for kept in (TEXT, TEXT | {"db_default": ""})  # no default of one type stands while the type changes
        ),
        migrations.AlterField(
            model_name="ordersettings",
            name="sales_rep",
            field=models.CharField(blank=True, default="", max_length=40),
        ),
        migrations.AlterField(
            model_name="ordersettings",
            name="shipping",
            field=models.CharField(
                choices=[
                    ("staff", "Staff distribute each order"),
                    ("one", "One location ships everything"),
                    ("invoiced", "One location ships everything, and orders are invoiced at once"),
                    ("priority", "Several locations ship, the first that has the goods"),
                    ("nearest", "Several locations ship, the nearest that has the goods"),
                    (
                        "store",
                        "Somebody else ships from one location; orders come down once the store has shipped them",
                    ),
                ],
                db_default="staff",
                default="staff",
                max_length=8,
            ),
        ),
        migrations.RunPython(as_text, as_numbers),
    ]
