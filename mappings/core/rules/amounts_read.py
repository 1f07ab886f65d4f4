"""Amounts and days as spreadsheets of any country write them; what can be read in two ways is refused, not guessed."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mappings.core.rules.tables import ListRefused

SPACES = re.compile(r"[\s\u00a0\u202f'’]")
MINUSES = str.maketrans({"−": "-", "–": "-", "\ufe63": "-", "\uff0d": "-"})
PARENTHESES = re.compile(r"\((.*)\)")
MONEY_SIGNS = re.compile(r"^(-?)(?:[A-Z]{3}|[$€£¥])|(?:[A-Z]{3}|[$€£¥])$")
DIGITS = re.compile(r"-?\d+")
LONGEST = 11  # signs before the cents
SPOKEN = re.compile(  # 21-Aug-2026 03:26:12 PM MDT
    r"(\d{1,2}-[A-Za-z]{3}-\d{4} \d{1,2}:\d{2}:\d{2} [AaPp][Mm])(?: (\S{1,40}))?"
)
DAY = re.compile(r"(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})")


class Unreadable(ValueError):
    """A cell that is none; the sentence says why."""


def decimal_sign(cells: Iterable[str]) -> str:
    """What a file's amounts have before their cents, a point or a comma. Raises ListRefused where it cannot be told."""
    found: set[str] = set()
    unclear = ""
    for cell in map(_bare, cells):
        signs = [sign for sign in cell if sign in ".,"]
        if not signs:
            continue
        last, rest = signs[-1], len(cell) - cell.rindex(signs[-1]) - 1
        if signs.count(last) == 1 and (len(set(signs)) > 1 or rest != 3):
            found.add(last)
        elif signs.count(last) > 1:
            found.add("," if last == "." else ".")
        else:
            unclear = unclear or cell
    if len(found) > 1:
        raise ListRefused(
            "Some amounts have a comma before their cents and some a point: save the file with one of them."
        )
    if not found and unclear:
        raise ListRefused(
            f"“{unclear}” may be thousands or a fraction: save the file with two decimals in each amount."
        )
    return found.pop() if found else "."


def amount(cell: str, sign: str) -> Decimal:
    """What a cell says; an empty one is nothing, 0.00. Raises Unreadable."""
    bare = _bare(cell)
    if not bare:
        return Decimal("0.00")
    whole, _, part = bare.replace("." if sign == "," else ",", "").partition(sign)
    if not DIGITS.fullmatch(whole or "0") or not (part.isdigit() or not part):
        raise Unreadable(f"“{cell.strip()}” is no amount")
    if len(whole) > LONGEST:
        raise Unreadable(f"“{cell.strip()[:40]}” is more than anybody was paid")
    if len(part) > 2 and part.rstrip("0")[2:]:
        raise Unreadable(f"“{cell.strip()}” has parts of a cent")
    return Decimal(f"{whole or '0'}.{part or '0'}").quantize(Decimal("0.01"))


def _bare(cell: str) -> str:
    text = SPACES.sub("", cell).translate(MINUSES)
    if inside := PARENTHESES.fullmatch(text):
        text = f"-{inside[1]}"
    return MONEY_SIGNS.sub(r"\1", text).removesuffix("-") if not text.endswith("-") else f"-{text[:-1]}"


def day_first(cells: Iterable[str]) -> bool | None:
    """Whether a file's days stand before its months; None where no day tells. Raises ListRefused where both do."""
    told: set[bool] = set()
    for cell in cells:
        if (found := DAY.match(cell.strip())) and len(found[1]) < 3:
            if int(found[1]) > 12:
                told.add(True)
            if int(found[2]) > 12:
                told.add(False)
    if len(told) > 1:
        raise ListRefused("Some dates have the day first and some the month: save the file with dates like 2026-03-31.")
    return told.pop() if told else None


