"""Settings were changed: what waited for them, or was left out by them, is looked at again."""

from collections.abc import Sequence

from django.db.models import QuerySet

from connections.models import Connection, User
from errors.models import Issue
from mappings.core.rules.eligibility import NOT_PAID, NOT_SHIPPED, UNKNOWN_STATUS
from mappings.models import ValueMap
from syncjobs.engine.replays import record_retry, records_release
from syncjobs.flows import ORDERS, RETURNS, SHIPMENTS
from syncjobs.flows.orders.guests import GUEST_CUSTOMER_GONE
from syncjobs.flows.returns.read_return import OFF
from syncjobs.flows.shipments import AWAITING_TRACKING, SHIPMENTS_OFF
from syncjobs.models import Record
from syncjobs.stores.opening import statuses_of

RELEASES = {  # what was changed → codes of the holds that it may end
    "eligible_statuses": ("status_held",),
    "held_statuses": ("status_held",),
    "item_links": ("item_not_linked",),
    "map_payment": ("payment_unmapped", "pending_payment_refused", "refund_unmapped"),
    "takes_unpaid": ("pending_payment_refused",),
    "payment_type_id": ("payment_unmapped", "refund_unmapped"),
    "books_other_payments": ("payment_unmapped", "refund_unmapped"),
    "books_refunds": ("refund_to_look_at",),
    "map_shipping": ("shipping_unmapped",),
    "map_status": (UNKNOWN_STATUS,),
    "shipping_method_id": ("shipping_unmapped",),
    "currency": ("currency_unknown", "currency_differs"),
    "field_defaults": ("required_field_without_value",),
    "gift_wrap_item_id": ("gift_wrap_unmapped",),
    "fee_item_id": ("fee_unmapped", "refund_without_item"),
    "gift_card_item_id": ("gift_certificate_sold",),
    "customisation": ("customised_line",),
    "guest_policy": (GUEST_CUSTOMER_GONE,),
    "guest_customer_id": (GUEST_CUSTOMER_GONE,),
    "line_note_field": ("customised_line",),
    "source_location": ("source_location_missing", "station_missing"),
    "shipping": ("shipped_without_items", "invoice_refused"),
    "tracking_field": ("tracking_too_long",),
}
ELIGIBILITY = {"eligible_statuses", "held_statuses", "takes_unpaid", "shipping"}
SHIPMENT_SETTINGS = {"sends_shipments", "notifies_shopper", "tracking_field"}
AT_ONCE = 1000
STATUS_CODES = ("status_not_eligible", "awaiting_pickup")  # skips that end when the store's status does


def released_by(connection: Connection, changed: Sequence[str], *, actor: User | None) -> int:
    """Look again at every order that waited for what was changed. Answers how many."""
    codes = {code for name in changed for code in RELEASES.get(name, ())}
    issues = Issue.objects.filter(connection=connection, is_open=True, code__in=codes)
    count = sum(records_release(connection=connection, issue=issue, actor=actor) for issue in issues)
    if ELIGIBILITY & set(changed):
        count += newly_eligible(connection, actor=actor)
    if SHIPMENT_SETTINGS & set(changed):
        count += newly_shippable(connection, actor=actor)
    if "till_returns" in changed:
        count += newly_refundable(connection, actor=actor)
    return count


def newly_eligible(
    connection: Connection, *, actor: User | None, rules: Sequence[str] = (*STATUS_CODES, NOT_PAID, NOT_SHIPPED)
) -> int:
    """Take up orders that were skipped only because of a rule that may let them in now.

    With STATUS_CODES alone: those whose status is on the list by now, which a look would never skip so. A worker of the
    version before, that still ran when settings were carried over to this one, may have.
    """
    chosen = connection.order_settings.eligible_statuses
    names = [status.name for key, status in statuses_of(connection.store).items() if key in chosen]
    stand_ins = ValueMap.objects.filter(connection=connection, kind=ValueMap.Kind.STATUS, target_value__in=chosen)
    names += stand_ins.values_list("source_value", flat=True)
    rows = Record.objects.filter(connection=connection, flow=ORDERS.name, disposition=Record.Disposition.SKIPPED)
    numbers = rows.filter(code__in=rules, source_status__in=names).values_list("external_id", flat=True)
    found = list(numbers[:AT_ONCE])
    for external_id in found:
        record_retry(connection=connection, flow=ORDERS.name, external_id=external_id, actor=actor)
    return len(found)


def newly_refundable(connection: Connection, *, actor: User | None) -> int:
    """Look again at returns that were left to staff because nothing was to be done in the store."""
    rows = Record.objects.filter(connection=connection, flow=RETURNS.name, code=OFF)
    found = list(rows.values_list("external_id", flat=True)[:AT_ONCE])
    for external_id in found:
        record_retry(connection=connection, flow=RETURNS.name, external_id=external_id, actor=actor)
    return len(found)


def awaiting_tracking(connection: Connection) -> QuerySet[Record]:
    """Invoices whose shopper is told once they have a tracking number."""
    return Record.objects.filter(
        connection=connection, flow=SHIPMENTS.name, disposition=Record.Disposition.IN_FLIGHT, code=AWAITING_TRACKING
    )


def newly_shippable(connection: Connection, *, actor: User | None) -> int:
    """Look again at invoices that waited for a number, or were not sent because that was off."""
    off = Record.objects.filter(
        connection=connection, flow=SHIPMENTS.name, disposition=Record.Disposition.SKIPPED, code=SHIPMENTS_OFF
    )
    found = list((awaiting_tracking(connection) | off).values_list("external_id", flat=True)[:AT_ONCE])
    for external_id in found:
        record_retry(connection=connection, flow=SHIPMENTS.name, external_id=external_id, actor=actor)
    return len(found)
