"""A list of existing gift cards, by number and balance; a row that cannot be read is refused by its line."""

from dataclasses import dataclass
from decimal import Decimal

from mappings.core.rules.amounts_read import Unreadable, amount, decimal_sign
from mappings.core.rules.card_numbers import OddNumber, card_number
from mappings.core.rules.tables import ListRefused, lines_of

COLUMNS = ("number", "balance")
MOST_ROWS = 20_000


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A card as the list has it."""

    line: int  # 0 where the list is no file
    number: str
    balance: Decimal


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A line that is not taken, and why; a number stands in it by its end alone."""

    line: int  # 0 where the list is no file
    why: str


@dataclass(frozen=True, kw_only=True)
class CardList:
    cards: tuple[Listed, ...]
    same: tuple[LeftOut, ...]  # lines that say what another line said
    refused: tuple[LeftOut, ...]


def cards_read(text: str) -> CardList:
    """Raises ListRefused for the whole file."""
    lines = list(lines_of(text, COLUMNS))
    if len(lines) > MOST_ROWS:
        raise ListRefused(f"The file has more than {MOST_ROWS:,} rows: send it in parts.")
    sign = decimal_sign(line.cells[1] for line in lines)
    cards: dict[str, Listed] = {}
    same: list[LeftOut] = []
    refused: list[LeftOut] = []
    for line in lines:
        try:
            found = _listed(line.number, line.cells[0], line.cells[1], sign)
        except (OddNumber, Unreadable) as why:
            refused.append(LeftOut(line=line.number, why=str(why)))
            continue
        known = cards.setdefault(found.number, found)
        if known is found:
            continue
        if known.balance == found.balance:
            same.append(LeftOut(line=line.number, why=f"The card of line {known.line} again."))
        else:
            said = f"The card of line {known.line} again, with {found.balance} where it has {known.balance}."
            refused.append(LeftOut(line=line.number, why=said))
    return CardList(cards=tuple(cards.values()), same=tuple(same), refused=tuple(refused))


def _listed(line: int, number: str, balance: str, sign: str) -> Listed:
    """Raises OddNumber or Unreadable."""
    worth = amount(balance, sign)
    if worth < 0:
        raise Unreadable(f"A card is not worth less than nothing, as {worth}.")
    return Listed(line=line, number=card_number(number), balance=worth)
