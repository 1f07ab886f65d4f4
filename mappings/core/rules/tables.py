"""Lists that people bring: bytes as any spreadsheet saves them, read into cells by column, or refused in words."""

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
SEP_LINE = re.compile(r'"?sep=(.)"?[ ,;\t]*$', re.IGNORECASE)  # what some spreadsheets are told the separator by
FORMULA_SIGNS = "=+-@"  # what a spreadsheet takes for a formula, in their full-width forms too
LINE_SIGNS = "\t\r\n"  # … and what some begin another cell with
NUMBER = re.compile(r"-[0-9]{1,30}(?:\.[0-9]{1,30})?")
AS_TEXT = re.compile(r'="(.*)"')  # … and a number that it would take its zeros from
SHORTENED = re.compile(r"\d(?:[.,]\d+)?E\+\d+", re.IGNORECASE)
SHOWN = 60  # characters of a first line that a refusal repeats
BOMS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class ListRefused(Exception):
    """A file that is no such list; the sentence says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """The wanted cells of one line, which counts from 1, the headings' included."""

    number: int
    cells: tuple[str, ...]


def text_of(data: bytes) -> str:
    """A file's text: UTF-8, UTF-16 or Windows-1252, with or without a mark. Signs without meaning are left out."""
    for bom, encoding in BOMS.items():
        if data.startswith(bom):
            return _decoded(data[len(bom) :], encoding)
    if encoding := _without_mark(data):
        return _decoded(data, encoding)
    try:
        return _decoded(data, "utf-8")
    except ListRefused:
        return _decoded(data, "cp1252")


def lines_of(text: str, columns: Sequence[str]) -> Iterator[Line]:
    """Each line's cells of these columns, "" where it is short; blank lines are left out. Raises ListRefused.

    Headings may stand in any case and order, beside others; the separator is found by them, or told by a `sep=` line.
    """
    text, skipped, told = _told(text.removeprefix("\ufeff"))
    separator, places = _separator(text, columns, told)
    rows = _rows(text, separator)
    at_heading = True
    for number, row in rows:
        if not any(cell.strip() for cell in row):
            continue
        if at_heading:
            at_heading = False
            continue
        cells = tuple(cell_text(row[place]) if place < len(row) else "" for place in places)
        yield Line(number=number + skipped, cells=cells)


def headings_of(text: str, needed: Sequence[str]) -> list[str]:
    """All headings of a list that has those needed, as they stand. Raises ListRefused."""
    text, _, told = _told(text.removeprefix("\ufeff"))
    separator, _ = _separator(text, needed, told)
    return [cell.strip() for cell in _heading(text, separator)]


def same_heading(one: str, other: str) -> bool:
    """Whether both name one column: case and blanks do not matter."""
    return _folded(one) == _folded(other)


def cell_text(cell: str) -> str:
    """What a cell says, without what kept a spreadsheet from changing it: the reverse of `cell_for_spreadsheet`."""
    text = cell.strip()
    if text.startswith("'") and _is_guarded(text[1:]):
        return text[1:]
    quoted = AS_TEXT.fullmatch(text)
    return quoted[1].replace('""', '"') if quoted else text


def cell_for_spreadsheet(text: str) -> str:
    """A text that a spreadsheet would take for a formula begins with an apostrophe; a number stays a number.

    A text's own apostrophe in front is doubled, so that `cell_text` reads back what was written. Source: OWASP, CSV
    Injection.
    """
    return f"'{text}" if _is_guarded(text) and not NUMBER.fullmatch(text) else text


def _is_guarded(text: str) -> bool:
    """Whether a text as it is would be read as something else: by a spreadsheet, or by us for a guarded one."""
    if text.startswith(("'", *LINE_SIGNS)):
        return True
    first = unicodedata.normalize("NFKC", text.lstrip()[:1])
    return first != "" and first[0] in FORMULA_SIGNS


def is_shortened(text: str) -> bool:
    """Whether a spreadsheet may have made this of a long number, such as 8.41E+11."""
    return bool(SHORTENED.fullmatch(text))


def _decoded(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as exc:
        raise ListRefused(
            "The file is no text that we can read: save it as CSV in UTF-8, which Excel calls “CSV UTF-8”."
        ) from exc
    return text.replace("\0", "")


def _without_mark(data: bytes) -> str:
    """UTF-16 that does not say so: every other byte of mostly Latin text is zero."""
    start = data[:200]
    if len(start) < 4:
        return ""
    evens, odds = start[::2].count(0), start[1::2].count(0)
    most = 0.8 * len(start) / 2
    return "utf-16-le" if odds > most else "utf-16-be" if evens > most else ""


def _told(text: str) -> tuple[str, int, str]:
    """The text after a `sep=` line, how many lines that leaves out, and the separator that it names."""
    text = io.StringIO(text, newline=None).getvalue()  # line ends of every system as one
    first, _, rest = text.partition("\n")
    told = SEP_LINE.fullmatch(first.strip(" \r"))
    return (rest, 1, told[1]) if told else (text, 0, "")


def _separator(text: str, columns: Sequence[str], told: str) -> tuple[str, list[int]]:
    """What parts the cells, and the places of the columns. Raises ListRefused, saying what stands in the first line."""
    for separator in [told] if told else SEPARATORS:
        names = [_folded(cell) for cell in _heading(text, separator)]
        wanted = [_folded(column) for column in columns]
        if twice := next((name for name in wanted if names.count(name) > 1), ""):
            raise ListRefused(f"The column “{twice}” stands twice in the first line: leave one of them out.")
        if set(wanted) <= set(names):
            return separator, [names.index(name) for name in wanted]
    first = next((line.strip() for line in text.split("\n") if line.strip()), "")
    named = " and ".join(f"“{column}”" for column in columns)
    found = f"it reads “{first[:SHOWN]}{'…' if len(first) > SHOWN else ''}”" if first else "the file is empty"
    raise ListRefused(
        f"The file needs the columns {named} in its first line, and {found}. Commas, semicolons and tabs may part them."
    )


def _heading(text: str, separator: str) -> list[str]:
    """The first line with anything in it, as this separator parts it; none where it cannot."""
    try:
        return next((row for _, row in _rows(text, separator) if any(cell.strip() for cell in row)), [])
    except ListRefused:
        return []


def _rows(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
    while True:
        at = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as exc:
            raise ListRefused(
                f"Line {at} cannot be read: a quotation mark is opened and not closed, or the line is too long."
            ) from exc
        yield at, row


def _folded(heading: str) -> str:
    return re.sub(r"\s+", "", heading).casefold()
