"""Loyalty points of one account of a store and its Heartland customer: kept alike by movements.

Calls of an ordinary look: 1 account with its field and group, 1 customer; where a balance moved, 1 write for each
field that shows another one; where the tier changed, 1 for the group. An unchanged balance is written nowhere.
"""

from syncjobs.flows.base import Flow, Step
from syncjobs.flows.points.count_points import count
from syncjobs.flows.points.points_context import PointsContext
from syncjobs.flows.points.read_points import read
from syncjobs.flows.points.write_points import write

POINTS = Flow(
    name="points",
    title="Points of account",
    context=PointsContext,
    steps=(Step("read", read), Step("count", count), Step("write", write)),
    store_calls=2,
    heartland_calls=2,
)
