"""Lists of the API among many: a page looks at no more rows than it needs, at whatever number of records."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from connections.wall import wall_lower, wall_raise
from tests import factories
from tests.api.conftest import program
from tests.scale.many_records import BIG, ROWS, fill
from tests.screens.conftest import open_shop

pytestmark = pytest.mark.skipif(database.vendor != "postgresql", reason="plans are PostgreSQL's")
MOST_ROWS = 1_500  # of one table, that one statement may look at
LISTS = ["orders", "payments", "records", "records?flow=orders", "runs", "jobs"]
JOBS = """
INSERT INTO syncjobs_syncjob (connection_id, lane_id, flow, external_id, status, cause, hints, requested_at, attempts,
    deaths, not_before, created_at)
SELECT connection_id, lane_id, flow, 'n' || n, status, cause, hints, requested_at, attempts, deaths, not_before,
    created_at FROM syncjobs_syncjob, generate_series(1, %s) AS n WHERE id = %s"""


@pytest.mark.django_db
def test_no_list_of_the_api_looks_at_more_rows_than_it_shows() -> None:
    shop = open_shop("Harbor & Pine")
    fill(shop.connection)
    with database.cursor() as cursor:
        cursor.execute(JOBS, [ROWS, factories.job(shop.connection, "1").pk])
        cursor.execute("ANALYZE syncjobs_syncjob")
    caller, owner = program(shop), next(iter(shop.people.values()))
    wide = []
    for path in LISTS:
        with CaptureQueriesContext(database) as log:
            assert len(caller.get(path)["data"]) == 50
        wall_raise(owner)
        wide += [f"{path} {one}" for query in log for one in looks(query["sql"]) if one[1] > MOST_ROWS]
        wall_lower()
    assert wide == []


def looks(statement: str) -> list[tuple[str, float]]:
    """The big tables that a statement scans, with how many rows it looks at."""
    if not statement.startswith("SELECT") or not re.search(r'"syncjobs_(record|syncjob|run)"', statement):
        return []
    with database.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}")
        (plan,) = cursor.fetchone()[0]
    return [one for one in scans(plan["Plan"]) if one[0] in {*BIG, "syncjobs_syncjob"}]


def scans(plan: dict[str, Any]) -> Iterator[tuple[str, float]]:
    if "Relation Name" in plan:
        rows = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
        yield plan["Relation Name"], rows * plan["Actual Loops"]
    for part in plan.get("Plans", []):
        yield from scans(part)
