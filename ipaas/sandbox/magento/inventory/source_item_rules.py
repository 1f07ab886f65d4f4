"""What the shop refuses in a list of source items; one bad row and nothing is saved (note §15.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ipaas.sandbox.magento.errors import Refused, bad
from ipaas.sandbox.magento.goods.product_rows import product_found
from ipaas.sandbox.magento.state import Row, State

EMPTY_LIST = "Input data is empty"
NOT_SAVED = "Could not save Source Item"
IS_EMPTY = '"%field" can not be empty.'
HAS_BLANKS = '"%field" can not contain whitespaces.'
IS_PADDED = '"%field" can not contain leading or trailing spaces.'
NO_NUMBER = '"%field" should be numeric.'
NO_STATUS = '"%field" should a known status.'
NO_PRODUCT = 'Product with SKU "%field" does not exist.'
STATUSES = (0, 1)


def source_items_check(state: State, wishes: Sequence[Mapping[str, Any]]) -> None:
    """Refuse the list, or let all of it be saved. Raises `Refused`."""
    if not wishes:
        raise bad(EMPTY_LIST)
    validated(error for wish in wishes for error in _errors(state, wish))
    if any(state.sources.first(source_code=wish["source_code"]) is None for wish in wishes):
        raise bad(NOT_SAVED)


def validated(errors: Iterator[Row]) -> None:
    """Raise the inventory's own refusal where there are errors: the first one in words, all of them in a list."""
    found = list(errors)
    if found:
        first = found[0]["message"]
        for name, value in found[0].get("parameters", {}).items():
            first = first.replace(f"%{name}", str(value))
        raise Refused(400, f"Validation Failed: {first}", errors=found)


def error(message: str, field: str) -> Row:
    """One error of one field."""
    return {"message": message, "parameters": {"field": field}}


def _errors(state: State, wish: Mapping[str, Any]) -> Iterator[Row]:
    sku, code = str(wish.get("sku") or ""), str(wish.get("source_code") or "")
    if not sku.strip():
        yield error(IS_EMPTY, "sku")
    elif sku != sku.strip():
        yield error(IS_PADDED, "sku")
    elif state.switches["source_items_need_product"] and product_found(state, sku) is None:
        yield error(NO_PRODUCT, sku)
    if not code.strip():
        yield error(IS_EMPTY, "source_code")
    elif len(code.split()) > 1 or code != code.strip():
        yield error(HAS_BLANKS, "source_code")
    if wish.get("quantity") is None:
        yield error(NO_NUMBER, "quantity")
    if wish.get("status") is None:
        yield error(NO_NUMBER, "status")
    elif wish["status"] not in STATUSES:
        yield error(NO_STATUS, "status")
