"""The rooms of the Order Fulfillment tab, each summed up in a line."""

from collections.abc import Collection, Sequence

from django.utils.formats import date_format

from connections.models import OrderSettings
from connections.store_kinds import profile_of
from connections.vocabulary import FETCH_OLDER
from syncjobs.models import Run
from syncjobs.pages.fulfilment.backfill_form import BackfillForm
from syncjobs.pages.fulfilment.distribution_form import DistributionForm
from syncjobs.pages.fulfilment.exceptions_form import ExceptionsForm
from syncjobs.pages.fulfilment.fulfilment_forms import OrderSettingsForm
from syncjobs.pages.fulfilment.fulfilment_tables import FieldRow, MapTable, ShipmentSums, StatusRow
from syncjobs.pages.fulfilment.shipments_form import ShipmentsForm
from syncjobs.pages.fulfilment.which_orders_form import WhichOrdersForm
from syncjobs.pages.settings_rooms import Room, Rooms, mistakes_of

BY_HAND = {"eligible_statuses": "orders", "held_statuses": "orders"}  # drawn without a field's own mark
FORM_OF = {
    "orders": WhichOrdersForm,
    "distribution": DistributionForm,
    "shipments": ShipmentsForm,
    "special": ExceptionsForm,
}


def rooms_of(
    form: OrderSettingsForm,
    *,
    statuses: Sequence[StatusRow],
    maps: Sequence[MapTable],
    fields: Sequence[FieldRow],
    shipments: ShipmentSums,
    older: BackfillForm,
    runs: Sequence[Run],
    is_conflict: bool,
) -> Rooms:
    """What the tab's rooms say of how it is set now; those with something to correct or decide are unfolded."""
    row = form.row
    wrong = set(form.errors) | (set(form.changed_data) if is_conflict else set())
    unmapped = sum(one.unmapped for one in maps)
    unfilled = [one for one in fields if one.is_required and not one.value]
    rooms = [
        Room(key="orders", title="Which orders", summary=orders_words(row, statuses), is_open=in_room("orders", wrong)),
        Room(
            key="distribution",
            title="Distribution",
            summary=distribution_words(row),
            is_open=in_room("distribution", wrong),
        ),
        Room(
            key="shipments",
            title="Shipments",
            summary=shipments_words(row, shipments),
            is_open=in_room("shipments", wrong),
        ),
        Room(key="special", title="Exceptions", summary=exceptions_words(row), is_open=in_room("special", wrong)),
        Room(
            key="maps",
            title="Payment, shipping & status maps",
            summary=", ".join(
                f"{sum(not one.is_default for one in table.rows)} {table.title.lower()}" for table in maps
            ),
            is_open=bool(unmapped),
            needs_you=f"{unmapped} not mapped" if unmapped else "",
        ),
        Room(
            key="required",
            title="Fields that Heartland insists on",
            summary=", ".join(one.name for one in fields) or "None",
            is_open=bool(unfilled),
            needs_you=f"{len(unfilled)} without a value" if unfilled else "",
        ),
        Room(
            key="older",
            title=FETCH_OLDER,
            summary=older_words(runs),
            is_open=older.is_bound or any(run.state == Run.State.RUNNING for run in runs),
        ),
    ]
    return Rooms(rooms={one.key: one for one in rooms}, mistakes=mistakes_of(form, BY_HAND))


def in_room(key: str, wrong: Collection[str]) -> bool:
    """Whether a refused field stands in the room; those of single locations belong to distribution."""
    named = set(FORM_OF[key].base_fields)
    places = {name for name in wrong if name.startswith(("rank-", "areas-"))} if key == "distribution" else set()
    return bool((named & set(wrong)) | places)


def orders_words(row: OrderSettings, statuses: Sequence[StatusRow]) -> str:
    names = [one.name for one in statuses if one.is_chosen]
    since = f", placed from {date_format(row.history_start_at, 'M j, Y')}" if row.history_start_at else ""
    place = row.source_location.name if row.source_location else "no location yet"
    taken = ", ".join(names) or "None"
    return f"{taken}{since}; booked through {place} as {row.order_prefix}…"


def distribution_words(row: OrderSettings) -> str:
    kinds = OrderSettings.Shipping
    place = row.ship_from.name if row.ship_from else "one location"
    turns = row.connection.shipping_routes.select_related("location").order_by("rank")
    names = ", then ".join(route.location.name for route in turns)
    return {
        kinds.STAFF: "Staff choose the location of each order",
        kinds.ONE: f"{place} ships everything",
        kinds.INVOICED: f"{place} ships everything; orders are invoiced at once",
        kinds.PRIORITY: f"The first that has the goods: {names}",
        kinds.NEAREST: f"The nearest that has the goods, of {names.replace(', then ', ', ')}",
        kinds.STORE: f"Somebody else ships, and {place} is invoiced",
    }[kinds(row.shipping)]


def shipments_words(row: OrderSettings, sums: ShipmentSums) -> str:
    store = profile_of(row.connection.store).name
    if not row.sends_shipments:
        return f"{store} is not told what Heartland shipped"
    mails = f"{store} mails the shopper" if row.notifies_shopper else "nobody is mailed"
    numbers = "with tracking numbers" if row.tracking_field else "without tracking numbers"
    returns = "; returns at the till are refunded" if row.till_returns == OrderSettings.TillReturns.STORE else ""
    charged = "; money is taken as goods leave" if row.charges_at_shipment else ""
    count = f"; {sums.total} so far" if sums.total else ""
    return f"{store} is told what Heartland shipped, {numbers}; {mails}{charged}{returns}{count}"


def exceptions_words(row: OrderSettings) -> str:
    guests = "a customer of their own" if row.guest_policy == OrderSettings.GuestPolicy.MATCH else "one customer"
    wraps, fees = ("a line" if item else "held for you" for item in (row.gift_wrap_item_id, row.fee_item_id))
    wishes = "on the line" if row.customisation == OrderSettings.Customisation.NOTE else "held for you"
    refunds = "booked by themselves" if row.books_refunds else "after your look"
    special = f"Guests: {guests}; gift wrapping: {wraps}; fees: {fees}; customised products: {wishes}"
    return f"{special}; refunds: {refunds}"


def map_words(table: MapTable) -> str:
    count = sum(not row.is_default for row in table.rows)
    return f"{count} {table.title.lower().removesuffix('s' if count == 1 else '')}"


def older_words(runs: Sequence[Run]) -> str:
    if not runs:
        return "From before the connection, or when in doubt"
    return runs[0].sentence or f"Being fetched: {runs[0].done} of {runs[0].total or '…'}"
