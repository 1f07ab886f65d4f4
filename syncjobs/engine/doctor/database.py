"""The database: there, new enough, ours to use, of this version's schema, and of one mind with us about the time."""

from collections.abc import Iterator
from datetime import timedelta

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from syncjobs.engine.doctor.doctor_findings import Problem

OLDEST_POSTGRES = 14_00_00
LARGEST_SKEW = timedelta(seconds=5)
MIGRATE = "Run: manage.py migrate"


def reachable() -> Iterator[Problem]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as exc:
        yield Problem(
            says=f"The database does not answer: {str(exc).strip().splitlines()[0]}",
            do="Start PostgreSQL, or correct DATABASE_URL. Callbacks get 503 meanwhile, and senders try again.",
        )


def version() -> Iterator[Problem]:
    if connection.vendor != "postgresql":
        yield Problem(
            says=f"The database is {connection.vendor}, which is for trying out only.",
            do="Set DATABASE_URL to a PostgreSQL database.",
        )
    elif connection.pg_version < OLDEST_POSTGRES:  # type: ignore[attr-defined]
        yield Problem(
            says=f"PostgreSQL is of version {connection.pg_version // 10_000}.",  # type: ignore[attr-defined]
            do=f"Upgrade it to {OLDEST_POSTGRES // 10_000} or newer.",
        )


def rights() -> Iterator[Problem]:
    if connection.vendor != "postgresql":
        return
    there = set(connection.introspection.table_names())
    tables = sorted({model._meta.db_table for model in apps.get_models(include_auto_created=True)} & there)
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolname FROM pg_roles WHERE rolname = current_user")
        is_super, role = cursor.fetchone()
        refused = []
        for table in tables:
            cursor.execute(
                "SELECT has_table_privilege(%s, 'SELECT') AND has_table_privilege(%s, 'INSERT')", [table, table]
            )
            refused += [] if cursor.fetchone()[0] else [table]
    if refused:
        yield Problem(
            says=f"The role {role} may not read and add to {', '.join(refused)}.",
            do=f"Grant SELECT and INSERT on them to {role}, or run migrate as the role that owns the tables.",
        )
    if is_super and settings.PRODUCTION:
        yield Problem(
            says=f"The role {role} is a superuser: whoever gets into the product may do anything to the database.",
            do="Make a role that owns this database alone, and name it in DATABASE_URL.",
        )


def migrations() -> Iterator[Problem]:
    executor = MigrationExecutor(connection)
    waiting = [str(migration) for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    if waiting:
        yield Problem(says=f"{len(waiting)} migrations are not applied, from {waiting[0]} on.", do=MIGRATE)


def cache_table() -> Iterator[Problem]:
    table = settings.CACHES["default"]["LOCATION"]
    if table not in connection.introspection.table_names():
        yield Problem(
            says=f"The cache's table, {table}, is missing: nobody can log in.", do="Run: manage.py createcachetable"
        )


def clock() -> Iterator[Problem]:
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        before = timezone.now()
        cursor.execute("SELECT clock_timestamp()")
        skew = cursor.fetchone()[0] - before
    if abs(skew) > LARGEST_SKEW:
        yield Problem(
            says=f"The database's clock and this host's differ by {abs(skew).total_seconds():.0f} s.",
            do="Set both by NTP: signatures of callbacks are taken within 300 s of this host's time.",
        )
