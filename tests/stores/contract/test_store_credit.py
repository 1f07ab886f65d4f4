"""Store credit as any store that offers it has to keep it: read for many, and moved from what was known."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from errors.failures import NotFound
from tests.stores.under_test import Counted, StoreUnderTest


def test_credit_is_moved_from_what_was_known_or_not_at_all(under_test: StoreUnderTest) -> None:
    counted, account = Counted(), str(under_test.sandbox.rows("customers")[0]["id"])
    credit = under_test.opened(counted).store_credit
    before = credit.card(account)
    assert (before.id, before.number, len(counted.calls)) == (account, "", 1)
    del counted.calls[:]
    moved = credit.move(account, before.balance, Decimal("12.50"), is_good=True)
    assert (moved and moved.balance, len(counted.calls)) == (before.balance + Decimal("12.50"), 2)
    assert credit.card(account) == moved
    assert credit.move(account, before.balance, Decimal(5), is_good=True) is None
    assert credit.card(account) == moved


def test_credit_of_some_and_of_all(under_test: StoreUnderTest) -> None:
    account = str(under_test.sandbox.rows("customers")[0]["id"])
    counted = Counted()
    credit = under_test.opened(counted).store_credit
    held = credit.card(account)
    assert credit.of([account, "999999"]) == [held]
    assert len(counted.calls) == 2
    everybody = {one.id for page in credit.pages(None) for one in page}
    assert everybody == {str(row["id"]) for row in under_test.sandbox.rows("customers")}
    assert [one for page in credit.pages(timezone.now() + timedelta(days=365)) for one in page] == []
    with pytest.raises(NotFound):
        credit.card("999999")
