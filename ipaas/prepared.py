"""Statements that the server prepares once per connection: for the few whose planning costs more than their work."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

import psycopg
from django.db import connection as database
from django.db import models

M = TypeVar("M", bound=models.Model)


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
    fields: Sequence[Any] = model._meta.concrete_fields
    loaded = [_loaded(field, next(values)) for field in fields]
    return model.from_db(database.alias, [field.attname for field in fields], loaded)


def made_or_none(model: type[M], values: Iterator[Any]) -> M | None:
    """The same for a row that may be missing: then all its columns are NULL."""
    instance = made(model, values)
    return instance if instance.pk else None


def _loaded(field: Any, value: Any) -> Any:
    read = getattr(field, "from_db_value", None)
    return read(value, None, database) if read else value
