"""Which sales order is ours: by mark or link, never by its number; and nothing of anybody else's is touched."""

from collections.abc import Iterator

import pytest

from connections.connect.bigcommerce.install import store_connect
from connections.headless import pairs_set_up
from connections.models import Connection, Store
from ipaas.types import JSON
from mappings import services
from mappings.core.heartland.marks import Mark, Marking, Owner, bears_mark, order_marked, owner
from mappings.models import Link
from syncjobs.models import Record
from syncjobs.stories.demo.sim import Sandbox, cents
from tests import factories
from tests.flows import desk
from tests.flows.conftest import Pair
from tests.flows.test_order_changes import choose, state
from tests.sandbox.conftest import Running, running

SECOND = "f6g7h8j9k0"


def ours(pair: Pair, web_id: str) -> JSON:
    """The one living sales order that bears the order's mark."""
    mark = Mark(marking=services.marking_of(pair.connection), order_id=web_id)
    (order,) = [row for row in pair.heartland.rows("orders") if row["status"] != "canceled" and bears_mark(row, mark)]
    return order


def held_by(pair: Pair, web_id: str, kind: str) -> str:
    """Somebody else's sales order under the web order's number, before that is booked."""
    number, other = f"BC-{web_id}", desk.stranger(pair)
    total = cents(pair.bigcommerce.get("/_sim/state/orders", id=web_id)["rows"][0]["total_inc_tax"])
    match kind:
        case "open with equal total":
            lines = [desk.line(pair, "LGT-LANT", 1, str(total))]
            return desk.sales_order(pair, number, customer_id=other, lines=lines, opened=True)
        case "pending with other goods":
            lines = [desk.line(pair, "LGT-LANT", 3, "11.00")]
            return desk.sales_order(pair, number, customer_id=other, lines=lines, opened=False)
        case "pending with the same goods and total":
            lines = [desk.line(pair, "DOG-LEAD", 2, "0")]
            return desk.sales_order(pair, number, customer_id=other, lines=lines, opened=False, shipping_charge=total)
        case _:
            mark = services.marking_of(pair.connection)
            fields = {mark.number_field: web_id, mark.store_field: "bigcommerce:another"}
            lines = [desk.line(pair, "DOG-LEAD", 2, str(total / 2))]
            return desk.sales_order(pair, number, customer_id=other, lines=lines, opened=True, custom=fields)


@pytest.mark.parametrize(
    "kind",
    [
        "open with equal total",
        "pending with other goods",
        "pending with the same goods and total",
        "open with another store's mark",
    ],
)
def test_c01_a_number_that_somebody_else_holds_is_passed_over(pair: Pair, kind: str) -> None:
    web_id = pair.place()
    theirs = held_by(pair, web_id, kind)
    before = desk.held_there(pair, theirs)
    assert pair.run(web_id) == "done"
    record, order = pair.record(web_id), ours(pair, web_id)
    assert (record.disposition, record.target_label, order["public_id"]) == (
        "booked", f"BC-{web_id}-2", f"BC-{web_id}-2",
    )  # fmt: skip
    assert record.target_id == str(order["id"]) != theirs
    assert [(row["qty"], row["order_id"]) for row in pair.rows_of("order_lines", order["id"])] == [(2, order["id"])]
    assert desk.held_there(pair, theirs) == before
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/status", {"status_id": 5})
    assert pair.run(web_id) == "done"
    assert desk.held_there(pair, theirs) == before
    assert pair.heartland_client().order_read(str(order["id"]))["status"] == "canceled"


def test_numbers_never_run_out(pair: Pair) -> None:
    web_id, other = pair.place(), desk.stranger(pair)
    for number in (f"BC-{web_id}", *(f"BC-{web_id}-{turn}" for turn in range(2, 28))):
        desk.sales_order(pair, number, customer_id=other, lines=[], opened=False)
    assert pair.run(web_id) == "done"
    assert pair.record(web_id).target_label == f"BC-{web_id}-28"


def equal_unmarked(pair: Pair, web_id: str) -> str:
    """A sales order for the same customer, goods and total, made by hand; nothing of ours remembers the order."""
    first = pair.book()
    customer = int(ours(pair, first)["customer_id"])
    (order,) = pair.bigcommerce.get("/_sim/state/orders", id=web_id)["rows"]
    lines = [desk.line(pair, "DOG-LEAD", 2, "0")]
    total = cents(order["total_inc_tax"])
    return desk.sales_order(pair, f"BC-{web_id}", customer_id=customer, lines=lines, opened=True, shipping_charge=total)


@pytest.mark.parametrize("choice", [Record.Choice.HEARTLAND, Record.Choice.STORE])
def test_an_equal_order_without_a_mark_is_a_question(pair: Pair, choice: Record.Choice) -> None:
    web_id = pair.place()
    theirs = equal_unmarked(pair, web_id)
    before = desk.held_there(pair, theirs)
    assert pair.run(web_id) == "hold"
    assert state(pair, web_id) == ("held", "maybe_ours")
    assert pair.record(web_id).target_id == ""
    assert choose(pair, web_id, choice) == "done"
    label = f"BC-{web_id}" if choice == Record.Choice.HEARTLAND else f"BC-{web_id}-2"
    record = pair.record(web_id)
    assert (record.disposition, record.target_label) == ("booked", label)
    assert (record.target_id == theirs) is (choice == Record.Choice.HEARTLAND)
    assert desk.held_there(pair, theirs) == before
    assert len(desk.living(pair, web_id)) == (1 if choice == Record.Choice.HEARTLAND else 2)


