"""Customer accounts: read whole, changed where they differ, and nothing else of them moves."""

from datetime import UTC, datetime

from mappings.core.canonical.customer import Customer, CustomerField
from mappings.core.canonical.order import Address
from syncjobs.stores import port
from tests.stores.under_test import Counted, StoreUnderTest

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
ANA = {
    CustomerField.EMAIL: "ana.port@example.org", CustomerField.FIRST_NAME: "Ana", CustomerField.LAST_NAME: "Lopez",
}  # fmt: skip
HOME = Address(
    first_name="Ana", last_name="Lopez", line_1="12 Elm St", city="Austin", state="TX", postal_code="78701",
    country="US", phone="5125550100",
)  # fmt: skip
MOVED = Address(
    first_name="Ana", last_name="Lopez", line_1="7 Oak Ave", city="Austin", state="TX", postal_code="78702",
    country="US", phone="5125550100",
)  # fmt: skip


def read(customers: port.Customers, account_id: str) -> Customer:
    found = customers.account(account_id)
    assert found is not None
    return found


def streets(account: Customer) -> dict[str, str]:
    return {one.id: one.address.line_1 for one in account.addresses}


def test_an_account_is_made_found_and_changed_and_nothing_else_of_it_moves(under_test: StoreUnderTest) -> None:
    counted = Counted()
    customers = under_test.opened(counted).customers
    made = customers.create(ANA)
    assert [one.id for one in customers.of_email("ana.port@example.org")] == [made]
    before = read(customers, made)
    assert {name: before.said(name) for name in ANA} == ANA
    assert len(counted.calls) == 3
    told = customers.write(before, port.AccountWrite(values={CustomerField.LAST_NAME: "Lopez-Diaz"}))
    assert len(counted.calls) == 4
    assert told.said(CustomerField.LAST_NAME) == "Lopez-Diaz"
    after = read(customers, made)
    assert dict(after.values) == {**before.values, CustomerField.LAST_NAME: "Lopez-Diaz"}


def test_an_address_is_added_and_corrected_beside_the_others(under_test: StoreUnderTest) -> None:
    customers = under_test.opened().customers
    made = customers.create(ANA)
    one = customers.write(read(customers, made), port.AccountWrite(address_adds=[HOME]))
    (first,) = one.addresses
    two = customers.write(read(customers, made), port.AccountWrite(address_adds=[MOVED]))
    assert streets(two)[first.id] == "12 Elm St"
    assert sorted(streets(two).values()) == ["12 Elm St", "7 Oak Ave"]
    changed = customers.write(read(customers, made), port.AccountWrite(address_changes={first.id: MOVED}))
    assert streets(changed) == streets(read(customers, made))
    assert streets(changed)[first.id] == "7 Oak Ave"


def test_accounts_are_listed_by_change_and_by_id_and_the_gone_are_left_out(under_test: StoreUnderTest) -> None:
    counted = Counted()
    customers = under_test.opened(counted).customers
    made = customers.create(ANA)
    assert made in {one.id for one in customers.changed_since(LONG_AGO)}
    before = len(counted.calls)
    assert [one.id for one in customers.accounts([made, "999999"])] == [made]
    assert customers.account("999999") is None
    assert len(counted.calls) == before + 2
    assert customers.accounts_at_once >= 100
    assert isinstance(customers.groups(), dict)
