"""Links as a list: SKU and Item # by line. Read, judged line by line, and only then stored."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet

from connections.models import Connection
from mappings.core.rules import near_misses
from mappings.core.rules.tables import ListRefused, is_shortened, lines_of
from mappings.models import CatalogueSku, Link, Side

SKU, NUMBER = "SKU", "Item #"
HEADER = (SKU, NUMBER, "State", "Product", "Reason", "Suggestion", "Score")
MOST_LINES = 20_000
AT_ONCE = 1_000
SHORTENED = " It looks like a long number that a spreadsheet shortened: format the column as text, and bring it anew."


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a line says: this SKU means the item with this number."""

    sku: str
    item_number: str
    line: int = 0  # of the file; 0: of none


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line, judged: nothing to do, new, or a problem."""

    sku: str
    item_number: str
    line: int = 0
    item_id: str = ""
    problem: str = ""
    note: str = ""  # what is worth knowing, though it stands in no way
    is_new: bool = False


@dataclass(kw_only=True)
class Known:
    """What both catalogues and the links say of some lines, as the last check read them."""

    variants: dict[str, int] = field(default_factory=lambda: defaultdict(int))  # how many have a SKU
    items: dict[str, str] = field(default_factory=dict)  # ids by Item #
    links: dict[str, Link] = field(default_factory=dict)  # by SKU
    listings: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))  # linked SKUs by item id
    alike: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # the store's SKUs, folded


def read(text: str) -> list[Wish]:
    """SKU and Item # of each line that names an Item #. Raises ListRefused."""
    wishes = []
    for line in lines_of(text, (SKU, NUMBER)):
        sku, number = line.cells
        if number:
            wishes.append(Wish(sku=sku, item_number=number, line=line.number))
        if len(wishes) > MOST_LINES:
            raise ListRefused(
                f"More than {MOST_LINES:,} lines name an Item #: that is too many at once. Split the file."
            )
    return wishes


def judged(connection: Connection, wishes: Sequence[Wish]) -> list[Row]:
    """What each line would do. Asks nobody: both sides are as the last check read them."""
    of_sku: dict[str, list[Wish]] = defaultdict(list)
    of_item: dict[str, dict[str, None]] = defaultdict(dict)
    for wish in wishes:
        of_sku[wish.sku].append(wish)
        of_item[wish.item_number][wish.sku] = None
    found: list[Row] = []
    seen: set[tuple[str, str]] = set()
    for start in range(0, len(wishes), AT_ONCE):
        page = wishes[start : start + AT_ONCE]
        known = _known(connection, page)
        for wish in page:
            row = _judged(wish, known, of_sku[wish.sku], list(of_item[wish.item_number]))
            is_again = (wish.sku, wish.item_number) in seen
            seen.add((wish.sku, wish.item_number))
            found.append(row if not is_again else Row(sku=row.sku, item_number=row.item_number, line=row.line))
    return found


def _judged(wish: Wish, known: Known, same_sku: Sequence[Wish], listed: Sequence[str]) -> Row:
    link = known.links.get(wish.sku)
    if link and link.target_label.strip() == wish.item_number:  # as our own export says it
        item_id = link.target_id
    else:
        item_id = known.items.get(wish.item_number, "")
    problem = _problem(wish, known, same_sku, item_id)
    is_new = not problem and (link is None or link.target_id != item_id)
    others = dict.fromkeys([*known.listings.get(item_id, ()), *listed])
    others.pop(wish.sku, None)
    note = f"A further listing of an item that “{next(iter(others))}” means too." if is_new and others else ""
    return Row(
        sku=wish.sku,
        item_number=wish.item_number,
        line=wish.line,
        item_id=item_id,
        problem=problem,
        note=note,
        is_new=is_new,
    )


def _problem(wish: Wish, known: Known, same_sku: Sequence[Wish], item_id: str) -> str:
    if len({one.item_number for one in same_sku}) > 1:
        where = ", ".join(f"with “{one.item_number}” in line {one.line}" for one in same_sku)
        return f"“{wish.sku}” stands {_times(len(same_sku))}, {where}: leave the one that is right."
    count = known.variants.get(wish.sku, 0)
    if not count:
        return f"The store has no SKU “{wish.sku}”.{_hint(wish.sku, known)}"
    if count > 1:
        return f"{count} variants of the store have the SKU “{wish.sku}”."
    if not item_id:
        hint = SHORTENED if is_shortened(wish.item_number) else ""
        return f"Heartland has no Item # “{wish.item_number}”.{hint}"
    return ""


def _times(count: int) -> str:
    return "twice" if count == 2 else f"{count} times"


def _hint(sku: str, known: Known) -> str:
    """What a spreadsheet, or a slip, may have made of a SKU that the store has."""
    if is_shortened(sku):
        return SHORTENED
    alike = sorted(known.alike.get(near_misses.folded(sku), ()))
    words = near_misses.difference(sku, alike[0]) if len(alike) == 1 else ""
    return f" It has “{alike[0]}”, which differs in {words}." if words else ""


def _known(connection: Connection, wishes: Sequence[Wish]) -> Known:
    skus, numbers = [one.sku for one in wishes], [one.item_number for one in wishes]
    rows = CatalogueSku.objects.filter(connection=connection)
    known = Known()
    for sku in rows.filter(side=Side.STORE, sku__in=skus).values_list("sku", flat=True):
        known.variants[sku] += 1
    folded = {near_misses.folded(sku) for sku in skus if sku not in known.variants}
    for key, sku in rows.filter(side=Side.STORE, folded__in=folded).values_list("folded", "sku"):
        known.alike[key].add(sku)
    items = rows.filter(side=Side.HEARTLAND, sku__in=numbers).values_list("sku", "external_id")
    known.items = dict(items)
    links = Link.objects.of(connection, Link.Kind.ITEM)
    known.links = {link.source_id: link for link in links.filter(source_id__in=skus)}
    for item_id, sku in links.filter(target_id__in=known.items.values()).values_list("target_id", "source_id"):
        known.listings[item_id].append(sku)
    return known


def counted(rows: Iterable[Row]) -> tuple[int, int]:
    """How many SKUs a list would link anew, and with how many items: a second listing is no second item."""
    new = [row for row in rows if row.is_new]
    return len(new), len({row.item_id for row in new})


def exported(connection: Connection, skus: QuerySet[CatalogueSku]) -> Iterator[tuple[str, ...]]:
    """SKUs of the store with their links, under HEADER."""
    yield HEADER
    rows = skus.select_related("product")
    last = 0
    while page := list(rows.filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        last = page[-1].pk
        links = dict(
            Link.objects.of(connection, Link.Kind.ITEM)
            .filter(source_id__in=[row.sku for row in page])
            .values_list("source_id", "target_label")
        )
        for row in page:
            yield (
                row.sku,
                links.get(row.sku, ""),
                row.get_state_display(),
                str(row.product.facts.get("name") or ""),
                row.reason,
                row.suggestion,
                str(row.score or ""),
            )
