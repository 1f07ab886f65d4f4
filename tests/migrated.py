"""The test database as its migrations leave it, kept on the server: a run copies it in place of migrating for long.

Good for exactly the migrations that it was made by, and dropped when others are met. The copy is migrated all the
same, which finds nothing to do, so that what is built after every migrate (row-level security, rights) is today's.
"""

import hashlib
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import DatabaseError, connection
from psycopg import errors, sql

PREFIX = "migrated_"
COPY = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
IN_USE = (errors.ObjectInUse, errors.DuplicateDatabase, errors.UniqueViolation)  # another process is at it


def kept_name() -> str:
    """Of what the migrations of all apps leave."""
    digest = hashlib.sha256()
    for app in apps.get_app_configs():
        for path in sorted(Path(app.path, "migrations").glob("*.py")):
            digest.update(f"{app.label}/{path.name}\0".encode() + path.read_bytes())
    return PREFIX + digest.hexdigest()[:24]


def copied(name: str) -> bool:
    """Make the test database of this name from the kept one; False when there is none of today's migrations."""
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [kept_name()])
        if not cursor.fetchone():
            return False
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        return _done(cursor, COPY.format(sql.Identifier(name), sql.Identifier(kept_name())))


def keep(name: str) -> None:
    """Keep a test database that was just migrated, in place of those of other migrations."""
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
        for (other,) in cursor.fetchall():
            _done(cursor, sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(other)))
        _done(cursor, COPY.format(sql.Identifier(kept_name()), sql.Identifier(name)))


def _done(cursor: Any, command: sql.Composed) -> bool:
    """False when another process is at that database."""
    try:
        cursor.execute(command)
    except DatabaseError as exc:
        if not isinstance(exc.__cause__, IN_USE):
            raise
        return False
    return True