def test_without_the_fields_our_own_link_is_the_evidence(pair: Pair) -> None:
    settings = pair.connection.order_settings
    settings.number_field = settings.source_field = ""
    settings.save()
    web_id = pair.book()
    (order,) = pair.sales_orders(web_id)
    assert order["custom"] == {}
    assert pair.run(web_id) == "done"
    Link.objects.filter(kind=Link.Kind.ORDER).delete()
    assert pair.run(web_id) == "hold"
    assert state(pair, web_id) == ("held", "maybe_ours")
    assert choose(pair, web_id, Record.Choice.HEARTLAND) == "done"
    assert (pair.record(web_id).target_id, len(pair.sales_orders(web_id))) == (str(order["id"]), 1)


def test_an_order_booked_under_another_prefix_is_found_by_its_link(pair: Pair) -> None:
    web_id = pair.place()
    pair.lose(pair.heartland, "PUT", r"/api/sales/orders/\d+$")
    assert pair.run(web_id) == "retry"
    settings = pair.connection.order_settings
    settings.order_prefix = "WEB-"
    settings.save()
    assert pair.run_until_settled(web_id) == "done"
    assert pair.record(web_id).target_label == f"BC-{web_id}"
    assert [row["status"] for row in pair.sales_orders(web_id)] == ["open"]


# --- two stores on one account --------------------------------------------------------------------


@pytest.fixture(scope="session")
def second_store() -> Iterator[Running]:
    server = running("bigcommerce", "--store-hash", SECOND, "--switch", "quota=1000000")
    yield server
    server.close()


@pytest.fixture
def two(pair: Pair, second_store: Running) -> tuple[Pair, Pair]:
    """Two stores with the same order numbers on one Heartland account."""
    store = Sandbox(second_store.fresh())
    merchant = pair.connection.merchant
    store_connect(
        merchant=merchant, store_hash=SECOND, access_token="sim-bigcommerce-token", client_id="simclientid0001",
        client_secret="sim-client-secret-0001", api_base=store.base,
    )  # fmt: skip
    pairs_set_up(merchant, currency="USD", shipping_method="Ground", books_other_payments=True)
    other = Connection.objects.get(store=Store.objects.get(store_hash=SECOND))
    assert other.state == "active"
    return pair, Pair(pair.heartland, store, other)


def share_prefix(second: Pair) -> None:
    """Both stores number alike, as pairs of before may."""
    factories.prefix_as_before([second.connection], "BC-")
    second.connection.order_settings.refresh_from_db()


@pytest.mark.parametrize("is_prefix_shared", [False, True])
def test_two_stores_of_one_account_keep_their_orders_apart(two: tuple[Pair, Pair], is_prefix_shared: bool) -> None:
    first, second = two
    assert [one.connection.order_settings.order_prefix for one in two] == ["BC-", "BC2-"]
    if is_prefix_shared:  # as pairs of before
        share_prefix(second)
    web_id = first.place()
    assert second.place() == web_id
    labels = [f"BC-{web_id}", f"BC-{web_id}-2" if is_prefix_shared else f"BC2-{web_id}"]
    for one, label in zip(two, labels, strict=True):
        assert one.run(web_id) == "done"
        assert one.record(web_id).target_label == label
        assert ours(one, web_id)["public_id"] == label
    second.bigcommerce.post(f"/_sim/orders/{web_id}/status", {"status_id": 5})
    assert second.run(web_id) == "done"
    assert second.record(web_id).disposition == "cancelled"
    assert first.run(web_id) == "done"
    assert first.record(web_id).disposition == "booked"
    standing = [row for row in first.heartland.rows("orders") if str(row["public_id"]) in labels]
    assert [(row["public_id"], row["status"]) for row in sorted(standing, key=lambda row: row["id"])] == [
        (labels[0], "open"), (labels[1], "canceled"),
    ]  # fmt: skip


def test_memory_lost_on_both_sides_adopts_each_stores_own(two: tuple[Pair, Pair]) -> None:
    first, second = two
    web_id = first.place()
    second.place()
    share_prefix(second)
    ids = []
    for one in two:
        assert one.run(web_id) == "done"
        ids.append(one.record(web_id).target_id)
    assert len(set(ids)) == 2
    first.forget(web_id)
    for one, target_id in zip(reversed(two), reversed(ids), strict=True):
        assert one.run(web_id) == "done"
        assert one.record(web_id).target_id == target_id
    assert len(desk.living(first, web_id)) == 2


def test_the_mark_is_exact() -> None:
    marking = Marking(store="bigcommerce:a1", number_field="number", store_field="source")
    mark = Mark(marking=marking, order_id="10457")
    rows: list[tuple[JSON, Owner]] = [
        ({"custom": {"number": "10457", "source": "bigcommerce:a1"}}, Owner.OURS),
        ({"custom": {"number": 10457, "source": " bigcommerce:a1 "}}, Owner.OURS),
        ({"custom": {"number": "10457", "source": "bigcommerce:b2"}}, Owner.SOMEBODY_ELSES),
        ({"custom": {"number": "10458", "source": "bigcommerce:a1"}}, Owner.SOMEBODY_ELSES),
        ({"custom": {"number": "10457", "source": "bigcommerce"}}, Owner.UNKNOWN),
        ({"custom": {"number": "", "source": ""}}, Owner.UNKNOWN),
        ({"custom": None}, Owner.UNKNOWN),
        ({}, Owner.UNKNOWN),
    ]
    assert [owner(row, mark) for row, _ in rows] == [expected for _, expected in rows]
    assert [order_marked(row, marking) for row, _ in rows[:4]] == ["10457", "10457", "", "10458"]
    nowhere = Mark(marking=Marking(store="bigcommerce:a1", number_field="", store_field=""), order_id="10457")
    assert not bears_mark(rows[0][0], nowhere)
    assert mark.fields() == {"number": "10457", "source": "bigcommerce:a1"}
