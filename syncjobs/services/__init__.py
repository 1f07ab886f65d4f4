"""The ledger's services: queueing, running, retrying, freeing, sweeping."""

from syncjobs.services.enqueueing import job_enqueue, jobs_enqueue, lane_wake, queue_of
from syncjobs.services.lanes import lane_abandon, lane_run
from syncjobs.services.people import (
    connection_wake,
    invoice_choose,
    order_choose,
    order_unchoose,
    record_retry,
    record_stop,
    records_release,
)
from syncjobs.services.reading import connection_read
from syncjobs.services.retention import retention_apply
from syncjobs.services.running import job_run
from syncjobs.services.starting import workers_started
from syncjobs.services.sweeping import sweep

__all__ = [
    "connection_read",
    "connection_wake",
    "invoice_choose",
    "job_enqueue",
    "job_run",
    "jobs_enqueue",
    "lane_abandon",
    "lane_run",
    "lane_wake",
    "order_choose",
    "order_unchoose",
    "queue_of",
    "record_retry",
    "record_stop",
    "records_release",
    "retention_apply",
    "sweep",
    "workers_started",
]
