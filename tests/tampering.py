"""What somebody does who has the database's own password: rows changed that it refuses to change."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def unguarded(table: str) -> Iterator[None]:
    """With the table's triggers switched off."""
    connection.check_constraints()  # as after a commit
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        yield
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
