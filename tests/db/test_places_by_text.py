"""Locations of the store become text and, where a deployment is undone, numbers again."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection as database

from connections.models import ConnectionLocation
from tests import factories

MIGRATIONS = (
    ("connections", "0031_places_by_text"),
    ("mappings", "0018_places_by_text"),
    ("syncjobs", "0031_places_by_text"),
)


@pytest.mark.skipif(database.vendor != "postgresql", reason="SQLite makes the table anew.")
def test_the_version_before_can_come_back(db: None) -> None:
    pair = factories.connection()
    made = ConnectionLocation.objects.create(connection=pair, location=pair.heartland.locations.all()[0])
    ConnectionLocation.objects.filter(pk=made.pk).update(store_location="10")
    for backwards, held in ((True, 10), (False, "10")):
        for app, number in MIGRATIONS:
            run(app, number, backwards=backwards)
        with database.cursor() as cursor:
            cursor.execute("SELECT store_location FROM connections_connectionlocation WHERE id = %s", [made.pk])
            assert cursor.fetchone() == (held,)


def run(app: str, number: str, *, backwards: bool) -> None:
    """What a migration does to the database, within the test's own transaction."""
    said = StringIO()
    call_command("sqlmigrate", app, number, backwards=backwards, stdout=said)
    lines = [line for line in said.getvalue().splitlines() if not line.startswith(("BEGIN", "COMMIT", "--"))]
    with database.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("\n".join(lines))
