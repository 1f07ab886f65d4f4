"""Returns at the tills get a cursor of their own, where that of the invoices stands. May be run again."""

from typing import Any

from django.db import migrations


NAMES = ("connection_id", "position", "due_at")


def begin(apps: Any, schema_editor: Any) -> None:
    cursors = apps.get_model("syncjobs", "Cursor").objects
    on = cursors.filter(connection__order_settings__till_returns__in=["store", "noted"])
    for connection, position, due_at in on.filter(feed="heartland.invoices").values_list(*NAMES):
        known = {"position": position, "due_at": due_at}
        cursors.get_or_create(connection_id=connection, feed="heartland.till_returns", defaults=known)


class Migration(migrations.Migration):
    dependencies = [
        ("connections", "0048_promise_days"),
        ("syncjobs", "0049_ended_orders"),
    ]
    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
