"""What outside systems said before there was a redactor is read by it now, where it stands."""

from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from ipaas.masking import masked

AT_ONCE = 1_000
TEXTS = (
    ("errors", "SyncError", "reason"),
    ("errors", "Issue", "title"),
    ("syncjobs", "Record", "reason"),
    ("syncjobs", "Attempt", "sentence"),
    ("syncjobs", "Cursor", "failure"),
    ("syncjobs", "Circuit", "reason"),
    ("syncjobs", "Run", "sentence"),
    ("syncjobs", "RunChange", "reason"),
)


def mask(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Each text, a thousand at a time; only what changes is written, and only if nobody wrote it meanwhile."""
    for app, model, field in TEXTS:
        rows = apps.get_model(app, model).objects
        last = 0
        while page := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", field)[:AT_ONCE]):
            last = page[-1][0]
            for pk, text in page:
                if (fresh := masked(text)) != text:
                    rows.filter(pk=pk, **{field: text}).update(**{field: fresh})
    errors: Any = apps.get_model("errors", "SyncError").objects
    for pk, violations in errors.exclude(violations=[]).values_list("pk", "violations").iterator(AT_ONCE):
        fresh = [{**one, "sentence": masked(one.get("sentence", ""))} for one in violations]
        if fresh != violations:
            errors.filter(pk=pk, violations=violations).update(violations=fresh)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("syncjobs", "0024_echoes_ours"), ("errors", "0003_sealed_answers")]

    operations = [migrations.RunPython(mask, migrations.RunPython.noop, elidable=True)]
