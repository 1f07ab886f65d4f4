"""Gift certificates at BigCommerce. Its notes §23."""

from collections.abc import Iterator
from decimal import Decimal
from zoneinfo import ZoneInfo

from connections.connectors.bigcommerce import BigCommerceClient
from connections.models import Store
from mappings.core.bigcommerce.certificates import balance_body, card_from_bigcommerce, certificate_body
from mappings.core.canonical.card import HeldCard


class BigCommerceCertificates:
    """Fulfils `port.GiftCards`. A checkout spends them without asking anybody."""

    asks_before_spending = False

    def __init__(self, client: BigCommerceClient, store: Store) -> None:
        self._client = client
        self._store = store

    @property
    def _zone(self) -> ZoneInfo:
        merchant = self._store.merchant
        return ZoneInfo(merchant.time_zone if merchant else "UTC")

    def pages(self) -> Iterator[list[HeldCard]]:
        after, has_more = 0, True
        while has_more:
            rows, has_more = self._client.certificates_page(after)
            yield [card_from_bigcommerce(row, self._zone) for row in rows]
            after = max([after, *(int(row["id"]) for row in rows)])

    def card(self, card_id: str) -> HeldCard:
        return card_from_bigcommerce(self._client.certificate_read(card_id), self._zone)

    def numbered(self, number: str) -> HeldCard | None:
        found = self._client.certificates_with_code(number)
        return card_from_bigcommerce(found[0], self._zone) if found else None

    def create(self, number: str, balance: Decimal, *, holder: str, email: str) -> HeldCard:
        body = certificate_body(number, balance, holder, email)
        return card_from_bigcommerce(self._client.certificate_create(body), self._zone)

    def move(self, card_id: str, known: Decimal, delta: Decimal, *, is_good: bool) -> HeldCard | None:
        """Two calls. The store overwrites what is there: so it is read right before, and left alone if it moved."""
        answer = self._client.certificate_read(card_id)
        if card_from_bigcommerce(answer, self._zone).balance != known:
            return None
        body = balance_body(answer, known + delta, is_good=is_good)
        return card_from_bigcommerce(self._client.certificate_update(card_id, body), self._zone)
