"""Orders that wait behind one in its lane, and what lets an order take what was read for several.

Only an order that nobody has worked at yet, in this run or before, takes it: one list of the store (`read_listed.py`),
one search in Heartland (`find_sales_order.py`).
"""

from django.db import connection as database

from ipaas.prepared import fetch
from syncjobs.flows.base import Context

HEARTLAND_TOLD = "heartland"  # cause of a look that what Heartland shows has called for
MOST_BEHIND = 49  # with this one as many as a slice works at
BEHIND = """
SELECT external_id FROM syncjobs_syncjob
WHERE lane_id = %(lane)s AND flow = %(flow)s AND status = 'pending' AND not_before <= %(now)s AND claimed_at IS NULL
    AND requested_at < %(read_at)s
ORDER BY id LIMIT %(most)s"""


def is_first_look(context: Context) -> bool:
    """True when nobody has worked at the order before this run, and Heartland's feed told nothing of it."""
    job = context.job
    return context.record.read_at is None and job.claimed_at is None and job.cause != HEARTLAND_TOLD


def orders_behind(context: Context) -> list[str]:
    """Orders that were asked for before this run began, and that nobody has worked at, the oldest first."""
    moment = database.ops.adapt_datetimefield_value
    values = {
        "lane": context.job.lane_id,
        "flow": context.job.flow,
        "now": moment(context.now),
        "read_at": moment(context.read_at),
        "most": MOST_BEHIND,
    }
    return [row[0] for row in fetch(BEHIND, values)]
