"""Why a SKU found no item although one looks the same."""

from collections.abc import Iterable


def explain(sku: str, known_numbers: Iterable[str]) -> str:
    """A sentence that names the Item # that nearly equals the SKU and how it differs; "" when none does."""
    raise NotImplementedError
