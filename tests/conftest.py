"""What holds for every test: tables that the product never empties are emptied between tests that commit."""

from collections.abc import Iterable, Iterator

import pytest
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations

NEVER_EMPTIED = {"connections_auditentry": "trail_is_never_emptied"}


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Let Django's flush, and it alone, pass the triggers that refuse to empty a table."""
    operations = type(connection.ops)  # a browser's event loop has a connection of its own
    flush = operations.execute_sql_flush

    def past_triggers(self: BaseDatabaseOperations, sql_list: Iterable[str]) -> None:
        kept = NEVER_EMPTIED.items()
        off = [f"ALTER TABLE {table} DISABLE TRIGGER {trigger}" for table, trigger in kept]
        on = [f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}" for table, trigger in kept]
        flush(self, [*off, *sql_list, *on])

    if connection.vendor == "postgresql":
        operations.execute_sql_flush = past_triggers  # type: ignore[method-assign]
    yield
    operations.execute_sql_flush = flush  # type: ignore[method-assign]
