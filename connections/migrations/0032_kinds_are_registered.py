"""Kinds of stores are registered by their rooms: no table lists them, and no kind is everybody's."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("connections", "0031_places_by_text")]
    operations = [
        migrations.AlterField("hook", "system", models.CharField(max_length=12)),
        migrations.AlterField("store", "kind", models.CharField(max_length=12)),
        migrations.AlterField(
            "itemsettings",
            "mode",
            models.CharField(
                choices=[
                    ("manual", "Manage manually"),
                    ("push", "Push Heartland → store"),
                    ("pull", "Pull store → Heartland"),
                ],
                default="manual",
                max_length=6,
            ),
        ),
    ]
