"""A gateway's file read into rows. A row that cannot be read is refused by its line and name; the others are taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal

from mappings.core.canonical.payout import PayoutRow, RowKind
from mappings.core.rules import amounts_read
from mappings.core.rules.amounts_read import Unreadable
from mappings.core.rules.payout_formats import KNOWN, Layout
from mappings.core.rules.tables import ListRefused, headings_of, is_shortened, lines_of, same_heading

MOST_ROWS = 50_000
TAKEN = (RowKind.REFUND, RowKind.DISPUTE)


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A line that was left out, and why in words."""

    line: int
    why: str


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a file holds. `without_money` counts rows of which the gateway says that no money moved."""

    layout: str
    rows: tuple[PayoutRow, ...]
    refused: tuple[Refused, ...]
    without_money: int


def layout_of(text: str, others: Sequence[Layout] = ()) -> Layout:
    """The layout whose needed headings the file has; a merchant's own come first. Raises ListRefused."""
    for layout in (*others, *KNOWN):
        try:
            headings_of(text, layout.needed())
        except ListRefused:
            continue
        return layout
    names = ", ".join(layout.name for layout in KNOWN)
    first = next((line for line in text.splitlines() if line.strip()), "").strip()
    if not first:
        raise ListRefused("The file is empty.")
    raise ListRefused(
        f"The first line is of none of the layouts known here ({names}): say which column holds what. "
        f"It reads “{first[:200]}”."
    )


def payouts_read(text: str, layout: Layout, zone: tzinfo) -> Reading:
    """The rows of a file. Moments that name no zone are of `zone`, the merchant's. Raises ListRefused for the whole."""
    found = headings_of(text, layout.needed())
    columns = [name for name in layout.columns() if any(same_heading(name, one) for one in found)]
    lines: list[tuple[int, dict[str, str]]] = []
    for line in lines_of(text, columns):
        if len(lines) == MOST_ROWS:
            raise ListRefused(f"The file has more than {MOST_ROWS:,} rows: send it in parts.")
        lines.append((line.number, dict(zip(columns, line.cells, strict=True))))
    money = [name for name in (layout.gross, layout.fee, layout.net) if name in columns]
    reader = _Reader(
        layout=layout,
        zone=UTC if layout.is_utc else zone,
        sign=amounts_read.decimal_sign(cells[name] for _, cells in lines for name in money),
        day_first=False if layout.month_first else amounts_read.day_first(cells[layout.happened] for _, cells in lines),
    )
    rows, refused, without_money = [], [], 0
    for number, cells in lines:
        try:
            row = reader.row(number, cells)
        except Unreadable as why:
            refused.append(Refused(line=number, why=f"{why}."))
            continue
        if row:
            rows.append(row)
        else:
            without_money += 1
    return Reading(layout=layout.name, rows=tuple(rows), refused=tuple(refused), without_money=without_money)


@dataclass(frozen=True, kw_only=True)
class _Reader:
    layout: Layout
    zone: tzinfo
    sign: str
    day_first: bool | None

    def row(self, number: int, cells: dict[str, str]) -> PayoutRow | None:
        """One line; None where no money moved. Raises Unreadable."""
        layout = self.layout
        kind = self._kind(cells.get(layout.kind, "").strip())
        if kind is None or not self._has_moved(cells):
            return None
        gross, fee, net = self._amounts(cells, kind)
        names = [self._named(cells, name) for name in (layout.id, layout.reference, *layout.references)]
        if shortened := next((name for name in names if is_shortened(name)), ""):
            raise Unreadable(f"“{shortened}” lost digits in a spreadsheet: export it anew and do not save it there")
        return PayoutRow(
            line=number,
            id=names[0] if layout.id else "",
            kind=kind,
            reference=next((name for name in names[1:] if name), names[0] if kind == RowKind.SALE else ""),
            gross=gross,
            fee=fee,
            net=net,
            currency=cells.get(layout.currency, "").strip().upper(),
            happened_at=self._happened(cells),
            available_on=amounts_read.day(cells.get(layout.available, ""), is_day_first=self.day_first),
            payout=cells.get(layout.payout, "").strip(),
            text=cells.get(layout.text, "").strip()[:200],
        )

    def _happened(self, cells: dict[str, str]) -> datetime:
        told = cells[self.layout.happened]
        named = cells.get(self.layout.zone, "")
        if not self.layout.clock:
            return amounts_read.moment(told, is_day_first=self.day_first, zone=self.zone, zone_name=named)
        clock = cells[self.layout.clock]
        return amounts_read.at(told, clock, is_day_first=self.day_first, zone=self.zone, zone_name=named)

    def _named(self, cells: dict[str, str], column: str) -> str:
        found = cells.get(column, "").strip()
        return "" if found.casefold() == self.layout.none else found

    def _has_moved(self, cells: dict[str, str]) -> bool:
        """Whether the gateway says that it is done with it; what it is not yet comes with a later file."""
        return not self.layout.status or cells[self.layout.status].strip().casefold() in self.layout.settled

    def _kind(self, word: str) -> RowKind | None:
        folded = word.casefold()
        if not self.layout.kind:
            return RowKind.OTHER
        if not folded:
            raise Unreadable("its kind is missing")
        return self.layout.words.get(folded, RowKind.OTHER)

    def _amounts(self, cells: dict[str, str], kind: RowKind) -> tuple[Decimal, Decimal, Decimal]:
        """Gross, fee and net; what the file leaves out is worked out, and what it says must agree."""
        layout = self.layout
        gross = amounts_read.amount(cells[layout.gross], self.sign)
        if layout.refunds_are_positive and kind in TAKEN:
            gross = -abs(gross)
        fee = amounts_read.amount(cells.get(layout.fee, ""), self.sign)
        if layout.fee_is_negative:
            fee = -fee
        if not cells.get(layout.net, "").strip():
            return gross, fee, gross - fee
        net = amounts_read.amount(cells[layout.net], self.sign)
        if gross - fee != net:
            raise Unreadable(f"gross {gross} less fee {fee} is {gross - fee}, and its net says {net}")
        return gross, fee, net
