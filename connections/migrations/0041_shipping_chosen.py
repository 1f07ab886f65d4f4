"""Who ships is a person's decision, also where it is what a store begins with."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def chosen(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Whoever runs already ships somehow: nobody is asked again."""
    settings = apps.get_model("connections", "OrderSettings")
    settings.objects.exclude(connection__state="setting_up").update(is_shipping_chosen=True)


class Migration(migrations.Migration):
    dependencies = [("connections", "0040_outgoing_webhooks")]

    operations = [
        migrations.AddField(
            model_name="ordersettings",
            name="is_shipping_chosen",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunPython(chosen, migrations.RunPython.noop),
    ]
