"""The ledger's services: queueing, running, retrying, freeing, sweeping."""

from syncjobs.engine.cluster_start import workers_started
from syncjobs.engine.enqueueing import job_enqueue, jobs_enqueue, lane_wake, queue_of
from syncjobs.engine.lanes import lane_abandon, lane_run
from syncjobs.engine.read_connection import connection_read
from syncjobs.engine.replays import (
    connection_wake,
    invoice_choose,
    order_choose,
    order_unchoose,
    orders_retry,
    record_retry,
    record_stop,
    records_release,
    refund_choose,
    return_choose,
    return_unchoose,
)
from syncjobs.engine.retention import retention_apply
from syncjobs.engine.running import job_run
from syncjobs.engine.sweeping import sweep

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
    "orders_retry",
    "queue_of",
    "record_retry",
    "record_stop",
    "records_release",
    "refund_choose",
    "retention_apply",
    "return_choose",
    "return_unchoose",
    "sweep",
    "workers_started",
]
