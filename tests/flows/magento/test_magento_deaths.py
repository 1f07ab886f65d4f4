"""A worker that dies at any write of Magento's money, before it is asked or once it is answered: it moves once."""

from datetime import timedelta
from decimal import Decimal

import pytest

from connections.models import OrderSettings
from syncjobs.models import Record, SyncJob
from tests.flows.deaths import SIDES, Carry, at_every_write
from tests.flows.magento.conftest import Pair, line
from tests.flows.magento.test_magento_charging import AUTHORISED, captures, payments
from tests.flows.magento.test_magento_refunds import refunds, returns
from tests.flows.magento.test_magento_returns import ONE, given_back, memos
from tests.flows.tills import amounts, record_of, refunding, take_back, work

LATER = timedelta(minutes=5)  # once a write that was not answered shows
TWENTY = Decimal(20)

pytestmark = [pytest.mark.parametrize("side", SIDES), pytest.mark.sampled(1)]


@pytest.fixture
def shop(pair: Pair) -> Pair:
    """Everything that moves money is switched on, and there is enough to sell."""
    pair.magento.put("/_sim/stock", {"sku": "DOG-LEAD", "quantity": "99", "source_code": "harbor_main", "status": 1})
    OrderSettings.objects.filter(connection=pair.connection).update(books_refunds=True, charges_at_shipment=True)
    refunding(pair.connection)
    return pair


def gone_on(shop: Pair) -> None:
    work(shop.connection, at=LATER)
    assert not SyncJob.objects.filter(status=SyncJob.Status.PENDING).exists()


def test_what_leaves_is_charged_and_told_once(shop: Pair, side: str) -> None:
    def deed(number: int, carry: Carry) -> None:
        order_id = shop.book(line("DOG-LEAD", "20.00", 2), **AUTHORISED)
        shop.invoice(order_id)
        carry(shop.follow_invoices)
        gone_on(shop)
        assert (captures(shop, order_id), len(shop.shipments(order_id))) == (["40.00"], 1)
        assert payments(shop, order_id) == [("complete", 2 * TWENTY)]

    assert at_every_write("shipments", side, deed) >= 2


def test_what_is_given_back_of_an_open_order_is_off_it_once(shop: Pair, side: str) -> None:
    def deed(number: int, carry: Carry) -> None:
        order_id = shop.book(line("DOG-LEAD", "20.00", 2))
        shop.act(order_id, "refund", lines=[{"line": 0, "quantity": 1}])
        carry(lambda: shop.run(order_id))
        gone_on(shop)
        (standing,) = [row for row in shop.living() if order_id in str(row["public_id"])]
        assert (str(standing["id"]), standing["status"]) == (shop.record(order_id).target_id, "open")
        assert (shop.goods(order_id), shop.paid(order_id)) == ({"DOG-LEAD": (1, TWENTY)}, [TWENTY])
        assert shop.record(order_id).to_distribute == 1

    assert at_every_write("orders", side, deed) >= 4


def test_what_is_given_back_of_what_left_is_one_return(shop: Pair, side: str) -> None:
    def deed(number: int, carry: Carry) -> None:
        order_id = shop.book(line("DOG-LEAD", "20.00", 2))
        shop.invoice(order_id)
        work(shop.connection)
        shop.act(order_id, "refund", lines=[{"line": 0, "quantity": 1}])
        shop.run(order_id)  # which queues the refund
        carry(shop.settle)
        gone_on(shop)
        (told,) = refunds(shop, order_id)
        assert told.disposition == Record.Disposition.BOOKED, told.reason
        made = returns(shop)
        assert [row["status"] for row in made] == ["complete"] * number
        assert amounts(made, "total") == amounts(made, "total_paid") == [-TWENTY] * number

    assert at_every_write("refunds", side, deed) >= 3


def test_what_came_back_at_the_till_is_one_memo(shop: Pair, side: str) -> None:
    def deed(number: int, carry: Carry) -> None:
        order_id = shop.book(line("DOG-LEAD", "20.00", 2))
        made = shop.invoice(order_id)
        work(shop.connection)
        ticket = take_back(shop.heartland, shop.connection, made, ONE)
        carry(lambda: work(shop.connection))
        gone_on(shop)
        assert amounts(memos(shop, order_id), "grand_total") == [TWENTY]
        assert (given_back(shop, order_id), record_of(ticket).disposition) == (["refund"], "booked")

    assert at_every_write("returns", side, deed) >= 1
