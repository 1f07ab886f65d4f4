"""When a worker cluster comes up."""

from datetime import datetime

from syncjobs.engine.schedules import schedules_write
from syncjobs.engine.sweeping import Swept, sweep


def workers_started(*, now: datetime) -> Swept:
    """Write the schedules and take over what the cluster's predecessor left: leases, jobs and tokens."""
    schedules_write()
    return sweep(now=now, is_start=True)
