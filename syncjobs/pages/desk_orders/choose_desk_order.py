"""A person has a sales order recorded in the store, as they saw it."""

from datetime import datetime

from django.db import transaction

from connections.audit import audit
from connections.models import Connection, User
from errors.failures import ConfigurationFailure
from syncjobs.engine.enqueueing import job_enqueue
from syncjobs.flows import DESK_ORDERS
from syncjobs.flows.desk_orders.desk_context import SHOWN
from syncjobs.models import Record


def desk_order_choose(
    *, connection: Connection, sales_order: str, number: str, shown: str, actor: User, now: datetime
) -> Record:
    """Queue it. What is recorded already stays once; what changed since is not made. Raises ConfigurationFailure."""
    if not sales_order.isdecimal() or not shown:
        raise ConfigurationFailure("The form does not say what its page showed: look at the order anew.")
    flow = DESK_ORDERS.name
    with transaction.atomic():
        job_enqueue(connection=connection, flow=flow, external_id=sales_order, cause="fix", now=now)
        record = Record.objects.select_for_update().get(connection=connection, flow=flow, external_id=sales_order)
        record.facts = record.facts | {SHOWN: shown}
        record.number = record.number or number
        record.save(update_fields=["facts", "number"])
        audit(merchant=connection.merchant, actor=actor, action="desk_order.chosen", subject=f"Sales order {number}")
    return record
