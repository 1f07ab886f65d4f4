"""Whether a look at stock has more to do than to ask the ledger: one statement, for it is asked all day in vain."""

from datetime import datetime

from connections.models import Connection
from ipaas.prepared import fetch_one
from mappings.models import Link
from syncjobs.engine import dialect
from syncjobs.flows.orders.made_in_heartland import MADE_IN_HEARTLAND
from syncjobs.models import Record
from syncjobs.stock.pending_pieces import KEPT_BACK, NOT_TAKEN_UP, ORDERS, WAITING


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{one}'" for one in words)


LEVELS = "SELECT 1 FROM mappings_stocklevel WHERE connection_id = %(connection)s"
RECORDS = f"""
SELECT 1 FROM connections_connection pair JOIN syncjobs_record record ON record.connection_id = pair.id
WHERE pair.heartland_id = %(account)s AND record.flow = '{ORDERS}'"""  # noqa: S608 (our own words)
# Of orders all that may keep a piece back: which do, `pending_pieces` says.
ANYTHING = f"""
SELECT EXISTS ({LEVELS} AND is_dirty AND refusal = '') OR EXISTS ({LEVELS} AND pending > 0)
    OR EXISTS ({RECORDS} AND record.disposition IN ({_listed(WAITING)}))
    OR EXISTS ({RECORDS} AND record.disposition = 'skipped' AND record.code IN ({_listed(NOT_TAKEN_UP)})
        AND record.source_placed_at >= %(since)s)
    OR EXISTS ({RECORDS} AND record.disposition = '{Record.Disposition.BOOKED}' AND NOT record.is_distributed)
    OR EXISTS ({RECORDS} AND record.disposition = '{Record.Disposition.SETTLED}' AND NOT record.is_distributed)
    OR EXISTS ({RECORDS} AND record.code = '{MADE_IN_HEARTLAND}' AND NOT record.is_distributed)
    OR EXISTS (SELECT 1 FROM mappings_link link WHERE link.connection_id = %(connection)s
        AND link.kind = '{Link.Kind.ITEM}' AND link.id > COALESCE((SELECT level.link_id FROM mappings_stocklevel level
            WHERE level.connection_id = %(connection)s ORDER BY level.link_id DESC LIMIT 1), 0))"""  # noqa: S608
DIRTY = f"SELECT EXISTS ({LEVELS} AND is_dirty AND refusal = '')"


def is_unsettled(connection: Connection, now: datetime) -> bool:
    """True where a level is marked, an item new, or an order of the account may keep pieces back."""
    values = {
        "connection": connection.pk,
        "account": connection.heartland_id,
        "since": dialect.moment(now - KEPT_BACK),
    }
    return bool(fetch_one(ANYTHING, values)[0])


def is_marked(connection_id: int) -> bool:
    """True where a level is to be looked at."""
    return bool(fetch_one(DIRTY, {"connection": connection_id})[0])
