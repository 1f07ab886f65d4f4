"""Statements that the server prepares once per connection: for the few whose planning costs more than their work."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections, models

M = TypeVar("M", bound=models.Model)


def fetch(statement: str, values: Mapping[str, Any]) -> list[Any]:
    """Run a statement with named parameters and answer its rows; none when it returns none.

    Parameters need casts where their type cannot be told. Not prepared behind a transaction-mode pooler, where the
    next statement may meet another server process, nor where somebody watches the queries.
    """
    database = connections[DEFAULT_DB_ALIAS]  # each look through Django's proxy costs a tenth of a small statement
    is_shared = database.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS")
    if database.vendor != "postgresql" or database.queries_logged or database.execute_wrappers or is_shared:
        with database.cursor() as cursor:
            cursor.execute(statement, dict(values))
            return cursor.fetchall() if cursor.description else []
    database.ensure_connection()
    with database.wrap_database_errors:
        raw = database.connection
        raw.prepare_threshold = raw.prepare_threshold or 5  # Django's None would forbid it; its own cursors never do
        done = psycopg.Cursor(raw).execute(statement, values, prepare=True)
        has_rows = done.pgresult is not None and done.pgresult.nfields  # a description would be built column by column
        return done.fetchall() if has_rows else []


def fetch_one(statement: str, values: Mapping[str, Any]) -> Any:
    """The first row; None without one."""
    rows = fetch(statement, values)
    return rows[0] if rows else None


def columns(model: type[models.Model], alias: str) -> str:
    """All columns of a model for a SELECT, in the order in which `made` takes them."""
    return ", ".join(f"{alias}.{field.column}" for field in model._meta.concrete_fields)


def made(model: type[M], values: Iterator[Any]) -> M:
    """The next columns of a row as an instance."""
    names, readers = _reading(model)
    database = connections[DEFAULT_DB_ALIAS]
    loaded = [read(next(values), None, database) if read else next(values) for read in readers]
    return model.from_db(DEFAULT_DB_ALIAS, names, loaded)


def made_or_none(model: type[M], values: Iterator[Any]) -> M | None:
    """The same for a row that may be missing: then all its columns are NULL."""
    instance = made(model, values)
    return instance if instance.pk else None


@lru_cache
def _reading(model: type[models.Model]) -> tuple[list[str], list[Any]]:
    """Of each column its attribute, and what makes a value of what the database holds; None where that is the value."""
    fields: Sequence[Any] = model._meta.concrete_fields
    return [field.attname for field in fields], [getattr(field, "from_db_value", None) for field in fields]
