"""Stores of one Heartland account that number their orders alike get prefixes of their own; the first keeps its."""

from itertools import count
from typing import Any

from django.db import migrations


def part(apps: Any, schema_editor: Any) -> None:
    settings, entries = apps.get_model("connections", "OrderSettings"), apps.get_model("connections", "AuditEntry")
    taken: dict[int, set[str]] = {}
    rows = settings.objects.select_related("connection__store").order_by("connection__created_at", "pk")
    for row in rows:
        taken.setdefault(row.connection.heartland_id, set())
        if row.order_prefix.casefold() not in taken[row.connection.heartland_id]:
            taken[row.connection.heartland_id].add(row.order_prefix.casefold())
    seen: dict[int, set[str]] = {}
    for row in rows:
        account, before = row.connection.heartland_id, row.order_prefix
        first = before.casefold() not in seen.setdefault(account, set())
        seen[account].add(before.casefold())
        if first:
            continue
        row.order_prefix = next(one for one in (f"BC{n}-" for n in count(2)) if one.casefold() not in taken[account])
        taken[account].add(row.order_prefix.casefold())
        row.save(update_fields=["order_prefix"])
        detail = {"order_prefix": {"was": before, "is": row.order_prefix}}
        entries.objects.create(
            merchant_id=row.connection.merchant_id,
            action="order_settings.changed",
            subject=(row.connection.store.name or row.connection.store.store_hash)[:160],
            detail=detail,
        )


class Migration(migrations.Migration):
    dependencies = [("connections", "0009_hook_watch")]
    operations = [migrations.RunPython(part, migrations.RunPython.noop)]
