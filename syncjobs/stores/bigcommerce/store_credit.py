"""Store credit at BigCommerce. Its notes §22."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from connections.connectors.bigcommerce import BigCommerceClient
from connections.connectors.bigcommerce.base import ROWS_PER_PAGE
from errors.failures import NotFound
from mappings.core.bigcommerce.store_credit import credit_fields, credit_from_bigcommerce
from mappings.core.canonical.card import HeldCard


class BigCommerceStoreCredit:
    """Fulfils `port.StoreCredit`. A checkout spends it without asking anybody."""

    most_asked: int | None = None

    def __init__(self, client: BigCommerceClient) -> None:
        self._client = client

    def check(self) -> None:
        """No call: every store lets us."""

    def card(self, card_id: str) -> HeldCard:
        found = self.of([card_id])
        if not found:
            raise NotFound(f"The store has no account {card_id}.")
        return found[0]

    def of(self, account_ids: Sequence[str]) -> list[HeldCard]:
        parts = (account_ids[at : at + ROWS_PER_PAGE] for at in range(0, len(account_ids), ROWS_PER_PAGE))
        rows = (row for part in parts for row in self._client.customers_with_credit(part))
        return [one for one in map(credit_from_bigcommerce, rows) if one.id in account_ids]

    def changed_since(self, moment: datetime) -> Iterator[list[HeldCard]]:
        for rows in self._client.customer_credit_pages(moment):
            yield [credit_from_bigcommerce(row) for row in rows]

    def part(self, position: str) -> tuple[list[HeldCard], str]:
        return [credit_from_bigcommerce(row) for rows in self._client.customer_credit_pages(None) for row in rows], ""

    def move(self, card_id: str, known: Decimal, delta: Decimal, *, is_good: bool) -> HeldCard | None:
        """Two calls. The store overwrites what is there: so it is read right before, and left alone if it moved."""
        if self.card(card_id).balance != known:
            return None
        self._client.customer_update(card_id, **credit_fields(known + delta))
        return HeldCard(id=card_id, number="", balance=known + delta, face=known + delta)
