"""What people wrote on an order, for its page: the texts as last read, and where each went."""

import json
from dataclasses import dataclass

from syncjobs.flows.orders.write_texts import IN_FIELD, LEFT_OUT
from syncjobs.models import OrderText, Record


@dataclass(frozen=True, kw_only=True)
class WrittenRow:
    """One text. `text` is None once it is not kept any more: the store has it."""

    label: str
    text: str | None
    is_hidden: bool = False  # the person's role does not see what people write
    place: str  # in words
    is_left_out: bool


def written_rows(record: Record, *, shows_texts: bool) -> list[WrittenRow]:
    """In the order of the facts; texts are decrypted here only, and for those alone who may see shoppers."""
    rows = (record.facts.get("written") or {}).get("rows") or []
    if not rows:
        return []
    rows_kept = OrderText.objects.filter(connection=record.connection, external_id=record.external_id)
    kept = rows_kept.first() if shows_texts else None
    texts = [row["text"] for row in json.loads(kept.content)] if kept else []
    return [
        WrittenRow(
            label=row["label"],
            text=texts[index] if index < len(texts) else None,
            is_hidden=not shows_texts,
            place=in_words(row["place"], row["field"]),
            is_left_out=row["place"] == LEFT_OUT,
        )
        for index, row in enumerate(rows)
    ]


def in_words(place: str, field: str) -> str:
    """Where a text goes."""
    if place == IN_FIELD:
        return f"field {field} of the sales order"
    return "left out: no field is chosen for it" if place == LEFT_OUT else "with its line"
