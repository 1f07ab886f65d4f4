"""The rows that say what the store shows: as it was told, and as it was read. Everything that writes them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection as database
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from connections.models import Connection
from mappings.models import LEFT_ALONE, Link, StockLevel
from syncjobs.engine import dialect

ROWS_AT_ONCE = 2_000
LEVELS_AT_ONCE = 20_000
PUSHED = "UPDATE mappings_stocklevel SET quantity = %s, pushed_at = %s, is_dirty = %s WHERE id = %s AND fence = %s"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A level, and the quantity that the store should show."""

    level: StockLevel
    quantity: int
    reason: str = ""  # why it is not the plain sum


def levels_follow_links(
    connection: Connection, targets: Collection[str], *, is_dirty: bool, only_new: bool = False
) -> int:
    """Give every linked item its level at each location of the store; answers how many were new.

    `only_new` looks at the links that came since the newest level, which is cheap; else at all of them. `is_dirty`
    has the new ones looked at with the ledger; a first full run comes to them by itself.
    """
    links = Link.objects.of(connection, Link.Kind.ITEM)
    newest = StockLevel.objects.filter(connection=connection).order_by("-link").values_list("link", flat=True).first()
    if only_new and newest:
        links = links.filter(pk__gt=newest)
    return sum(_levels_add(connection, links, target, is_dirty=is_dirty) for target in targets)


def _levels_add(connection: Connection, links: QuerySet[Link], target: str, *, is_dirty: bool) -> int:
    known = StockLevel.objects.filter(link=OuterRef("pk"), store_location=target)
    missing = links.filter(~Exists(known)).order_by("pk")
    added, last = 0, 0
    while rows := list(missing.filter(pk__gt=last)[:ROWS_AT_ONCE]):
        fresh = [
            StockLevel(
                connection=connection,
                link=row,
                item_id=int(row.target_id),
                sku=row.source_id,
                store_location=target,
                is_dirty=is_dirty,
            )
            for row in rows
        ]
        added += len(StockLevel.objects.bulk_create(fresh, ignore_conflicts=True))
        last = rows[-1].pk
    return added


def levels_retire(connection: Connection, targets: Collection[str]) -> int:
    """Have the levels of locations that nothing feeds any more looked at: the store is told that there is none."""
    retired = StockLevel.objects.filter(connection=connection, refusal="").exclude(store_location__in=targets)
    return retired.update(is_dirty=True)


def levels_drop(connection: Connection, targets: Collection[str]) -> None:
    """Forget the levels of such locations once the store shows none there, or refuses to be told so."""
    retired = StockLevel.objects.filter(connection=connection).exclude(store_location__in=targets)
    retired.filter(Q(quantity=0, is_dirty=False) | ~Q(refusal="") | LEFT_ALONE).delete()


def levels_between(connection: Connection, after: int, upto: int | None) -> tuple[list[StockLevel], bool]:
    """The levels of items with a greater id, up to `upto` or to the end; and whether these are all of them.

    At most LEVELS_AT_ONCE, whole items only: a catalogue may hold any number of items that never had stock.
    """
    rows = StockLevel.objects.filter(connection=connection, item_id__gt=after).select_related("rule")
    if upto is not None:
        rows = rows.filter(item_id__lte=upto)
    found = list(rows.order_by("item_id", "store_location")[: LEVELS_AT_ONCE + 1])
    if len(found) <= LEVELS_AT_ONCE:
        return found, True
    last = found[-1].item_id
    return [level for level in found if level.item_id < last], False


def levels_to_look_at(
    connection: Connection, moved: Collection[int], pending: Mapping[int, int], *, most: int
) -> list[StockLevel]:
    """The levels of items that moved, those marked, and those whose pending pieces changed."""
    rows = StockLevel.objects.filter(connection=connection, refusal="").select_related("rule")
    found = {row.pk: row for row in rows.filter(item_id__in=moved)} if moved else {}
    found |= {row.pk: row for row in rows.filter(is_dirty=True).order_by("pk")[:most]}
    netted = rows.filter(Q(pending__gt=0) | Q(item_id__in=list(pending)))
    found |= {row.pk: row for row in netted if row.pending != pending.get(row.item_id, 0)}
    return list(found.values())


