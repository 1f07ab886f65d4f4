"""What our database holds of a store order beside its record: mostly nothing, so one statement asks for all of it."""

from typing import NamedTuple

from ipaas.prepared import fetch_one
from mappings.models import Link
from syncjobs.models import Record

REFUND = "store/order/refund/created"
OF_ORDER = "connection_id = %(connection)s AND external_id = %(order)s"
LOOK = f"""
SELECT
    EXISTS (SELECT 1 FROM syncjobs_inboxevent WHERE {OF_ORDER} AND topic = %(refund)s),
    EXISTS (SELECT 1 FROM syncjobs_ordercorrection WHERE {OF_ORDER}),
    EXISTS (SELECT 1 FROM syncjobs_begunorder WHERE {OF_ORDER}),
    EXISTS (SELECT 1 FROM syncjobs_settlement WHERE record_id = %(record)s),
    EXISTS (SELECT 1 FROM mappings_link
        WHERE connection_id = %(connection)s AND kind = %(kind)s AND source_id = %(order)s)"""  # noqa: S608 (no input)


class Traces(NamedTuple):
    """Of what there are rows to be read."""

    refund: bool  # a callback that told of one
    corrections: bool
    begun: bool  # numbers under which a sales order was about to be made
    settlement: bool
    link: bool


def traces_of(record: Record) -> Traces:
    """Look at what there is of the record's order."""
    values = {
        "connection": record.connection_id,
        "order": record.external_id,
        "record": record.pk or 0,
        "refund": REFUND,
        "kind": str(Link.Kind.ORDER),
    }
    return Traces(*map(bool, fetch_one(LOOK, values)))
