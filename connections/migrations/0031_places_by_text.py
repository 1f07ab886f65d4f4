"""Which location of the store one feeds is kept as the port says it: text."""

from typing import Any

from django.db import migrations, models

TEXT: dict[str, Any] = {"default": "1", "max_length": 80}


class Migration(migrations.Migration):
    dependencies = [("connections", "0030_status_keys")]

    operations = [
        migrations.AlterField(
            model_name="connectionlocation", name="store_location", field=models.CharField(**kept)
        )
        for kept in (TEXT, TEXT | {"db_default": "1"})  # no default of one type stands while the type changes
    ]
