"""Statements that the server prepares once per connection: for the few whose planning costs more than their work."""

from collections.abc import Mapping
from typing import Any

import psycopg
from django.db import connection as database


def fetch(statement: str, values: Mapping[str, Any]) -> list[Any]:
    """Run a statement with named parameters and answer its rows; none when it returns none.

    Parameters need casts where their type cannot be told. Not prepared behind a transaction-mode pooler, where the
    next statement may meet another server process, nor where somebody watches the queries.
    """
    is_shared = database.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS")
    if database.vendor != "postgresql" or database.queries_logged or database.execute_wrappers or is_shared:
        with database.cursor() as cursor:
            cursor.execute(statement, dict(values))
            return cursor.fetchall() if cursor.description else []
    with database.cursor(), database.wrap_database_errors:
        raw = database.connection
        raw.prepare_threshold = raw.prepare_threshold or 5  # Django's None would forbid it; its own cursors never do
        done = psycopg.Cursor(raw).execute(statement, values, prepare=True)
        return done.fetchall() if done.description else []


def fetch_one(statement: str, values: Mapping[str, Any]) -> Any:
    """The first row; None without one."""
    rows = fetch(statement, values)
    return rows[0] if rows else None
