"""How many rows the statements of a page look at."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection as database

from connections.wall import wall_lower, wall_raise
from tests.screens.conftest import Shop

MOST_ROWS = 1_500  # of one table, that one statement may look at
BIG_ONES = re.compile(
    r'"(syncjobs_(record|syncjob|run|attempt|inboxevent|giftcard|cardmovement|customeridentity)'
    r'|errors_syncerror|mappings_(link|cataloguesku|catalogueproduct|stocklevel))"'
)


def looks(shop: Shop, log: Iterable[dict[str, Any]]) -> list[tuple[str, float]]:
    """The big tables that a statement of a page scans beyond MOST_ROWS, with how many rows it looks at."""
    found = []
    wall_raise(next(iter(shop.people.values())))
    with database.cursor() as cursor:
        for statement in dict.fromkeys(one["sql"] for one in log):
            if statement.startswith("SELECT") and BIG_ONES.search(statement) and "NOT EXISTS" not in statement:
                cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}")
                (plan,) = cursor.fetchone()[0]
                found += [one for one in scans(plan["Plan"]) if one[1] > MOST_ROWS]
    wall_lower()
    return found


def scans(plan: dict[str, Any]) -> Iterator[tuple[str, float]]:
    if BIG_ONES.search(f'"{plan.get("Relation Name", "")}"'):
        rows = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
        yield plan["Relation Name"], rows * plan["Actual Loops"]
    for part in plan.get("Plans", []):
        yield from scans(part)
