"""Counts in sentences."""


def many(count: int, one: str, more: str = "") -> str:
    """`1 line`, `1,204 lines`; `more` where it is not `one` with an s, such as for "order is"."""
    return f"{count:,} {one if count == 1 else more or f'{one}s'}"
