"""How many SKUs a rule would be about, before it is saved: by the catalogue as last read, nobody is asked."""

from connections.models import Connection
from mappings.models import CatalogueSku, Side, StockLevel
from syncjobs.pages.items.item_lists import COUNTED_AT_MOST

AT_ONCE = 2_000


def outlook(connection: Connection, field: str, value: str) -> str:
    """In a sentence, of a rule for one SKU or for all items with a value in a field."""
    if not value:
        return "Name the SKU, or the value of the field, first."
    levels = StockLevel.objects.filter(connection=connection)
    if not field:
        return about(levels.filter(sku=value).values("sku").distinct().count())
    rows = CatalogueSku.objects.filter(connection=connection, side=Side.HEARTLAND).order_by("pk")
    facts = list(rows.values_list("external_id", "facts")[: COUNTED_AT_MOST + 1])
    items = [int(number) for number, one in facts if str(one.get("custom", {}).get(field, "")) == value]
    skus: set[str] = set()
    for start in range(0, len(items), AT_ONCE):
        skus |= set(levels.filter(item_id__in=items[start : start + AT_ONCE]).values_list("sku", flat=True))
    rest = f" That is among the first {COUNTED_AT_MOST:,} items." if len(facts) > COUNTED_AT_MOST else ""
    return f"{about(len(skus))}{rest}"


def about(count: int) -> str:
    return f"As last read, it would be about {'1 SKU' if count == 1 else f'{count:,} SKUs'} whose stock is sent."
