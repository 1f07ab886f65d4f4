"""Hours in which nobody is to be woken, by a merchant's clock. Pure."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

DIGEST_AT = time(8, 0)


def is_quiet(now: datetime, zone: ZoneInfo, quiet_from: time | None, quiet_until: time | None) -> bool:
    """Whether `now` lies between both times of a day, which may span midnight; equal ones are no hours at all."""
    if quiet_from is None or quiet_until is None or quiet_from == quiet_until:
        return False
    local = now.astimezone(zone).time()
    if quiet_from < quiet_until:
        return quiet_from <= local < quiet_until
    return local >= quiet_from or local < quiet_until
