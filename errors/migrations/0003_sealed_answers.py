"""Answers of outside systems are kept encrypted, and for days only."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import connections.crypto
from ipaas.masking import masked

AT_ONCE = 500


def seal(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Move each plain answer into the encrypted column; what an old worker still writes, the retention run drops."""
    rows = apps.get_model("errors", "SyncError").objects.exclude(detail="")
    while page := list(rows.order_by("pk")[:AT_ONCE]):
        for row in page:
            rows.filter(pk=row.pk).update(answer=masked(row.detail), detail="")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("errors", "0002_longer_ids")]

    operations = [
        migrations.AddField(
            model_name="syncerror",
            name="answer",
            field=connections.crypto.EncryptedTextField(blank=True, db_default=""),
        ),
        migrations.AlterField(
            model_name="syncerror",
            name="detail",
            field=models.TextField(blank=True, db_default="", default="", editable=False),
        ),
        migrations.RunPython(seal, migrations.RunPython.noop, elidable=True),
    ]
