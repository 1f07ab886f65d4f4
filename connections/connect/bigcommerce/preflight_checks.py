"""What is looked at in a BigCommerce store before orders flow."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice

from connections.connect.bigcommerce.clients import bigcommerce_setup_client
from connections.connectors.bigcommerce import BigCommerceClient
from connections.models import Connection
from connections.preflight.findings import ROWS_LOOKED_AT, Finding, amount_of, few, looked, ok, warn
from ipaas.counts import many
from ipaas.types import JSON, CallObserver

NEWEST_ORDERS = 100
INCOMPLETE = 0  # a checkout that was never finished: no order, whatever a merchant chooses


def checks(connection: Connection, observer: CallObserver) -> list[Finding]:
    """Every check at the store; one that fails to look says so and spares the others."""
    client = bigcommerce_setup_client(connection.store, observer)
    return [
        *looked("statuses", lambda: [statuses(connection, client)]),
        *looked("capture", lambda: recent_orders(connection, client)),
        *looked("products", lambda: products(connection, client)),
        *looked("skus", lambda: skus(client)),
    ]


def statuses(connection: Connection, client: BigCommerceClient) -> Finding:
    """How many orders stand in statuses that are not brought over."""
    taken = set(connection.order_settings.eligible_statuses)
    names = {int(row["id"]): str(row.get("custom_label") or row.get("name")) for row in client.order_statuses()}
    counts = {
        status: count
        for status, count in client.orders_count().items()
        if count > 0 and str(status) not in taken and status != INCOMPLETE
    }
    if not counts:
        return ok("statuses", "Every order of the store is in a status that is brought over.")
    most_first = sorted(counts.items(), key=lambda pair: -pair[1])
    listed = ", ".join(f"{names.get(status, status)} ({count})" for status, count in most_first)
    return warn(
        "statuses",
        f"{many(sum(counts.values()), 'order is', 'orders are')} in statuses that are not brought over: {listed}.",
        fix="Add a status if its orders belong in Heartland. An order comes as soon as its status is on the list.",
        fix_page="statuses",
    )


def recent_orders(connection: Connection, client: BigCommerceClient) -> Iterator[Finding]:
    """What the newest orders tell: payments that are only authorised, gift wrapping, fees."""
    orders = client.orders_newest(NEWEST_ORDERS)
    waiting = sum(1 for order in orders if order.get("payment_status") == "authorized")
    if waiting:
        yield warn(
            "capture",
            f"Of the newest {len(orders)} orders {many(waiting, 'is', 'are')} paid for by authorisation only: "
            "the money is not yet taken, and it may not be there any more when the goods ship.",
            fix="Set the payment gateway to “authorize and capture” in BigCommerce.",
            fix_page="store",
        )
    else:
        yield ok("capture", f"None of the newest {len(orders)} orders waits for its payment to be captured.")
    wrapped = _with_cost(orders, "base_wrapping_cost", "wrapping_cost_ex_tax")
    if wrapped and not connection.order_settings.gift_wrap_item_id:
        yield warn(
            "gift_wrap_used",
            f"Of the newest {len(orders)} orders {many(wrapped, 'has', 'have')} gift wrapping, and no item stands for "
            "it: such orders wait.",
            fix="Choose the Heartland item that stands for gift wrapping.",
            fix_page="orders",
        )
    handled = _with_cost(orders, "base_handling_cost", "handling_cost_ex_tax")
    if handled and not connection.order_settings.fee_item_id:
        yield warn(
            "fees_used",
            f"Of the newest {len(orders)} orders {many(handled, 'has', 'have')} a handling fee, and no item stands "
            "for it: such orders wait.",
            fix="Choose the Heartland item that stands for fees and handling.",
            fix_page="orders",
        )


def products(connection: Connection, client: BigCommerceClient) -> Iterator[Finding]:
    """Products that may be gift wrapped while no item stands for it, without stock tracking, or that cost nothing."""
    rows = list(islice(client.iter_products(), ROWS_LOOKED_AT))
    wrapped = sum(1 for row in rows if row.get("gift_wrapping_options_type") not in (None, "", "none"))
    if wrapped and not connection.order_settings.gift_wrap_item_id:
        yield warn(
            "gift_wrap",
            f"{wrapped} of {len(rows)} products may be gift wrapped. Such orders wait while no item stands for it.",
            fix="Choose the Heartland item that stands for gift wrapping.",
            fix_page="orders",
        )
    else:
        yield ok("gift_wrap", "Gift wrapping stands in no order's way.")
    untracked = sum(1 for row in rows if row.get("inventory_tracking") == "none")
    if untracked:
        yield warn(
            "tracking_off",
            f"Of {many(len(rows), 'product')} {many(untracked, 'does', 'do')} not track stock: the store sells "
            "without limit, and is told no number.",
            fix="Switch stock tracking on in BigCommerce for those that can run out.",
            fix_page="store",
        )
    else:
        yield ok("tracking_off", f"All {many(len(rows), 'product')} track their stock.")
    free = [str(row.get("sku") or row.get("name")) for row in rows if row.get("is_visible") and _is_free(row)]
    if free:
        yield warn(
            "products_free",
            f"Of {many(len(rows), 'product')} {many(len(free), 'is', 'are')} on sale at the price 0: "
            f"{few(sorted(free))}.",
            fix="Give them a price in BigCommerce, or hide them, unless they are to be given away.",
            fix_page="store",
        )
    else:
        yield ok("products_free", f"None of {many(len(rows), 'product')} is on sale for nothing.")


def _is_free(row: JSON) -> bool:
    return not row.get("is_price_hidden") and amount_of(row.get("price")) == 0


def skus(client: BigCommerceClient) -> Iterator[Finding]:
    """Variants without a SKU, and SKUs that differ by case or blanks only: the first thousand are looked at."""
    rows = list(islice(client.iter_variants(only=("sku",)), ROWS_LOOKED_AT))
    looked = f"the first {len(rows)} variants" if len(rows) == ROWS_LOOKED_AT else f"all {many(len(rows), 'variant')}"
    blank = sum(1 for row in rows if not _sku(row))
    alike = Counter(_sku(row).casefold() for row in rows if _sku(row))
    doubled = sorted(sku for sku, count in alike.items() if count > 1)
    padded = sorted(str(row["sku"]) for row in rows if _sku(row) != str(row.get("sku") or ""))
    if not (blank or doubled or padded):
        yield ok("skus", f"Of {looked}, each has a SKU of its own.")
    if blank:
        yield warn(
            "skus_blank",
            f"Of {looked}, {many(blank, 'has', 'have')} no SKU: orders with such a one wait, because nothing "
            "links it to an item.",
            fix="Give them the Item # of Heartland as SKU.",
            fix_page="store",
        )
    if doubled:
        yield warn(
            "skus_double",
            f"Of {looked}, {many(len(doubled), 'SKU is', 'SKUs are')} used twice: {few(doubled)}.",
            fix="Give each variant a SKU of its own.",
            fix_page="store",
        )
    if padded:
        yield warn(
            "skus_blanks_around",
            f"Of {looked}, {many(len(padded), 'SKU begins or ends', 'SKUs begin or end')} with a blank: {few(padded)}.",
            fix="Remove the blanks.",
            fix_page="store",
        )


def _sku(row: JSON) -> str:
    return str(row.get("sku") or "").strip()


def _with_cost(orders: Iterable[JSON], *fields: str) -> int:
    """How many orders have an amount in one of the fields."""
    return sum(1 for order in orders if any(amount_of(order.get(name)) for name in fields))
