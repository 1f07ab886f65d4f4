from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Q


def drop_links_from_too_little(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Forget whom an empty key, or a phone number without a name, was taken for: the next order looks anew."""
    links = apps.get_model("mappings", "Link").objects.filter(kind="customer")
    links.filter(Q(source_id="") | Q(source_id__startswith="phone:")).delete()


class Migration(migrations.Migration):
    dependencies = [("mappings", "0006_fulfilment")]

    operations = [migrations.RunPython(drop_links_from_too_little, migrations.RunPython.noop, elidable=True)]
