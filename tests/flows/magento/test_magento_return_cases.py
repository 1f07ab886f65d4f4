"""Returns at a till that Magento's own rules make difficult: M06, M07, M10, and a right that is missing (M33)."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from connections.connectors.magento import MagentoClient
from connections.connectors.needs import gathered
from connections.models import AccessState, Membership, User
from connections.models.people import Role
from errors.models import Issue
from ipaas.types import JSON
from syncjobs.engine.enqueueing import job_enqueue
from syncjobs.engine.rechecking import held_recheck
from syncjobs.engine.sweeping import polls_start
from syncjobs.models import Cursor
from tests.flows.magento.conftest import Pair, line
from tests.flows.tills import amounts, record_of, refunding, take_back, work
from tests.sandbox.magento.magento_api import Api

D = Decimal
TEN_PERCENT = {"rates": {"TX": "10"}, "on_shipping": False}
A, B = {"sku": "DOG-LEAD", "qty": 1}, {"sku": "CMP-JUG", "qty": 1}
KIT = line("LGT-LANT", "0", 1, type="bundle", children=[{"sku": "DOG-LEAD", "price": "42.00"}], dynamic=True)
FEE_ITEM = 100412  # that stands for amounts without goods
CREDIT_MEMO = "Magento_Sales::creditmemo"


@pytest.fixture
def shop(pair: Pair) -> Pair:
    refunding(pair.connection, fee_item_id=str(FEE_ITEM))
    return pair


@pytest.fixture
def owner(shop: Pair) -> User:
    person = User.objects.create(email="owner@example.com")
    Membership.objects.create(user=person, merchant=shop.connection.merchant, role=Role.OWNER)
    return person


def memos(shop: Pair, order_id: str) -> list[JSON]:
    return [row for row in shop.magento.rows("creditmemos") if str(row["order_id"]) == order_id]


def online(shop: Pair, order_id: str) -> list[Decimal]:
    """What the gateway gave back, by transaction."""
    rows = [row for row in memos(shop, order_id) if row.get("transaction_id")]
    return amounts(rows, "base_grand_total")


def refundable(shop: Pair, order_id: str) -> Decimal:
    order = shop.order(order_id)
    return D(str(order["base_total_paid"])) - D(str(order.get("base_total_refunded") or 0))


def given_in_heartland(shop: Pair) -> Decimal:
    rows = shop.heartland.rows("transactions")
    return sum((D(str(row["total"])) for row in rows if row["type"] == "Return"), D(0))


# --- M10: one return, two invoices ----------------------------------------------------------------


def in_two_invoices(shop: Pair) -> tuple[str, str, list[int]]:
    """A for 40.00 with the delivery on one invoice, B for 25.00 on another; answers order, invoice and invoices."""
    goods = [line("DOG-LEAD", "40.00"), line("CMP-JUG", "25.00")]
    order_id = shop.place(*goods, payment="authorized", shipping_amount="8.00", tax=TEN_PERCENT)
    made = [shop.act(order_id, "invoice", lines=[{"line": at, "quantity": 1}])["invoice_id"] for at in (0, 1)]
    assert shop.run(order_id) == "done"
    ours = shop.invoice(order_id)
    work(shop.connection)
    return order_id, ours, made


def test_m10_a_return_that_spans_two_invoices_is_two_memos_online(shop: Pair) -> None:
    order_id, ours, (first, second) = in_two_invoices(shop)
    ticket = take_back(shop.heartland, shop.connection, ours, A, B, tax="-6.50")
    work(shop.connection)
    made = memos(shop, order_id)
    assert [row["invoice_id"] for row in made] == [first, second]
    assert amounts(made, "shipping_amount") == [D(0), D(0)]
    assert online(shop, order_id) == [D("44.00"), D("27.50")]
    assert given_in_heartland(shop) == D("-71.50")
    assert refundable(shop, order_id) == D("8.00")
    record = record_of(ticket)
    assert (record.disposition, record.target_total) == ("booked", D("71.50"))
    for _ in range(2):
        shop.run(order_id)
        work(shop.connection, at=timedelta(minutes=5))
    assert len(memos(shop, order_id)) == 2
    assert given_in_heartland(shop) == D("-71.50")


@pytest.mark.parametrize("fails", [0, 1])
def test_m10_one_that_fails_leaves_the_other_done_and_is_all_that_is_open(shop: Pair, fails: int) -> None:
    order_id, ours, made = in_two_invoices(shop)
    worth = [D("44.00"), D("27.50")]
    ticket = take_back(shop.heartland, shop.connection, ours, A, B, tax="-6.50")
    said = {"message": "The refund was refused by the provider."}
    refused = {"method": "POST", "path": f"/invoice/{made[fails]}/refund", "times": 1, "status": 400, "body": said}
    shop.magento.post("/_sim/faults", refused)
    work(shop.connection)
    assert online(shop, order_id) == [worth[1 - fails]]
    record = record_of(ticket)
    assert (record.disposition, record.code) == ("held", "refund_refused")
    assert f"{worth[1 - fails]} of it was given back" in record.reason
    assert record.target_total == worth[1 - fails]
    shop.run(order_id)
    shop.settle()
    assert given_in_heartland(shop) == D("-71.50")  # the memo is the ticket's, and no refund of its own
    retry(shop, ticket)
    assert sorted(online(shop, order_id)) == [D("27.50"), D("44.00")]
    assert record_of(ticket).disposition == "booked"


def test_m10_an_answer_that_was_lost_between_them_repeats_none(shop: Pair) -> None:
    order_id, ours, (first, _) = in_two_invoices(shop)
    ticket = take_back(shop.heartland, shop.connection, ours, A, B, tax="-6.50")
    rule = {"method": "POST", "path": f"/invoice/{first}/refund", "times": 1, "after": True, "lose": True}
    shop.magento.post("/_sim/faults", rule)
    work(shop.connection)
    assert online(shop, order_id) == [D("44.00")]
    work(shop.connection, at=timedelta(minutes=3))
    assert online(shop, order_id) == [D("44.00"), D("27.50")]
    assert record_of(ticket).disposition == "booked"


def test_what_an_invoice_gave_back_already_is_asked_of_the_next_one(shop: Pair) -> None:
    """Two invoices hold a piece each of one row: the second return is of the second."""
    order_id = shop.place(line("DOG-LEAD", "30.00", 2), payment="authorized")
    invoices = [shop.act(order_id, "invoice", lines=[{"line": 0, "quantity": 1}])["invoice_id"] for _ in range(2)]
    assert shop.run(order_id) == "done"
    ours = shop.invoice(order_id)
    work(shop.connection)
    for _ in range(2):
        take_back(shop.heartland, shop.connection, ours, A)
        work(shop.connection)
    assert [row["invoice_id"] for row in memos(shop, order_id)] == invoices
    assert online(shop, order_id) == [D("30.00"), D("30.00")]


def test_a_fee_that_is_kept_comes_off_both_memos(shop: Pair) -> None:
    order_id, ours, _ = in_two_invoices(shop)
    goods = (A | {"price": "35.00"}, B | {"price": "25.00"})
    ticket = take_back(shop.heartland, shop.connection, ours, *goods, tax="-5.00")
    work(shop.connection)
    assert sum(online(shop, order_id)) == D("65.00")
    assert sum(amounts(memos(shop, order_id), "adjustment_negative")) == D("6.50")
    assert record_of(ticket).disposition == "booked"


def test_cash_for_what_two_invoices_hold_is_one_memo_offline(shop: Pair) -> None:
    order_id, ours, _ = in_two_invoices(shop)
    take_back(shop.heartland, shop.connection, ours, A, B, payment_type="Cash", tax="-6.50")
    work(shop.connection)
    assert (amounts(memos(shop, order_id), "grand_total"), online(shop, order_id)) == ([D("71.50")], [])


def one_by_one(shop: Pair, count: int, *goods: JSON, **recipe: object) -> tuple[str, str, list[int]]:
    """Each piece of the first row on an invoice of its own; answers order, Heartland's invoice and Magento's."""
    order_id = shop.place(*goods, payment="authorized", **recipe)
    made = [shop.act(order_id, "invoice", lines=[{"line": 0, "quantity": 1}])["invoice_id"] for _ in range(count)]
    assert shop.run(order_id) == "done", shop.record(order_id).reason
    ours = shop.invoice(order_id)
    work(shop.connection)
    return order_id, ours, made


def test_a_cent_of_tax_among_three_invoices_goes_back_whole(shop: Pair) -> None:
    order_id, ours, made = one_by_one(shop, 3, line("DOG-LEAD", "21.60", 3), tax={"rates": {"TX": "8.25"}})
    ticket = take_back(shop.heartland, shop.connection, ours, A | {"qty": 3})
    work(shop.connection)
    assert [row["invoice_id"] for row in memos(shop, order_id)] == made
    assert sum(online(shop, order_id)) == D("70.15") == -given_in_heartland(shop)
    assert (refundable(shop, order_id), record_of(ticket).disposition) == (D(0), "booked")


def test_what_staff_gave_back_of_one_invoice_is_not_asked_of_it_again(shop: Pair) -> None:
    order_id, ours, made = one_by_one(shop, 2, line("DOG-LEAD", "30.00", 2))
    shop.switch(integration_as_bearer=True)
    api = Api(shop.shop)
    row = shop.order(order_id)["items"][0]["item_id"]
    body = {"isOnline": True, "items": [{"order_item_id": row, "qty": 1}], "arguments": {"shipping_amount": 0}}
    api.post(f"/V1/invoice/{made[0]}/refund", body).raise_for_status()
    ticket = take_back(shop.heartland, shop.connection, ours, A)
    work(shop.connection)
    assert [row["invoice_id"] for row in memos(shop, order_id)] == made
    assert (online(shop, order_id), record_of(ticket).disposition) == ([D("30.00"), D("30.00")], "booked")


def test_a_configurable_on_two_invoices_comes_back_by_its_own_row(shop: Pair) -> None:
    jacket = line("DOG-LEAD", "120.00", 2, type="configurable", children=[{"sku": "DOG-LEAD"}])
    order_id, ours, made = one_by_one(shop, 2, jacket)
    ticket = take_back(shop.heartland, shop.connection, ours, A | {"qty": 2})
    work(shop.connection)
    assert [row["invoice_id"] for row in memos(shop, order_id)] == made
    assert (online(shop, order_id), record_of(ticket).disposition) == ([D("120.00"), D("120.00")], "booked")


def test_card_and_cash_over_two_invoices_give_the_card_its_part_alone(shop: Pair) -> None:
    order_id, ours, _ = one_by_one(shop, 2, line("DOG-LEAD", "30.00", 2))
    web = int(shop.connection.order_settings.payment_type_id)
    cash = next(row["id"] for row in shop.heartland.rows("payment_types") if row["name"] == "Cash")
    tenders = [{"payment_type_id": web, "amount": -40}, {"payment_type_id": cash, "amount": -20}]
    ticket = take_back(shop.heartland, shop.connection, ours, A | {"qty": 2}, tenders=tenders)
    work(shop.connection)
    assert sum(online(shop, order_id)) == D("40.00")
    assert sum(amounts(memos(shop, order_id), "adjustment_negative")) == D("20.00")
    assert record_of(ticket).disposition == "booked", record_of(ticket).reason


def test_pieces_that_were_never_invoiced_by_a_provider_stay_open_alone(shop: Pair) -> None:
    order_id = shop.place(line("DOG-LEAD", "30.00", 2), payment="authorized")
    shop.act(order_id, "invoice", lines=[{"line": 0, "quantity": 1}])
    shop.act(order_id, "invoice", lines=[{"line": 0, "quantity": 1}], capture=False)
    assert shop.run(order_id) == "done", shop.record(order_id).reason
    ours = shop.invoice(order_id)
    work(shop.connection)
    ticket = take_back(shop.heartland, shop.connection, ours, A | {"qty": 2})
    work(shop.connection)
    assert online(shop, order_id) == [D("30.00")]
    record = record_of(ticket)
    assert (record.disposition, record.code) == ("held", "refund_refused")
    assert "No invoice by which a provider was paid has room for it" in record.reason


# --- M07, M33 -------------------------------------------------------------------------------------


def test_m07_a_return_at_the_till_names_pieces_and_magento_says_both_currencies(shop: Pair) -> None:
    order_id = shop.book(line("DOG-LEAD", "50.00", 2), currency="EUR", rate="0.92")
    ours = shop.invoice(order_id)
    work(shop.connection)
    ticket = take_back(shop.heartland, shop.connection, ours, A)
    work(shop.connection)
    (memo,) = memos(shop, order_id)
    assert amounts([memo], "grand_total") + amounts([memo], "base_grand_total") == [D("46.00"), D("50.00")]
    assert (record_of(ticket).disposition, record_of(ticket).target_total) == ("booked", D("50.00"))


def rights(shop: Pair, resources: Sequence[str]) -> None:
    state = shop.shop.app.service.state
    for row in state.integrations.all():
        state.integrations.update(row["id"], resources=list(resources))


def looked_again(shop: Pair, at: timedelta) -> None:
    """A round over what is held, and what it queued worked."""
    now = timezone.now() + at
    polls_start(now)
    Cursor.objects.filter(feed=Cursor.HELD).update(due_at=now)
    held_recheck(connection=shop.connection, now=now)
    work(shop.connection, at=at)


@pytest.mark.parametrize(
    ("right", "payment"), [("Magento_Sales::sales_creditmemo", {}), (CREDIT_MEMO, {"payment_type": "Cash"})]
)
def test_m33_without_the_right_of_credit_memos_only_refunds_wait_and_then_each_goes_once(
    shop: Pair, right: str, payment: JSON
) -> None:
    sold = [shop.book(line("DOG-LEAD", "20.00", 2)) for _ in range(2)]
    ours = [shop.invoice(order_id) for order_id in sold]
    work(shop.connection)
    everything = sorted({need.scope for need in gathered(MagentoClient)})
    rights(shop, [one for one in everything if one != right])
    tickets = [take_back(shop.heartland, shop.connection, one, A, **payment) for one in ours]
    work(shop.connection)
    assert [record_of(one).code for one in tickets] == ["permission_missing"] * 2
    (issue,) = Issue.objects.filter(connection=shop.connection, is_open=True)
    assert issue.title.startswith("In Magento the permission ")
    assert issue.title.endswith(" > Credit Memos is missing.")
    assert issue.errors.open().count() == 2
    third = shop.book(line("DOG-LEAD", "20.00"))
    shop.invoice(third)
    work(shop.connection)
    assert len(shop.shipments(third)) == 1
    shop.connection.store.refresh_from_db()
    assert shop.connection.store.state == AccessState.CONNECTED
    looked_again(shop, timedelta(minutes=10))
    assert [memos(shop, one) for one in sold] == [[], []]
    rights(shop, everything)
    for hours in (1, 8):
        looked_again(shop, timedelta(hours=hours))
        assert [amounts(memos(shop, one), "grand_total") for one in sold] == [[D("20.00")], [D("20.00")]]
    assert [record_of(one).disposition for one in tickets] == ["booked"] * 2
    assert not Issue.objects.filter(connection=shop.connection, is_open=True).exists()


def retry(shop: Pair, ticket: str) -> None:
    """A person tries it again."""
    record = record_of(ticket)
    job_enqueue(connection=record.connection, flow="returns", external_id=ticket, cause="retry", now=timezone.now())
    work(shop.connection, at=timedelta(minutes=2))
