"""Rules of single items and of categories: which level follows which."""

from collections.abc import Iterator
from itertools import islice

from django.db.models import Q

from connections.models import Connection
from errors.failures import Rejected
from mappings.models import StockLevel, StockRule
from syncjobs.pos import port

ITEMS_AT_ONCE = 2_000


def rules_assign(connection: Connection, stock: port.Stock) -> list[StockRule]:
    """Give every level its rule anew: categories as Heartland holds them now, one call for a thousand items of each.

    Items win over categories; of two categories the later one in their listing. Nothing is asked without a rule. A
    rule that Heartland cannot apply is answered, with its `problem`, and its items keep it as they had it.
    """
    levels = StockLevel.objects.filter(connection=connection)
    rules = StockRule.objects.filter(connection=connection, location=None)
    found = [(rule, _items(stock, rule)) for rule in rules.exclude(field="")]
    bad = [rule for rule, items in found if items is None]
    levels.filter(rule__isnull=False).exclude(rule__in=bad).update(rule=None)
    for rule, items in found:
        for some in _chunks(iter(items or ())):
            levels.filter(item_id__in=some).update(rule=rule)
    for rule in rules.filter(field=""):
        levels.filter(sku=rule.value).update(rule=rule)
    return bad


def _items(stock: port.Stock, rule: StockRule) -> list[int] | None:
    """The items of a category; None when Heartland refuses to look for them: then the rule says why."""
    problem, items = "", None
    try:
        items = stock.of_category(rule.field, rule.value)
    except Rejected as refusal:
        problem = refusal.summary[:300]
    if rule.problem != problem:
        rule.problem = problem
        rule.save(update_fields=["problem"])
    return items


def rules_of_items(connection: Connection) -> None:
    """Rules of single items only, for levels that came since the last full run. Asks nobody."""
    for rule in StockRule.objects.filter(connection=connection, field="", location=None):
        levels = StockLevel.objects.filter(~Q(rule=rule) | Q(rule=None), connection=connection, sku=rule.value)
        levels.update(rule=rule)


def _chunks(items: Iterator[int]) -> Iterator[list[int]]:
    while chunk := list(islice(items, ITEMS_AT_ONCE)):
        yield chunk
