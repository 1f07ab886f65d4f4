"""A store at a glance: what waits for a location, what needs a person, and the last order."""

from connections.glance import Glance
from connections.models import Connection
from syncjobs.pages.dashboard.dashboard_scope import Disposition, Scope, placed_on, undistributed

NEED_YOU = (Disposition.HELD, Disposition.DEAD)


def glance(connection: Connection) -> Glance:
    """Three questions of our database."""
    scope = Scope(connections=[connection])
    newest = scope.orders.annotate(placed=placed_on()).order_by("-placed", "-pk").first()
    return Glance(
        to_distribute=undistributed(scope).count(),
        need_you=scope.orders.filter(disposition__in=NEED_YOU).count(),
        last_order=str(newest) if newest else "",
        last_order_at=newest.placed if newest else None,
    )
