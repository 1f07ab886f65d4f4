"""What the bulk price calls refuse row by row, while the other rows are saved (note §14.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from ipaas.sandbox.magento.goods.attribute_rows import PRICE_SCOPE
from ipaas.sandbox.magento.goods.product_rows import product_found
from ipaas.sandbox.magento.goods.tier_prices import group_named
from ipaas.sandbox.magento.settings import setting
from ipaas.sandbox.magento.state import Row, State

PLAIN = "Invalid attribute %fieldName = %fieldValue."
NO_STORE = "Requested store is not found. Row ID: SKU = %SKU, Store ID: %storeId."
SPECIAL_ROW = "Row ID: SKU = %SKU, Store ID: %storeId, Price From: %priceFrom, Price To: %priceTo."
NO_PRODUCT = f"The product that was requested doesn't exist. Verify the product and try again. {SPECIAL_ROW}"
NOT_GLOBAL = f"Could not change non global Price when price scope is global. {SPECIAL_ROW}"
NO_SPECIAL_STORE = f"Requested store is not found. {SPECIAL_ROW}"
BAD_DATE = f"Invalid attribute %label = %priceTo. {SPECIAL_ROW}"
BAD_SPECIAL = f"Invalid attribute Price = %price. {SPECIAL_ROW}"
TIER_ROW = "Row ID: SKU = %SKU, Website ID: %websiteId, Customer Group: %customerGroup, Quantity: %qty."
TIER_KINDS = ("fixed", "discount")
WHOLE = 100
Failure = Row  # {"message", "parameters"}
Check = Callable[[State, Mapping[str, Any]], Iterable[Failure]]


def prices_checked(
    state: State, wishes: Iterable[Mapping[str, Any]], check: Check
) -> tuple[list[Mapping[str, Any]], list[Failure]]:
    """Rows that can be saved, and what is wrong with the others."""
    good: list[Mapping[str, Any]] = []
    failures: list[Failure] = []
    for wish in wishes:
        wrong = list(check(state, wish))
        failures += wrong
        if not wrong:
            good.append(wish)
    return good, failures


def is_price_global(state: State) -> bool:
    """Whether one price holds on every website."""
    return str(setting(state, PRICE_SCOPE)) != "1"


def _failure(message: str, *values: Any) -> Failure:
    return {"message": message, "parameters": ["" if value is None else str(value) for value in values]}


def _number(value: Any) -> int:
    """An id that was sent; -1, which nothing has, where there was none."""
    return -1 if value is None else int(value)


def _is_negative(value: Any) -> bool:
    return value is None or value < 0


def base_check(state: State, wish: Mapping[str, Any], field: str = "price") -> Iterable[Failure]:
    """What is wrong with a row of base prices, or of costs."""
    sku, store = wish.get("sku"), _number(wish.get("store_id"))
    if not sku or product_found(state, sku) is None:
        yield _failure(PLAIN, "SKU", sku)
    if _is_negative(wish.get(field)):
        yield _failure(PLAIN, field.capitalize(), wish.get(field))
    if store not in state.store_views:
        yield _failure(NO_STORE, sku, store)


def cost_check(state: State, wish: Mapping[str, Any]) -> Iterable[Failure]:
    """What is wrong with a row of costs."""
    return base_check(state, wish, "cost")


def special_check(state: State, wish: Mapping[str, Any]) -> Iterable[Failure]:
    """What is wrong with a row of special prices."""
    row = (wish.get("sku"), _number(wish.get("store_id")), wish.get("price_from"), wish.get("price_to"))
    if not row[0] or product_found(state, row[0]) is None:
        yield _failure(NO_PRODUCT, *row)
    if row[1] and is_price_global(state):
        yield _failure(NOT_GLOBAL, *row)
    if row[1] not in state.store_views:
        yield _failure(NO_SPECIAL_STORE, *row)
    if _is_negative(wish.get("price")):
        yield _failure(BAD_SPECIAL, wish.get("price"), *row)
    for label, value in (("Price From", row[2]), ("Price To", row[3])):
        if value and not _is_moment(value):
            yield _failure(BAD_DATE, label, *row)


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).strftime("%Y-%m-%d %H:%M:%S") == text
    except ValueError:
        return False


def tier_check(state: State, wish: Mapping[str, Any]) -> Iterable[Failure]:
    """What is wrong with a row of tier prices."""
    row = (wish.get("sku"), _number(wish.get("website_id")), wish.get("customer_group"), wish.get("quantity"))
    wrong: list[tuple[str, tuple[Any, ...]]] = []
    if not row[0] or product_found(state, row[0]) is None:
        wrong.append(("SKU = %SKU", ()))
    price: Any = wish.get("price")
    if _is_negative(price) or (wish.get("price_type") == "discount" and price > WHOLE):
        wrong.append(("Price = %price", (price,)))
    if wish.get("price_type") not in TIER_KINDS:
        wrong.append(("Price Type = %priceType", (wish.get("price_type"),)))
    if not row[3] or row[3] < 1:
        wrong.append(("Quantity = %qty", ()))
    if row[1] not in state.websites or (row[1] and is_price_global(state)):
        wrong.append(("Website ID = %websiteId", ()))
    if group_named(state, str(row[2] or "")) is None:
        wrong.append(("Customer Group = %customerGroup", ()))
    for what, values in wrong:
        yield _failure(f"Invalid attribute {what}. {TIER_ROW}", *values, *row)
