"""Lists of the API, and the dashboard, among many: neither looks at more rows than it shows, however many there are."""

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from syncjobs.models import SyncJob
from tests import factories
from tests.api.conftest import program
from tests.scale.many_records import ROWS, fill
from tests.scale.plans import looks
from tests.screens.conftest import Shop, open_shop

pytestmark = pytest.mark.skipif(database.vendor != "postgresql", reason="plans are PostgreSQL's")
LISTS = ["orders", "payments", "records", "records?flow=orders", "runs", "jobs"]
JOBS = """
INSERT INTO syncjobs_syncjob (connection_id, lane_id, flow, external_id, status, cause, hints, requested_at, attempts,
    deaths, not_before, created_at)
SELECT connection_id, lane_id, flow, 'n' || n, status, cause, hints, requested_at, attempts, deaths, not_before,
    created_at FROM syncjobs_syncjob, generate_series(1, %s) AS n WHERE id = %s"""


TRIES = """
INSERT INTO syncjobs_attempt SELECT (jsonb_populate_record(one, jsonb_build_object('id', one.id + job.id, 'job_id',
    job.id))).* FROM syncjobs_attempt AS one, syncjobs_syncjob AS job WHERE one.id = %s AND job.id <> one.job_id"""


@pytest.mark.django_db
def test_no_list_of_the_api_looks_at_more_rows_than_it_shows() -> None:
    shop = open_shop("Harbor & Pine")
    fill(shop.connection)
    fill_jobs(shop)
    caller = program(shop)
    wide = []
    for path in LISTS:
        with CaptureQueriesContext(database) as log:
            assert len(caller.get(path)["data"]) == 50
        wide += [f"{path} {one}" for one in looks(shop, log)]
    assert wide == []


@pytest.mark.django_db
def test_the_dashboard_looks_at_no_more_jobs_and_tries_than_it_shows() -> None:
    shop = open_shop("Harbor & Pine")
    tried = factories.attempt(fill_jobs(shop))
    with database.cursor() as cursor:
        cursor.execute(TRIES, [tried.pk])
        cursor.execute("ANALYZE syncjobs_attempt")
    with CaptureQueriesContext(database) as log:
        page = shop.client().get("/")
    assert "120 orders" in page.content.decode()
    assert looks(shop, log) == []


def fill_jobs(shop: Shop) -> SyncJob:
    """As many as there are orders, all done; answers one of them."""
    job = factories.job(shop.connection, "1")
    SyncJob.objects.filter(pk=job.pk).update(status=SyncJob.Status.DONE)
    with database.cursor() as cursor:
        cursor.execute(JOBS, [ROWS, job.pk])
        cursor.execute("ANALYZE syncjobs_syncjob")
    return job
