"""What a check says of a SKU that other places sell as well."""

from mappings.models import StockLevel
from syncjobs.models import Run, RunChange
from syncjobs.stock.check_levels import change_elsewhere
from syncjobs.stores.level_port import Elsewhere


def test_a_shop_of_many_unfed_places_is_told_in_what_its_column_holds() -> None:
    rows = [Elsewhere(sku="DOG-LEAD", place=f"{number} " + "x" * 200, pieces=1_000_000) for number in range(12)]
    change = change_elsewhere(Run(), StockLevel(sku="DOG-LEAD", quantity=5), rows)
    assert change.reason.startswith("The store also sells 1000000 from 0 xxx")
    assert " and 9 more places, to which no stock is sent. " in change.reason
    assert len(change.reason) <= (RunChange._meta.get_field("reason").max_length or 0)
    assert (change.before, change.after, change.weight) == ("12000005", "5", 12_000_000)
