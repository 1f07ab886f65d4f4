"""Links to people leave plain e-mail addresses and phones; customers of one order follow at the retention run."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from mappings.person_keys import links_seal


def seal(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    links_seal(apps.get_model("mappings", "Link").objects, of_one_order=False)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("mappings", "0013_stock_as_the_store_shows_it")]

    operations = [migrations.RunPython(seal, migrations.RunPython.noop, elidable=True)]
