"""Checks at Heartland."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice

from connections.connectors.heartland import HeartlandClient
from connections.diagnosis import Diagnosis
from connections.models import Connection
from connections.preflight.findings import ROWS_LOOKED_AT, Finding, amount_of, block, few, ok, warn
from connections.services.accounts import locations_refresh
from ipaas.counts import many

ORDER_RECORDS = ("customer", "sales", "payment", "order")  # groups whose required fields stop an order


def access(diagnosis: Diagnosis) -> Finding:
    """Whether the token works and may do what orders need."""
    if diagnosis.is_ok:
        return ok(
            "heartland_access", f"Heartland lets us in as {diagnosis.account}, with every permission we could test."
        )
    fix = "Give the role of the token's user these permissions, or reconnect Heartland."
    return block("heartland_access", diagnosis.reason, fix=fix, fix_page="connection")


def places(connection: Connection, client: HeartlandClient) -> Iterator[Finding]:
    """Source location and its station still exist; a chosen ship-from location too."""
    rows = {str(row["id"]): row for row in locations_refresh(account=connection.heartland, client=client)}
    settings = connection.order_settings
    source = settings.source_location
    if source is None:
        yield block("source_location", "No source location is chosen.", fix="Choose it.", fix_page="setup")
        return
    row = rows.get(source.external_id)
    if row is None or not row.get("active?", True):
        sentence = f"The source location “{source.name}” is no longer active in Heartland."
        yield block("source_location", sentence, fix="Choose another.", fix_page="setup")
        return
    stations = {str(one["id"]) for one in row.get("stations") or [] if one.get("active?", True)}
    if not stations:
        sentence = f"“{source.name}” has no active station that orders can name."
        yield block("station", sentence, fix="Run the set-up assistant: it creates one.", fix_page="setup")
    else:
        yield ok("source_location", f"Orders are booked through “{source.name}”.")
    ship_from = settings.ship_from
    if ship_from and settings.ships_from_one and ship_from.external_id not in rows:
        sentence = f"Orders are to ship from “{ship_from.name}”, which Heartland no longer has."
        yield block("ship_from", sentence, fix="Choose another location.", fix_page="orders")


def payment_type(connection: Connection, client: HeartlandClient) -> Finding:
    """The payment type exists and is active."""
    chosen = connection.order_settings.payment_type_id
    for row in client.payment_types():
        if str(row.get("id")) == chosen and row.get("active?", True):
            return ok("payment_type", f"Web payments are booked as “{row.get('name')}”.")
    sentence = "Heartland has no active payment type for web payments that we know of."
    return block("payment_type", sentence, fix="Run the set-up assistant: it creates one.", fix_page="setup")


def required_fields(connection: Connection) -> Finding:
    """Custom fields that Heartland insists on have a default value (Heartland notes §6, trap)."""
    insisted = [row for row in connection.heartland.required_fields if _stops_orders(row["group"])]
    given = set(connection.field_defaults.exclude(value="").values_list("group", "key"))
    open_fields = [row for row in insisted if (row["group"], row["key"]) not in given]
    if not open_fields:
        return ok("required_fields", "No required custom field of Heartland stands in the way of orders.")
    names = ", ".join(f"“{row['name']}” ({row['group']})" for row in open_fields)
    return warn(
        "required_fields",
        f"Heartland insists on custom fields that the store does not supply: {names}. Orders will wait for a value.",
        fix="Give each a default value, or make it optional in Heartland.",
        fix_page="fields",
    )


def items(client: HeartlandClient, store: str) -> Iterator[Finding]:
    """Item #s that the store takes for the same, and active items that cost nothing: the first thousand."""
    rows = list(islice(client.iter_items(only=("public_id", "price"), active=True), ROWS_LOOKED_AT))
    looked = f"the first {len(rows)} items" if len(rows) == ROWS_LOOKED_AT else f"all {many(len(rows), 'active item')}"
    numbers = [str(row.get("public_id") or "").strip() for row in rows]
    alike = Counter(number.casefold() for number in numbers if number)
    doubled = sorted(number for number in numbers if alike[number.casefold()] > 1)
    if doubled:
        yield warn(
            "numbers_alike",
            f"{many(len(doubled), 'Item #', 'Item #s')} of {looked} differ by large and small letters only: "
            f"{few(doubled)}. {store} takes them for one SKU.",
            fix="Give each item a number of its own in Heartland.",
            fix_page="heartland",
        )
    else:
        yield ok("numbers_alike", f"Of {looked}, no two have numbers that {store} takes for the same.")
    free = [number for number, row in zip(numbers, rows, strict=True) if amount_of(row.get("price")) == 0]
    if free:
        yield warn(
            "items_free",
            f"{len(free)} of {looked} {'has' if len(free) == 1 else 'have'} the price 0 in Heartland: "
            f"{few(sorted(free))}.",
            fix="Give them a price in Heartland, unless they are to be given away.",
            fix_page="heartland",
        )
    else:
        yield ok("items_free", f"Of {looked}, each has a price.")


def _stops_orders(group: str) -> bool:
    return group.lower().replace("_", ".").split(".")[0] in ORDER_RECORDS
