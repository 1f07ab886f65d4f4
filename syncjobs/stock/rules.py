"""Rules of single items and of categories: which level follows which."""

from collections.abc import Iterator
from itertools import islice

from django.db.models import Q

from connections.connectors.heartland import HeartlandClient
from connections.models import Connection
from mappings.models import StockLevel, StockRule

ITEMS_AT_ONCE = 2_000


def rules_assign(connection: Connection, heartland: HeartlandClient) -> None:
    """Give every level its rule anew: categories as Heartland holds them now, one call for a thousand items of each.

    Items win over categories; of two categories the later one in their listing. Nothing is asked without a rule.
    """
    levels = StockLevel.objects.filter(connection=connection)
    levels.filter(rule__isnull=False).update(rule=None)
    for rule in StockRule.objects.filter(connection=connection).exclude(field=""):
        for items in _chunks(
            int(row["id"]) for row in heartland.iter_items(only=["id"], custom=(rule.field, rule.value))
        ):
            levels.filter(item_id__in=items).update(rule=rule)
    for rule in StockRule.objects.filter(connection=connection, field=""):
        levels.filter(sku=rule.value).update(rule=rule)


def rules_of_items(connection: Connection) -> None:
    """Rules of single items only, for levels that came since the last full run. Asks nobody."""
    for rule in StockRule.objects.filter(connection=connection, field=""):
        levels = StockLevel.objects.filter(~Q(rule=rule) | Q(rule=None), connection=connection, sku=rule.value)
        levels.update(rule=rule)


def _chunks(items: Iterator[int]) -> Iterator[list[int]]:
    while chunk := list(islice(items, ITEMS_AT_ONCE)):
        yield chunk
