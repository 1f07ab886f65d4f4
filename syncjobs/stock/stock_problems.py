"""Stock that does not get through: on the Errors tab, with the cause in words and the fix."""

from collections.abc import Callable, Iterable
from datetime import datetime

from connections.models import Connection
from connections.store_kinds import StoreProfile, profile_of
from errors.failures import ConfigurationFailure, SyncFailure, Violation
from errors.issues.record_errors import error_record, error_resolve
from errors.models import SyncError
from syncjobs.flows.settled import stays_closed
from syncjobs.stock.push_levels import Pushed
from syncjobs.stores.level_port import Cause, Refusal

FLOW = "stock"


def note(connection: Connection, pushed: Pushed, now: datetime) -> None:
    """Write down what was refused; close what was refused before and is taken now."""
    profile = profile_of(connection.store)
    refused = [(one.level.sku, failure_of(one.level.sku, refusal, profile)) for one, refusal in pushed.refused]
    _refused_note(connection, refused, now)
    taken = [one.level.sku for one in pushed.taken]
    healed = SyncError.objects.open().filter(connection=connection, flow=FLOW, external_id__in=taken)
    for sku in healed.values_list("external_id", flat=True):
        error_resolve(connection=connection, flow=FLOW, external_id=sku, now=now)


def unreadable_note(connection: Connection, refused: Iterable[tuple[str, str]], now: datetime) -> None:
    """SKUs of which Heartland does not tell the stock, each with its words."""
    _refused_note(connection, [(sku, _failure(sku, words, cause_unreadable())) for sku, words in refused], now)


def _refused_note(connection: Connection, refused: Iterable[tuple[str, SyncFailure]], now: datetime) -> None:
    """SKUs that are left out until they are mended."""
    for sku, failure in refused:
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


def failure_of(sku: str, refusal: Refusal, profile: StoreProfile) -> ConfigurationFailure:
    """A store's refusal as a cause that a merchant can mend."""
    return _failure(sku, refusal.words, CAUSES.get(refusal.cause, cause_unknown)(profile.name))


def cause_by_product(store: str) -> Violation:
    return Violation(
        code="stock_of_whole_product",
        sentence=f"{store} counts whole products where Heartland counts each variant.",
        fix=f"In {store}, let these products track inventory by variant, then retry.",
        fix_page="store",
    )


def cause_place_gone(store: str) -> Violation:
    return Violation(
        code="stock_location_gone",
        sentence=f"{store} no longer has the location that shows some stock.",
        fix=f"Read {store}'s locations on the Inventory tab, and choose where the stock is shown.",
        fix_page="locations",
    )


def cause_sku_gone(store: str) -> Violation:
    return Violation(
        code="stock_sku_gone",
        sentence=f"{store} no longer knows the SKU of linked items.",
        fix="Check all items, and link or exclude what changed its SKU.",
        fix_page="items",
    )


def cause_unknown(store: str) -> Violation:
    return Violation(
        code="stock_refused",
        sentence=f"{store} refuses the stock of some items.",
        fix=f"See what {store} says, correct the product there, then retry.",
        fix_page="store",
    )


def cause_unreadable() -> Violation:
    return Violation(
        code="stock_unreadable",
        sentence="Heartland does not say what it has of some items.",
        fix="Look at these items in Heartland, then retry.",
        fix_page="heartland",
    )


def _failure(sku: str, words: str, cause: Violation) -> ConfigurationFailure:
    return ConfigurationFailure(f"{sku}: {words}", violations=(cause,))


CAUSES: dict[Cause, Callable[[str], Violation]] = {  # by the store's name
    Cause.BY_PRODUCT: cause_by_product,
    Cause.PLACE_GONE: cause_place_gone,
    Cause.SKU_GONE: cause_sku_gone,
}
