"""Fields called by the field's words. The columns keep their names, so that workers of before go on."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mappings", "0016_written_at")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveIndex(model_name="stocklevel", name="stock_level_look"),
                migrations.RenameField(model_name="stocklevel", old_name="told_at", new_name="pushed_at"),
                migrations.AlterField(
                    model_name="stocklevel",
                    name="pushed_at",
                    field=models.DateTimeField(blank=True, db_column="told_at", null=True),
                ),
                migrations.RenameField(model_name="stocklevel", old_name="needs_look", new_name="is_dirty"),
                migrations.AlterField(
                    model_name="stocklevel",
                    name="is_dirty",
                    field=models.BooleanField(db_column="needs_look", default=True),
                ),
                migrations.AddIndex(
                    model_name="stocklevel",
                    index=models.Index(
                        condition=models.Q(("is_dirty", True)), fields=["connection"], name="stock_level_look"
                    ),
                ),
            ]
        )
    ]
