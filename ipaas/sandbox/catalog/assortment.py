"""The hand-written assortment of Harbor & Pine: grid styles and plain items, each a table beside this file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
LISTED = ("sizes", "colors")  # columns of several values, with a bar between them


class Style(NamedTuple):
    """A grid: every size in every color. Money and weight are texts so that nothing passes through a float."""

    code: str
    name: str
    category: str
    brand: str
    price: str
    cost: str
    weight: str
    sizes: tuple[str, ...]
    colors: tuple[str, ...]
    blurb: str
    size_name: str = "Size"


class Plain(NamedTuple):
    """An item without variants."""

    code: str
    name: str
    category: str
    brand: str
    price: str
    cost: str
    weight: str
    blurb: str


def rows_of(file_name: str) -> Iterator[dict[str, str]]:
    with (HERE / file_name).open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def style_of(row: dict[str, str]) -> Style:
    listed = {name: tuple(filter(None, row[name].split("|"))) for name in LISTED}
    return Style(**(row | listed))  # type: ignore[arg-type]


STYLES = tuple(map(style_of, rows_of("styles.csv")))
PLAIN = tuple(Plain(**row) for row in rows_of("plain_items.csv"))
