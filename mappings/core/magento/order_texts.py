"""What people wrote on a Magento order beside its goods, and what we wrote there ourselves. Magento notes §8.2, §12."""

import re
from collections.abc import Iterator

from ipaas.cards import mask
from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import Source, Written

TOLD = "Heartland sales order: "  # how our comment begins; what follows is its number
PEOPLE = {"From": "sender", "to": "recipient"}  # of a gift message
OWN = re.compile(r"Heartland sales order: (\S+)")
NOTED = "Tillbridge: "  # how our other comments begin


def comment_of(number: str) -> str:
    """The comment that names our sales order."""
    return f"{TOLD}{number}"


def note_of(text: str) -> str:
    """The comment by which staff are told something of an order."""
    return f"{NOTED}{text}"


def is_noted(order: Row, text: str) -> bool:
    """Whether such a comment stands there."""
    return any(row.text("comment") == note_of(text) for row in _comments(order))


def number_told(order: Row) -> str:
    """Which sales order our newest comment names; "" for none."""
    newest = sorted(_comments(order), key=lambda row: row.whole("entity_id", 0))
    found = (OWN.fullmatch(row.text("comment")) for row in reversed(newest))
    return next((match[1] for match in found if match), "")


def notes_of(order: Row) -> tuple[Written, ...]:
    """The shopper's note, and the comments of staff and gateways in their order; not ours."""
    rows = sorted(_comments(order), key=lambda row: row.whole("entity_id", 0))
    notes = [
        (Source.COMMENT, order.text("customer_note")),
        *((Source.STAFF_NOTES, row.text("comment")) for row in rows),
    ]
    told = [(source, _one_line(text)) for source, text in notes if not _is_ours(text)]
    return tuple(dict.fromkeys(Written(source=source, text=text) for source, text in told if text))


def written_from_magento(order: Row, extra: Row) -> tuple[Written, ...]:
    """Every text of the order, each once. `extra` is what modules add to it."""
    return tuple(dict.fromkeys([*notes_of(order), *_others(extra)]))


def _others(extra: Row) -> Iterator[Written]:
    if place := extra.text("pickup_location_code"):
        yield Written(source=Source.PICKUP, text=_one_line(place))
    message = extra.inside("gift_message")
    people = (f"{word} {message.text(field)}" for word, field in PEOPLE.items() if message.text(field))
    if text := ": ".join(filter(None, [" ".join(people), message.text("message")])):
        yield Written(source=Source.GIFT_MESSAGE, text=_one_line(text))


def _is_ours(text: str) -> bool:
    return bool(OWN.fullmatch(text)) or text.startswith(NOTED)


def _comments(order: Row) -> Iterator[Row]:
    """Rows of the history that hold a comment."""
    return (row for row in order.rows("status_histories", "comment") if row.text("comment"))


def _one_line(text: str) -> str:
    return mask(" ".join(re.sub(r"<[^<>]*>", " ", text).split()))
