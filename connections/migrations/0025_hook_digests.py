"""Addresses of hooks are kept encrypted, and looked up by digest; in plain only while workers of before read them."""

from datetime import timedelta

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone

import connections.crypto

OLD_WORKERS = timedelta(days=1)


def seal(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Keep each address encrypted beside itself; connections.hooks.hooks_seal takes the plain one out a day later."""
    hooks = apps.get_model("connections", "Hook").objects
    for hook in hooks.filter(sealed_token="").iterator():
        hooks.filter(pk=hook.pk).update(sealed_token=hook.path_token, plain_until=timezone.now() + OLD_WORKERS)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("connections", "0024_other_payments_chosen")]

    operations = [
        migrations.AddField(
            model_name="hook",
            name="sealed_token",
            field=connections.crypto.EncryptedTextField(blank=True, db_default=""),
        ),
        migrations.AddField(model_name="hook", name="plain_until", field=models.DateTimeField(blank=True, null=True)),
        migrations.RunPython(seal, migrations.RunPython.noop, elidable=True),
    ]
