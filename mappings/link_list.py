"""Links as a list: SKU and Item # by line. Read, judged line by line, and only then stored."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from connections.models import Connection
from mappings.models import CatalogueSku, Link, Side

SKU, NUMBER = "SKU", "Item #"
HEADER = (SKU, NUMBER, "State", "Product", "Reason", "Suggestion", "Score")
MOST_LINES = 20_000
AT_ONCE = 1_000


class ListRefused(Exception):
    """A file that is no list of links; the sentence says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line, judged: nothing to do, new, or a problem."""

    sku: str
    item_number: str
    item_id: str = ""
    problem: str = ""
    is_new: bool = False


def read(text: str) -> list[tuple[str, str]]:
    """SKU and Item # of each line that names an Item #. Raises ListRefused."""
    lines = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    if lines.fieldnames is None or not {SKU, NUMBER} <= set(lines.fieldnames):
        raise ListRefused(f"The file needs the columns “{SKU}” and “{NUMBER}” in its first line: export it to see how.")
    try:
        rows = [(_text(line[SKU]), _text(line[NUMBER])) for line in lines]
    except csv.Error as exc:
        raise ListRefused(f"Line {lines.line_num} cannot be read: save the file as CSV in UTF-8.") from exc
    if len(rows) > MOST_LINES:
        raise ListRefused(f"{len(rows):,} lines are too many at once: {MOST_LINES:,} at most.")
    return [(sku, number) for sku, number in rows if number]


def judged(connection: Connection, rows: Sequence[tuple[str, str]]) -> list[Row]:
    """What each line would do. Asks nobody: both sides are as the last check read them."""
    found: list[Row] = []
    taken: dict[str, str] = {}  # Item # → the SKU of an earlier line
    for start in range(0, len(rows), AT_ONCE):
        found += _judged(connection, rows[start : start + AT_ONCE], taken)
    return found


def _judged(connection: Connection, rows: Sequence[tuple[str, str]], taken: dict[str, str]) -> Iterator[Row]:
    skus, numbers = [sku for sku, _ in rows], [number for _, number in rows]
    known = CatalogueSku.objects.filter(connection=connection)
    variants = dict[str, int]()
    for sku in known.filter(side=Side.STORE, sku__in=skus).values_list("sku", flat=True):
        variants[sku] = variants.get(sku, 0) + 1
    items = dict(known.filter(side=Side.HEARTLAND, sku__in=numbers).values_list("sku", "external_id"))
    links = Link.objects.of(connection, Link.Kind.ITEM)
    mine = dict(links.filter(source_id__in=skus).values_list("source_id", "target_id"))
    theirs = dict(
        links.filter(target_id__in=[str(one) for one in items.values()]).values_list("target_id", "source_id")
    )
    for sku, number in rows:
        item_id = str(items.get(number, ""))
        problem = ""
        if not variants.get(sku):
            problem = f"The store has no SKU “{sku}”."
        elif variants[sku] > 1:
            problem = f"{variants[sku]} variants of the store have the SKU “{sku}”."
        elif not item_id:
            problem = f"Heartland has no Item # “{number}”."
        elif (other := theirs.get(item_id, taken.get(number, sku))) != sku:
            problem = f"Item “{number}” is linked with “{other}”."
        taken.setdefault(number, sku)
        is_new = not problem and mine.get(sku) != item_id
        yield Row(sku=sku, item_number=number, item_id=item_id, problem=problem, is_new=is_new)


def exported(connection: Connection) -> Iterator[tuple[str, ...]]:
    """Every SKU of the store with its link, under HEADER."""
    yield HEADER
    rows = CatalogueSku.objects.filter(connection=connection, side=Side.STORE).select_related("product")
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


def _text(value: str | None) -> str:
    """A cell, without the sign that kept a spreadsheet from taking it for a formula."""
    text = (value or "").strip()
    return text[1:] if text.startswith("'") and text[1:2] in "=+-@" else text
