"""Store credit as any store that offers it has to keep it: read for many, and moved from what was known."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from errors.failures import NotFound
from syncjobs.stores.card_port import StoreCredit
from tests.stores.under_test import CREDIT, Counted, StoreUnderTest


@pytest.fixture(autouse=True)
def lets_us(under_test: StoreUnderTest) -> None:
    under_test.credit_opened()


def test_credit_is_moved_from_what_was_known_or_not_at_all(under_test: StoreUnderTest) -> None:
    counted, account = Counted(), str(under_test.sandbox.rows("customers")[0]["id"])
    credit = under_test.opened(counted).store_credit
    credit.check()
    start = credit.card(account).balance
    before = credit.move(account, start, Decimal(5), is_good=True)
    assert before is not None
    del counted.calls[:]
    assert credit.card(account) == before
    assert (before.id, before.number, before.balance, len(counted.calls)) == (account, "", start + 5, 1)
    del counted.calls[:]
    moved = credit.move(account, before.balance, Decimal("12.50"), is_good=True)
    assert (moved and moved.balance) == before.balance + Decimal("12.50")
    assert len(counted.calls) == under_test.costs.get(CREDIT, 2)
    assert credit.card(account) == moved
    assert credit.move(account, before.balance, Decimal(5), is_good=True) is None
    assert credit.card(account) == moved
    emptied = credit.move(account, before.balance + Decimal("12.50"), -before.balance - Decimal("12.50"), is_good=True)
    assert emptied == credit.card(account)
    assert credit.card(account).balance == 0


def test_credit_of_some_and_of_all(under_test: StoreUnderTest) -> None:
    account = str(under_test.sandbox.rows("customers")[0]["id"])
    counted = Counted()
    credit = under_test.opened(counted).store_credit
    credit.move(account, credit.card(account).balance, Decimal(5), is_good=True)
    held = credit.card(account)
    del counted.calls[:]
    assert credit.of([account]) == [held]
    assert len(counted.calls) == 1
    assert credit.of([account, "999999"]) == [held]
    everybody = _all(credit)
    assert everybody == {str(row["id"]) for row in under_test.sandbox.rows("customers")}
    ever = timezone.now() - timedelta(days=9999)
    changed = {one.id for page in credit.changed_since(ever) for one in page}
    assert changed <= everybody
    assert len(changed) == min(len(everybody), credit.most_asked or len(everybody))
    later = timezone.now() + timedelta(days=365)
    assert [one for page in credit.changed_since(later) for one in page] == []
    for gone in ("card", "move"):
        with pytest.raises(NotFound):
            _ = credit.card("999999") if gone == "card" else credit.move("999999", Decimal(0), Decimal(1), is_good=True)


def _all(credit: StoreCredit) -> set[str]:
    """Part by part, until the store says that it was the last."""
    found: set[str] = set()
    position, is_over = "", False
    while not is_over:
        page, position = credit.part(position)
        assert not found & {one.id for one in page}
        found |= {one.id for one in page}
        is_over = not position
    return found
