"""What the steps of the points flow hand on to each other."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from zoneinfo import ZoneInfo

from syncjobs.flows.base import Context
from syncjobs.models import LoyaltySettings, PointsAccount, PointsSide

NAME = "points"  # of the flow


@dataclass(kw_only=True)
class PointsContext(Context):
    """One run for one account of the store. `external_id` is its id."""

    settings: LoyaltySettings = field(init=False)  # from `read` on
    customer_id: str = ""  # in Heartland
    in_store: int | None = None  # what the store's field shows; None where it is empty
    in_heartland: int | None = None
    group: str = ""  # of the store's account
    account: PointsAccount = field(init=False)  # from `count` on
    side: PointsSide = field(init=False)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The merchant's."""
        return ZoneInfo(self.connection.merchant.time_zone)

    @cached_property
    def today(self) -> date:
        """The merchant's day."""
        return self.now.astimezone(self.zone).date()
