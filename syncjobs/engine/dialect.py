"""Words in which PostgreSQL and SQLite differ, for the few statements written by hand because they are hot."""

from datetime import datetime
from typing import Any

from django.db import connection

WORDS = {
    "postgresql": {
        "greatest": "GREATEST",
        "least": "LEAST",
        "now": "statement_timestamp()",
        "today": "(statement_timestamp() AT TIME ZONE 'UTC')::date",
        "now_plus": "(statement_timestamp() + make_interval(secs => %s))",
        "seconds_since": "EXTRACT(EPOCH FROM statement_timestamp() - {})::float8",
        "relaxed": "set_config('synchronous_commit', 'off', true)",
    },
    "sqlite": {
        "greatest": "MAX",
        "least": "MIN",
        "now": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now')",
        "today": "date('now')",
        "now_plus": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', %s || ' seconds')",
        "seconds_since": "((julianday('now') - julianday({})) * 86400.0)",
        "relaxed": "NULL",
    },
}


def words() -> dict[str, str]:
    """For `str.format`: functions, the database's clock, and a moment some seconds after it.

    `relaxed`, a column of what a statement answers, has its transaction not wait for the disk: for what may be lost in
    the second before a crash of the database. What is committed later never survives it alone.
    """
    return WORDS[connection.vendor]


def seconds_since(column: str) -> str:
    """SQL for the seconds from the time in `column` to the database's now."""
    return words()["seconds_since"].format(column)


def moment(at: datetime | None) -> Any:
    """A parameter for a datetime column."""
    return connection.ops.adapt_datetimefield_value(at) if at else None
