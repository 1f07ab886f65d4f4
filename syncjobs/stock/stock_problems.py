"""Stock that does not get through: on the Errors tab, with the cause in words and the fix."""

from collections.abc import Iterable
from datetime import datetime

from connections.models import Connection
from errors.failures import ConfigurationFailure, Violation
from errors.models import SyncError
from errors.services import error_record, error_resolve
from syncjobs.flows.settled import stays_closed
from syncjobs.stock.push_levels import Pushed

FLOW = "stock"


def note(connection: Connection, pushed: Pushed, now: datetime) -> None:
    """Write down what was refused; close what was refused before and is taken now."""
    refused_note(connection, [(one.level.sku, words) for one, words in pushed.refused], now)
    taken = [one.level.sku for one in pushed.taken]
    healed = SyncError.objects.open().filter(connection=connection, flow=FLOW, external_id__in=taken)
    for sku in healed.values_list("external_id", flat=True):
        error_resolve(connection=connection, flow=FLOW, external_id=sku, now=now)


def refused_note(connection: Connection, refused: Iterable[tuple[str, str]], now: datetime) -> None:
    """SKUs that are left out until they are mended, each with the other side's words."""
    for sku, words in refused:
        failure = failure_of(sku, words)
        if stays_closed(connection, FLOW, sku, failure.summary):  # as it stands on the Errors tab
            continue
        error_record(
            connection=connection,
            flow=FLOW,
            external_id=sku,
            label=f"Stock of {sku}",
            failure=failure,
            state=SyncError.State.HELD,
            now=now,
            attempts=1,
        )


def failure_of(sku: str, words: str) -> ConfigurationFailure:
    """A refusal as a cause that a merchant can mend. BigCommerce notes §20.2."""
    if "tracked by product" in words:
        cause = Violation(
            code="stock_of_whole_product",
            sentence="BigCommerce counts whole products where Heartland counts each variant.",
            fix="In BigCommerce, let these products track inventory by variant, then retry.",
            fix_page="store",
        )
    elif "ocation" in words and "not found" in words:
        cause = Violation(
            code="stock_location_gone",
            sentence="BigCommerce no longer has the location that shows some stock.",
            fix="Read BigCommerce's locations on the Inventory tab, and choose where the stock is shown.",
            fix_page="locations",
        )
    elif words.startswith("Heartland"):
        cause = Violation(
            code="stock_unreadable",
            sentence="Heartland does not say what it has of some items.",
            fix="Look at these items in Heartland, then retry.",
            fix_page="heartland",
        )
    elif "not found" in words or "identity" in words:
        cause = Violation(
            code="stock_sku_gone",
            sentence="BigCommerce no longer knows the SKU of linked items.",
            fix="Check all items, and link or exclude what changed its SKU.",
            fix_page="items",
        )
    else:
        cause = Violation(
            code="stock_refused",
            sentence="BigCommerce refuses the stock of some items.",
            fix="See what BigCommerce says, mend the product there, then retry.",
            fix_page="store",
        )
    return ConfigurationFailure(f"{sku}: {words}", violations=(cause,))
