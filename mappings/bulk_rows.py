"""Many rows with one statement; what the database refuses of them is parted until the bad ones stand alone."""

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import DataError, IntegrityError, transaction

T = TypeVar("T")
NOT_KEPT = "Our database does not take it ({}): it is left out, and everything else goes on."

logger = logging.getLogger(__name__)


def write_apart(write: Callable[[Sequence[T]], object], rows: Sequence[T]) -> list[tuple[T, str]]:
    """Write all rows; answers those that were refused, each with words for a person."""
    if not rows:
        return []
    try:
        with transaction.atomic():
            write(rows)
    except (DataError, IntegrityError, ValueError) as refusal:  # ValueError: text that no database encodes
        if len(rows) > 1:
            middle = len(rows) // 2
            return write_apart(write, rows[:middle]) + write_apart(write, rows[middle:])
        logger.warning("row refused", extra={"row": str(rows[0])[:80], "error": type(refusal).__name__})
        return [(rows[0], NOT_KEPT.format(type(refusal).__name__))]
    return []