def moves_count(connection: Connection, moved: Mapping[int, int], today: date, *, fast: int) -> None:
    """Count the ledger's entries of the day by item; what was fast on a day before is looked at, and no longer is."""
    rows = StockLevel.objects.filter(connection=connection)
    stale = rows.filter(moves__gt=0, moves_on__lt=today)
    stale.filter(moves__gte=fast).update(is_dirty=True)
    stale.update(moves=0)
    by_count: dict[int, list[int]] = {}
    for item, count in moved.items():
        by_count.setdefault(count, []).append(item)
    for count, items in by_count.items():
        rows.filter(item_id__in=items).update(moves=F("moves") + count, moves_on=today)


def mark_unknown(wanted: Sequence[Wanted], fence: int) -> list[Wanted]:
    """Before a write: nobody knows what the store holds until it answers. Leaves out what is told something newer."""
    ids = [one.level.pk for one in wanted]
    rows = StockLevel.objects.filter(pk__in=ids, fence__lte=fence)
    rows.update(quantity=None, is_dirty=True, fence=fence)
    ours = set(StockLevel.objects.filter(pk__in=ids, fence=fence, quantity=None).values_list("pk", flat=True))
    return [one for one in wanted if one.level.pk in ours]


def unknown(wanted: Sequence[Wanted]) -> None:
    """Whatever we were told: look again and write it anew."""
    ids = [one.level.pk for one in wanted]
    StockLevel.objects.filter(pk__in=ids).update(quantity=None, is_dirty=True)


def overtaken(connection: Connection, skus: Collection[str]) -> None:
    """The store may have undone what it was told of these since: they are told anew."""
    if skus:
        StockLevel.objects.filter(connection=connection, sku__in=skus).update(quantity=None, is_dirty=True)


def pushed(wanted: Sequence[Wanted], fence: int) -> None:
    """The store took the quantities."""
    moment = dialect.moment(timezone.now())
    with database.cursor() as cursor:
        cursor.executemany(PUSHED, [(one.quantity, moment, False, one.level.pk, fence) for one in wanted])


def refused(level: StockLevel, reason: str) -> None:
    """A side refuses this item; it is left out until a person asks for it again."""
    StockLevel.objects.filter(pk=level.pk).update(refusal=reason[:300], is_dirty=False)


def looked_at(levels: Sequence[StockLevel], pending: Mapping[int, int]) -> None:
    """Nothing has to be written for these."""
    marked = [level.pk for level in levels if level.is_dirty and (level.shown is not None or level.is_left_alone)]
    is_answered = Q(quantity__isnull=False) | Q(fence=0) | LEFT_ALONE
    StockLevel.objects.filter(is_answered, pk__in=marked).update(is_dirty=False)
    by_count: dict[int, list[int]] = {}
    for level in levels:
        if level.pending != pending.get(level.item_id, 0):
            by_count.setdefault(pending.get(level.item_id, 0), []).append(level.pk)
    for count, ids in by_count.items():
        StockLevel.objects.filter(pk__in=ids).update(pending=count)


def clamps_keep(levels: Iterable[StockLevel], clamped: Mapping[int, str]) -> None:
    """Why their numbers are not the plain sum, as worked out now, where that differs from what is kept."""
    by_words: dict[str, list[int]] = {}
    for level in levels:
        if level.clamps != clamped.get(level.pk, ""):
            by_words.setdefault(clamped.get(level.pk, ""), []).append(level.pk)
    for words, ids in by_words.items():
        StockLevel.objects.filter(pk__in=ids).update(clamps=words)
