"""Ids of products, variants and items are text, whatever a store makes of them; two columns get their fields' names.

Stop workers before, as for any upgrade. Where it is undone, ids that are no numbers are asked of the store again.
"""

from typing import Any

from django.db import migrations, models

COLUMN = "ALTER TABLE mappings_stocklevel ALTER {name}"
TEXT = f"""{COLUMN} TYPE varchar(80) USING COALESCE({{name}}::text, ''),
    ALTER {{name}} SET DEFAULT '', ALTER {{name}} SET NOT NULL"""
NUMBER = f"""{COLUMN} DROP DEFAULT, ALTER {{name}} DROP NOT NULL,
    ALTER {{name}} TYPE bigint USING substring({{name}} from '^[0-9]{{{{1,18}}}}$')::bigint"""


class AlterId(migrations.AlterField):
    """On PostgreSQL one statement: Django's four would write the rows twice, and then meet their waiting checks."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        else:
            schema_editor.execute(TEXT.format(name=self.name), params=None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor != "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
        else:
            schema_editor.execute(NUMBER.format(name=self.name), params=None)


def numbers_keep(apps: Any, schema_editor: Any) -> None:
    apps.get_model("mappings", "CatalogueSku").objects.exclude(external_id__regex=r"^[0-9]{1,18}$").delete()


class Migration(migrations.Migration):
    dependencies = [("mappings", "0019_side_of_any_store")]
    operations = [
        AlterId("stocklevel", "product_id", models.CharField(blank=True, db_default="", default="", max_length=80)),
        AlterId("stocklevel", "variant_id", models.CharField(blank=True, db_default="", default="", max_length=80)),
        migrations.AlterField("cataloguesku", "external_id", models.CharField(max_length=80)),
        migrations.RunPython(migrations.RunPython.noop, numbers_keep),
        migrations.AlterField("stocklevel", "pushed_at", models.DateTimeField(blank=True, null=True)),
        migrations.AlterField("stocklevel", "is_dirty", models.BooleanField(default=True)),
    ]
