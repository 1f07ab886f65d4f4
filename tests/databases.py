"""The tests' own database, for processes beside them."""

from django.db import connection


def database_url() -> str:
    at = connection.settings_dict
    where = at["OPTIONS"].get("host") or at["HOST"]
    return f"postgres://{at['USER']}:{at['PASSWORD']}@/{at['NAME']}?host={where}&port={at['PORT'] or 5432}"