def moment(cell: str, *, is_day_first: bool | None, zone: tzinfo, zone_name: str = "") -> datetime:
    """The moment that a cell names, in UTC; one without a zone of its own is of the named one, or of `zone`.

    Raises Unreadable.
    """
    text = cell.strip()
    if spoken := SPOKEN.fullmatch(text):
        return _spoken(spoken, zone)
    if found := DAY.match(text):
        text = _day(found, is_day_first).isoformat() + text[found.end() :]
    try:
        read = datetime.fromisoformat(text.replace("UTC", "Z").replace(" Z", "Z").strip())
    except ValueError as exc:
        raise Unreadable(f"“{cell.strip()}” is no date that we can read") from exc
    return (read if read.tzinfo else in_zone(read, zone_name, zone)).astimezone(UTC)


def _spoken(found: re.Match[str], zone: tzinfo) -> datetime:
    try:
        read = datetime.strptime(found[1].title(), "%d-%b-%Y %I:%M:%S %p")  # noqa: DTZ007  its zone stands behind it
    except ValueError as exc:
        raise Unreadable(f"“{found[0]}” is no date that we can read") from exc
    return in_zone(read, found[2] or "", zone).astimezone(UTC)


def day(cell: str, *, is_day_first: bool | None) -> date | None:
    """The day that a cell names, None of an empty one. Raises Unreadable."""
    text = cell.strip()
    if not text:
        return None
    if not (found := DAY.match(text)):
        raise Unreadable(f"“{text}” is no date that we can read")
    return _day(found, is_day_first)


def at(day_cell: str, time_cell: str, *, is_day_first: bool | None, zone: tzinfo, zone_name: str = "") -> datetime:
    """A moment whose day and time stand in two cells. Raises Unreadable."""
    found = day(day_cell, is_day_first=is_day_first)
    if found is None:
        raise Unreadable("the date is missing")
    try:
        clock = time.fromisoformat(time_cell.strip()) if time_cell.strip() else time()
    except ValueError as exc:
        raise Unreadable(f"“{time_cell.strip()}” is no time of day") from exc
    return in_zone(datetime.combine(found, clock), zone_name, zone).astimezone(UTC)


def in_zone(read: datetime, name: str, otherwise: tzinfo) -> datetime:
    """A time of day in a named zone. An hour that comes twice as summer ends is the second one where the name says so.

    Raises Unreadable.
    """
    is_second = name.strip().upper() in {"PST", "MST", "CST", "EST", "CET"}
    return read.replace(tzinfo=zone_named(name, otherwise), fold=int(is_second))


def zone_named(name: str, otherwise: tzinfo) -> tzinfo:
    """The zone of this name, such as America/Chicago or UTC. Raises Unreadable for what names none, such as PDT."""
    if not name.strip():
        return otherwise
    try:
        return ZoneInfo(SHORT_ZONES.get(name.strip().upper(), name.strip()))
    except (ZoneInfoNotFoundError, ValueError) as exc:
        raise Unreadable(f"“{name.strip()}” is no time zone that we know") from exc


SHORT_ZONES = {  # as gateways write them; both halves of the year are one zone
    "UTC": "UTC", "GMT": "UTC", "PST": "America/Los_Angeles", "PDT": "America/Los_Angeles", "MST": "America/Denver",
    "MDT": "America/Denver", "CST": "America/Chicago", "CDT": "America/Chicago", "EST": "America/New_York",
    "EDT": "America/New_York", "CET": "Europe/Berlin", "CEST": "Europe/Berlin",
}  # fmt: skip


def _day(found: re.Match[str], is_day_first: bool | None) -> date:
    first, second, third = found[1], found[2], found[3]
    try:
        if len(first) == 4:
            return date(int(first), int(second), int(third))
        if len(third) != 4:
            raise Unreadable(f"“{found[0]}” has no year of four digits")
        if is_day_first is None and first != second:
            raise Unreadable(f"“{found[0]}” may be a day of either month: use dates like 2026-03-31")
        months = (second, first) if is_day_first else (first, second)
        return date(int(third), int(months[0]), int(months[1]))
    except ValueError as exc:
        raise exc if isinstance(exc, Unreadable) else Unreadable(f"“{found[0]}” is no day") from exc
