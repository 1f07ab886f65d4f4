"""Reading a connection with all that its clients and flows look at: once per second and lane, so worth one statement.

Django needs three milliseconds to word and plan this join of six tables; written by hand and prepared it takes a
tenth. Elsewhere than on PostgreSQL Django reads it.
"""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from django.db import connection as database
from django.db import models

from connections.models import Connection, Credential, HeartlandAccount, OrderSettings, Store
from ipaas.prepared import fetch_one

M = TypeVar("M", bound=models.Model)
WITH_SYSTEMS = ("order_settings", "heartland__credential", "store__credential")
PARTS: tuple[tuple[str, type[models.Model]], ...] = (
    ("pair", Connection),
    ("heartland", HeartlandAccount),
    ("heartland_key", Credential),
    ("store", Store),
    ("store_key", Credential),
    ("settings", OrderSettings),
)


def _columns() -> Iterator[str]:
    for alias, model in PARTS:
        yield from (f"{alias}.{field.column}" for field in model._meta.concrete_fields)


READ = f"""
SELECT {", ".join(_columns())}
FROM connections_connection pair
JOIN connections_heartlandaccount heartland ON heartland.id = pair.heartland_id
LEFT JOIN connections_credential heartland_key ON heartland_key.id = heartland.credential_id
JOIN connections_store store ON store.id = pair.store_id
LEFT JOIN connections_credential store_key ON store_key.id = store.credential_id
LEFT JOIN connections_ordersettings settings ON settings.connection_id = pair.id
WHERE pair.id = %(connection)s"""  # noqa: S608 (column names of our own models)


def connection_read(connection_id: int) -> Connection:
    """A connection with both systems, their credentials and its order settings. Raises Connection.DoesNotExist."""
    if database.vendor != "postgresql":
        return Connection.objects.select_related(*WITH_SYSTEMS).get(pk=connection_id)
    row = fetch_one(READ, {"connection": connection_id})
    if row is None:
        raise Connection.DoesNotExist
    values = iter(row)
    pair = _made(Connection, values)
    pair.heartland = _made(HeartlandAccount, values)
    pair.heartland.credential = _made_or_none(Credential, values)
    pair.store = _made(Store, values)
    pair.store.credential = _made_or_none(Credential, values)
    settings = _made_or_none(OrderSettings, values)
    if settings:
        settings.connection = pair  # which makes it pair.order_settings
    return pair


def _made_or_none(model: type[M], values: Iterator[Any]) -> M | None:
    """The same for a row that may be missing: then all its columns are NULL."""
    made = _made(model, values)
    return made if made.pk else None


def _made(model: type[M], values: Iterator[Any]) -> M:
    """The next columns of a row as an instance."""
    fields: Sequence[Any] = model._meta.concrete_fields
    loaded = [_loaded(field, next(values)) for field in fields]
    return model.from_db(database.alias, [field.attname for field in fields], loaded)


def _loaded(field: Any, value: Any) -> Any:
    read = getattr(field, "from_db_value", None)
    return read(value, None, database) if read else value
