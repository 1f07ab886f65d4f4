"""What is looked at in a Magento shop before orders flow."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from connections.connect.magento.clients import magento_setup_client
from connections.connectors.magento import MagentoClient
from connections.models import Connection, InventorySettings
from connections.preflight.findings import Finding, few, looked, ok, warn
from connections.store_kinds import default_place
from ipaas.types import CallObserver

SURELY_WRONG = timedelta(minutes=5)  # that an order lies in the future


def checks(connection: Connection, observer: CallObserver) -> list[Finding]:
    """Every check at the shop; one that fails to look says so and spares the others."""
    client = magento_setup_client(connection.store, observer)
    return [
        *looked("statuses", lambda: [statuses(connection, client)]),
        *looked("currencies", lambda: [currencies(connection, client)]),
        *looked("sources", lambda: sources(connection, client)),
        *looked("database_zone", lambda: [database_zone(client)]),
    ]


def views_of(connection: Connection) -> list[str]:
    """Ids of the store views of the connected website."""
    facts = connection.store.facts
    return [view for view, website in (facts.get("views") or {}).items() if website == facts.get("website_id")]


def statuses(connection: Connection, client: MagentoClient) -> Finding:
    """How many orders stand in statuses that are not brought over."""
    taken = connection.order_settings.eligible_statuses
    left_out = client.orders_left_out(taken, views_of(connection))
    if not left_out:
        return ok("statuses", "Every order of the store is in a status that is brought over.")
    return warn(
        "statuses",
        f"{left_out} order{' is' if left_out == 1 else 's are'} in statuses that are not brought over.",
        fix="Add a status if its orders belong in Heartland. An order comes as soon as its status is on the list.",
        fix_page="statuses",
    )


def currencies(connection: Connection, client: MagentoClient) -> Finding:
    """Views in which shoppers pay in another currency than the website reckons in: such orders are held."""
    views = set(views_of(connection))
    shown = Counter(
        str(row.get("default_display_currency_code"))
        for row in client.store_configs()
        if str(row.get("id")) in views and row.get("default_display_currency_code") != connection.store.currency
    )
    if not shown:
        return ok("currencies", f"Every store view of the website sells in {connection.store.currency}.")
    sell = "One store view sells" if shown.total() == 1 else f"{shown.total()} store views sell"
    return warn(
        "currencies",
        f"{sell} in {few(sorted(shown))}, and the website reckons in "
        f"{connection.store.currency}: orders in another currency than Heartland's are held.",
        fix="Let these views sell in the website's currency if their orders are to be booked.",
        fix_page="store",
    )


def sources(connection: Connection, client: MagentoClient) -> Iterator[Finding]:
    """Whether the website has a source to sell from, and sells from no other one than stock is sent to."""
    stock_id = connection.store.facts.get("stock_id")
    if stock_id is None:
        yield ok("sources", "The shop keeps one stock, without sources.")
        return
    rows = client.sources_of_stock(stock_id)
    enabled = [str(row["source_code"]) for row in rows if row.get("enabled") is not False]
    if not enabled:
        yield warn(
            "sources",
            "The website's stock has no source that is switched on: nothing can be sold, whatever quantities we send.",
            fix="Switch a source on in Admin → Stores → Sources, and assign it to the stock of the website.",
            fix_page="store",
        )
        return
    fed = fed_by(connection)
    unfed = [code for code in enabled if code not in fed]
    stocked = client.stocked_count(unfed) if fed and unfed else 0
    if not stocked:
        yield ok("sources", f"The website sells from {few(enabled)}.")
        return
    yield warn(
        "sources",
        f"The website also sells from {few(unfed)}, to which no stock is sent: {stocked} "
        f"quantit{'y stands' if stocked == 1 else 'ies stand'} there, and shoppers buy pieces that Heartland does not "
        "offer.",
        fix="Let a location feed each of them on the Inventory tab. Or set their quantities to 0 in Admin, or take "
        "them out of the website's stock there.",
        fix_page="locations",
    )


def fed_by(connection: Connection) -> set[str]:
    """The sources that some location of Heartland feeds; none before a person chose locations."""
    chosen = connection.counted_locations.filter(location__is_active=True)
    settings = InventorySettings.objects.filter(connection=connection, counts_all_locations=True)
    default = {default_place(connection.store)} if settings.exists() else set()
    return {*chosen.values_list("store_location", flat=True), *default}


def database_zone(client: MagentoClient) -> Finding:
    """Whether times are in UTC: an order that lies in the future betrays a database with a zone of its own (§20.2)."""
    placed, now = client.newest_placed_at(), client.now()
    ahead = placed - now if placed else timedelta()
    if ahead < SURELY_WRONG:
        return ok(
            "database_zone", "The newest order was not placed in the future: the shop's times are as we read them."
        )
    return warn(
        "database_zone",
        f"The shop's newest order is {round(ahead.total_seconds() / 60)} minutes in the future: its database does not "
        "keep UTC, and orders would be looked for at wrong times.",
        fix="Have the host set the database's time zone to UTC, as Magento requires.",
        fix_page="store",
    )
