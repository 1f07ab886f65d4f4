"""Reading a connection with all that its clients and flows look at: once per second and lane, so worth one statement.

Django needs three milliseconds to word and plan this join of six tables; written by hand and prepared it takes a
tenth. Elsewhere than on PostgreSQL Django reads it.
"""

from django.db import connection as database
from django.db import models

from connections.models import Connection, Credential, HeartlandAccount, OrderSettings, Store
from ipaas.prepared import columns, fetch_one, made, made_or_none

WITH_SYSTEMS = ("order_settings", "heartland__credential", "store__credential")
PARTS: tuple[tuple[str, type[models.Model]], ...] = (
    ("pair", Connection),
    ("heartland", HeartlandAccount),
    ("heartland_key", Credential),
    ("store", Store),
    ("store_key", Credential),
    ("settings", OrderSettings),
)


READ = f"""
SELECT {", ".join(columns(model, alias) for alias, model in PARTS)}
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
    pair = made(Connection, values)
    pair.heartland = made(HeartlandAccount, values)
    pair.heartland.credential = made_or_none(Credential, values)
    pair.store = made(Store, values)
    pair.store.credential = made_or_none(Credential, values)
    settings = made_or_none(OrderSettings, values)
    if settings:
        settings.connection = pair  # which makes it pair.order_settings
    return pair
