"""Editing what is booked of one held order, and trying it again: what may be edited, and keeping what a person wrote.

The store keeps its order. Both versions, who and why are kept with it (OrderCorrection); the next look judges the
edited order by every rule as it would any other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.crypto import salted_hmac

from connections.audit import audit
from connections.models import Connection, User
from errors.failures import ConfigurationFailure, NotFound
from mappings.core.rules.corrections import (
    BILLING,
    BUYER_EMAIL,
    LINE,
    METHOD,
    SHIPPING,
    TENDER,
    Correction,
    Editable,
    editable,
)
from mappings.models import ValueMap
from mappings.value_tables import ValueTables
from syncjobs import engine
from syncjobs.engine.call_guard import guarded
from syncjobs.flows.base import RunLog
from syncjobs.flows.orders.order_context import OrderContext
from syncjobs.flows.orders.read_order import read
from syncjobs.models import OrderCorrection, Record, ServiceClass, SyncJob

LONGEST = 255
LONGEST_NOTE = 300
PART_LABELS = {
    "first_name": "First name",
    "last_name": "Last name",
    "line_1": "Street",
    "line_2": "Company, second line",
    "city": "City",
    "state": "State",
    "postal_code": "Postal code",
    "phone": "Phone",
}
GROUPS = {  # how the field of a value begins → the part of the form that it stands in
    BUYER_EMAIL: "Shopper",
    BILLING: "Billing address",
    SHIPPING: "Ships to",
    METHOD: "Shipping and payment",
    TENDER: "Shipping and payment",
    LINE: "Lines",
}
EDITED = (Record.Disposition.HELD, Record.Disposition.DEAD, Record.Disposition.RETRYING)


@dataclass(frozen=True, kw_only=True)
class EditField:
    """One value in the form: as the store has it, and as it goes now."""

    row: Editable
    label: str
    value: str
    options: Sequence[str] = ()  # what the tables know; none: any text

    @property
    def name(self) -> str:
        return f"edit-{self.row.field}"

    @property
    def group(self) -> str:
        return next(words for start, words in GROUPS.items() if self.row.field.startswith(start))

    @property
    def is_edited(self) -> bool:
        return self.value != self.row.value


def is_editable(record: Record) -> bool:
    """Waits, and was never booked: what is in Heartland is changed there, or in the store."""
    return record.flow == "orders" and record.disposition in EDITED and not record.target_id


def edit_fields(record: Record, now: datetime) -> list[EditField]:
    """The order as the store has it now, field by field. Raises SyncFailure; one call to the store."""
    rows = editable_now(record, now)
    kept = {row.field: row for row in _accepted(record)}
    shipping = _known(record.connection, ValueMap.Kind.SHIPPING)
    payment = _known(record.connection, ValueMap.Kind.PAYMENT)
    found = []
    for row in rows:
        one = kept.get(row.field)
        value = one.after if one and one.before == row.before else row.value
        options = shipping if row.field == METHOD else payment if row.field.startswith(TENDER) else ()
        found.append(EditField(row=row, label=_label(row), value=value, options=options))
    return found


def editable_now(record: Record, now: datetime) -> list[Editable]:
    """Asks the store for the order, as a look at it begins."""
    connection = record.connection
    with guarded(connection, ServiceClass.NOW, now) as guard:
        job = SyncJob(connection=connection, flow=record.flow, external_id=record.external_id, attempts=1)
        context = OrderContext(
            connection=connection,
            tables=ValueTables(connection),
            external_id=record.external_id,
            job=job,
            record=record,
            now=now,
            read_at=now,
            log=RunLog([guard]),
        )
        with context.log.step("read"):
            if read(context) is not None:
                raise NotFound(f"The store has no order {record.title} any more.")
    return editable(context.order)


def mark_of_fields(rows: Sequence[EditField]) -> str:
    """What a page showed, so that nothing else is edited."""
    shown = repr([(one.row.field, one.row.before, one.value) for one in rows])
    return salted_hmac("order edits", shown, algorithm="sha256").hexdigest()[:32]


def order_edit(
    *, record: Record, fields: Sequence[EditField], given: Mapping[str, str], note: str, actor: User, now: datetime
) -> int:
    """Keep what the person wrote, and try the order again; answers how many values go otherwise than written.

    Raises ConfigurationFailure, with nothing changed.
    """
    note = " ".join(note.split())[:LONGEST_NOTE]
    wanted = {one.row: " ".join(given.get(one.name, one.value).split()) for one in fields}
    changed = [one.row for one in fields if wanted[one.row] != one.value]
    if not changed:
        raise ConfigurationFailure("Nothing was edited: every value is as it was.")
    if not note:
        raise ConfigurationFailure("Nothing was edited: say why, so that the next person knows.")
    if wrong := [one for one in changed if len(wanted[one]) > LONGEST]:
        raise ConfigurationFailure(f"Nothing was edited: {_label(wrong[0])} is longer than {LONGEST} characters.")
    with transaction.atomic():
        rows = OrderCorrection.objects.of(record.connection, record.external_id)
        rows.filter(field__in=[one.field for one in changed]).delete()
        OrderCorrection.objects.bulk_create(
            OrderCorrection(
                connection=record.connection,
                external_id=record.external_id,
                field=one.field,
                before=one.before,
                after=wanted[one],
                confidence=100,
                note=note,
                accepted_at=now,
                accepted_by=actor,
            )
            for one in changed
            if wanted[one] != one.value
        )
        names = [one.field for one in changed]
        audit(merchant=record.connection.merchant, actor=actor, action="order.edited", subject=record, fields=names)
    engine.record_retry(connection=record.connection, flow=record.flow, external_id=record.external_id, actor=actor)
    return len(changed)


def _accepted(record: Record) -> list[OrderCorrection]:
    return list(OrderCorrection.objects.of(record.connection, record.external_id).filter(accepted_at__isnull=False))


def _known(connection: Connection, kind: ValueMap.Kind) -> list[str]:
    """The values that the table maps to something."""
    rows = (
        ValueMap.objects.filter(connection=connection, kind=kind)
        .exclude(target_value="")
        .exclude(source_value=ValueMap.DEFAULT)
    )
    return list(rows.order_by("source_value").values_list("source_value", flat=True))


def _label(row: Editable) -> str:
    holder, _, part = row.field.partition(".")
    if holder in {BILLING, SHIPPING}:
        return PART_LABELS[part]
    words = Correction(field=row.field, before="", after="").label.removeprefix("The ")
    return words[0].upper() + words[1:]
