"""Points and groups of accounts: a call for each question, and a write that is safe to repeat."""

from datetime import UTC, datetime

import pytest

from errors.failures import Rejected, SyncFailure
from tests.stores.under_test import Counted, StoreUnderTest

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def test_an_account_shows_what_was_written_and_nothing_else_moves(under_test: StoreUnderTest) -> None:
    field, group, counted = under_test.points_field(), under_test.group_made("Gold"), Counted()
    account = str(under_test.sandbox.rows("customers")[0]["id"])
    loyalty = under_test.opened(counted).loyalty
    before = loyalty.member(account, field)
    assert (before and before.points, len(counted.calls)) == ("", 1)
    for _ in range(2):
        loyalty.points_write(account, field, 120)
        loyalty.group_write(account, group)
    assert len(counted.calls) == 5
    after = loyalty.member(account, field)
    assert after is not None
    assert (after.id, after.points, after.group) == (account, "120", group)
    assert {one.id: one.points for one in loyalty.members(field, since=LONG_AGO) if one.points} == {account: "120"}


def test_fields_and_groups_are_named(under_test: StoreUnderTest) -> None:
    field, group = under_test.points_field(), under_test.group_made("Gold")
    loyalty = under_test.opened().loyalty
    assert field in {one.key for one in loyalty.fields()}
    assert loyalty.groups()[group] == "Gold"


def test_an_account_that_is_gone_is_nobody(under_test: StoreUnderTest) -> None:
    loyalty = under_test.opened().loyalty
    assert loyalty.member("999999", under_test.points_field()) is None
    with pytest.raises(SyncFailure) as refused:
        loyalty.points_write("999999", under_test.points_field(), 5)
    assert isinstance(refused.value, Rejected) or refused.value.code == "not_found"
