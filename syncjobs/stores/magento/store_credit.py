"""Store credit at Adobe Commerce, which shows it from 2.4.9 on. Its notes §18.

A website keeps its own credit of an account. No list tells balances and none when they moved: each is a call.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from itertools import islice

from connections.connectors.magento import MagentoClient, rights
from connections.models import Store
from errors.failures import ConfigurationFailure, NotFound, NotOffered
from mappings.core.canonical.card import HeldCard
from mappings.core.magento.store_credit import credit_from_magento, credit_row, has_begun

MOST_ASKED = 25  # accounts of a look: with its other calls within what an unnamed limit bears in a minute
NOBODYS = "0"  # no account has this id
UNREADABLE = (
    "This Magento lets nobody read store credit: Adobe Commerce does from 2.4.9 on, and Magento Open Source has none."
)
UNWRITABLE = (
    f"The integration may not set store credit: tick {rights.IMPORT.words} in Admin → System → Extensions → "
    "Integrations → API, and save."
)


class MagentoStoreCredit:
    """Fulfils `port.StoreCredit`. A checkout spends it without asking anybody."""

    most_asked: int | None = MOST_ASKED

    def __init__(self, client: MagentoClient, store: Store, currency: str) -> None:
        self._client, self._currency = client, currency
        self._website, self._website_id = str(store.facts.get("website") or ""), int(store.facts.get("website_id") or 0)

    def check(self) -> None:
        """Two calls."""
        try:
            self._client.credit_read(NOBODYS, self._website_id)
        except NotFound:
            pass
        except NotOffered as exc:
            raise NotOffered(UNREADABLE) from exc
        if not self._client.is_let_in("POST", "/import/csv"):
            raise ConfigurationFailure(UNWRITABLE)

    def card(self, card_id: str) -> HeldCard:
        """One call, and one more where an account never had credit: a deleted one is shown alike."""
        answer = self._client.credit_read(card_id, self._website_id)
        if not has_begun(answer) and self._client.customer_read(card_id) is None:
            raise NotFound(f"The store has no account {card_id}.")
        return credit_from_magento(answer, currency=self._currency)

    def of(self, account_ids: Sequence[str]) -> list[HeldCard]:
        found = []
        for one in account_ids:
            with suppress(NotFound):
                found.append(self.card(one))
        return found

    def changed_since(self, moment: datetime) -> Iterator[list[HeldCard]]:
        rows = self._client.customers_changed(moment)
        ours = (str(row["id"]) for row in rows if row.get("website_id") == self._website_id)
        yield self._listed(list(islice(ours, MOST_ASKED)))

    def part(self, position: str) -> tuple[list[HeldCard], str]:
        ids, has_more = self._client.customer_ids_after(position, self._website_id, MOST_ASKED)
        return self._listed(ids), ids[-1] if has_more else ""

    def _listed(self, account_ids: Sequence[str]) -> list[HeldCard]:
        """Of accounts that a list has just named."""
        found = []
        for one in account_ids:
            with suppress(NotFound):
                answer = self._client.credit_read(one, self._website_id)
                found.append(credit_from_magento(answer, currency=self._currency))
        return found

    def move(self, card_id: str, known: Decimal, delta: Decimal, *, is_good: bool) -> HeldCard | None:
        """Three calls. An import sets what is there: so it is read right before, and left alone if it moved."""
        account = self._client.customer_read(card_id)
        if account is None:
            raise NotFound(f"The store has no account {card_id}.")
        if self.card(card_id).balance != known:
            return None
        self._client.credit_import(credit_row(str(account["email"]), self._website, known + delta))
        return HeldCard(id=card_id, number="", balance=known + delta, face=known + delta)
