"""What holds for every test: tables that the product never empties are emptied between tests that commit."""

from collections.abc import Iterable, Iterator

import pytest
from django.db import connection

NEVER_EMPTIED = {"connections_auditentry": "trail_is_never_emptied"}


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Let Django's flush, and it alone, pass the triggers that refuse to empty a table."""
    flush = connection.ops.execute_sql_flush

    def past_triggers(sql_list: Iterable[str]) -> None:
        kept = NEVER_EMPTIED.items()
        off = [f"ALTER TABLE {table} DISABLE TRIGGER {trigger}" for table, trigger in kept]
        on = [f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}" for table, trigger in kept]
        flush([*off, *sql_list, *on])

    if connection.vendor == "postgresql":
        connection.ops.execute_sql_flush = past_triggers  # type: ignore[method-assign]
    yield
    connection.ops.execute_sql_flush = flush  # type: ignore[method-assign]
