"""*Show proof*: days with their sums, one day order by order, the file, and today at once."""

from datetime import date

from connections.models import Role
from syncjobs.models import Proof
from syncjobs.proof.judge_order import DISAGREEMENTS, Line, Stray, sums_of
from tests import factories
from tests.screens.conftest import Shop
from tests.tampering import unguarded


def test_days_show_their_newest_proof_and_the_chain(shop: Shop, rival: Shop) -> None:
    factories.proof(shop.connection, day=date(2026, 3, 1), orders=2)
    factories.proof(shop.connection, day=date(2026, 3, 2), orders=2)
    newest = factories.proof(shop.connection, day=date(2026, 3, 2), orders=3)
    factories.proof(rival.connection, orders=9)
    answer = shop.client(Role.VIEWER).get(shop.at("proof/"))
    assert [(row.day.day, row.orders) for row in answer.context["rows"]] == [(2, 3), (1, 2)]
    assert (answer.context["chained"], answer.context["problem"]) == (3, "")
    assert f"{shop.at('proof/')}{newest.pk}/" in answer.content.decode()
    assert shop.at("proof/") in shop.client().get("/").content.decode()


def test_a_broken_chain_is_said(shop: Shop) -> None:
    proof = factories.proof(shop.connection)
    with unguarded("syncjobs_proof"):
        Proof.objects.filter(pk=proof.pk).update(orders=0)
    assert "The chain of proofs is broken." in shop.client().get(shop.at("proof/")).content.decode()


def test_a_day_lists_every_order_and_what_was_fetched(shop: Shop, rival: Shop) -> None:
    proof = factories.proof(shop.connection, orders=2, repaired=["10001"], beyond=["9"])
    page = shop.client(Role.VIEWER).get(shop.at(f"proof/{proof.pk}/")).content.decode()
    assert page.count("BC-1000") == 2
    assert "1 order that nothing here knew of was fetched:" in page
    assert "1 order of this day is here and no longer" in page
    lines = b"".join(shop.client().get(shop.at(f"proof/{proof.pk}/csv/"))).decode().splitlines()
    assert lines[:2] == [
        "Order,State,Heartland number,Reason code,Total in the store,Currency,State in Heartland,"
        "Total in Heartland,Balance in Heartland",
        "10000,Booked,BC-10000,,,,,,",  # a proof of old says nothing of both lists
    ]
    assert lines[-1] == f"Seal,{proof.digest},Follows,"
    foreign = factories.proof(rival.connection)
    for path in (f"proof/{foreign.pk}/", f"proof/{foreign.pk}/csv/"):
        assert shop.client().get(shop.at(path)).status_code == 404


def test_a_store_that_does_not_answer_is_named(shop: Shop) -> None:
    answer = shop.client().post(shop.at("proof/make/"), follow=True)
    assert "Nothing was proved:" in answer.content.decode()
    assert not Proof.objects.exists()
    assert shop.client(Role.VIEWER).post(shop.at("proof/make/")).status_code == 403


def test_what_disagrees_is_said_in_words_with_both_sides_and_a_link(shop: Shop) -> None:
    line = Line(
        order="10000", disposition="disagrees", said="booked", code="cancelled_in_heartland", number="BC-10000",
        currency="EUR", total="20.00", heartland="canceled", heartland_total="20.00", heartland_balance="0.00",
    )  # fmt: skip
    stray = Stray(number="BC-9", id="100009", order="9", status="open", total="5.00", is_known=False)
    proof = factories.proof(shop.connection, strays=[stray.stored()], sums=sums_of([line]), again=["10000", "9"])
    with unguarded("syncjobs_proof"):
        Proof.objects.filter(pk=proof.pk).update(lines=[line.stored()], counts={"disagrees": 1}, sales_orders=7)
    page = shop.client(Role.VIEWER).get(shop.at(f"proof/{proof.pk}/")).content.decode()
    assert "<strong>2 orders disagree.</strong>" in page
    assert DISAGREEMENTS["cancelled_in_heartland"] in page
    assert "Heartland 7 sales orders of the day, whoever made them" in page
    assert [page.count(words) for words in ("€20.00", "BC-9<", shop.at("orders/9/"))] == [3, 1, 1]
    days = shop.client().get(shop.at("proof/")).content.decode()
    assert "They disagree" in days
    lines = b"".join(shop.client().get(shop.at(f"proof/{proof.pk}/csv/"))).decode().splitlines()
    assert lines[1:3] == [
        "10000,They disagree,BC-10000,cancelled_in_heartland,20.00,EUR,canceled,20.00,0.00",
        "9,No such order in the store,BC-9,,,,open,5.00",
    ]


def test_states_of_one_name_are_one_column(shop: Shop) -> None:
    proof = factories.proof(shop.connection, orders=9)
    with unguarded("syncjobs_proof"):
        Proof.objects.filter(pk=proof.pk).update(counts={"booked": 4, "in_flight": 2, "retrying": 3})
    page = shop.client().get(shop.at("proof/")).content.decode()
    assert page.count('<th scope="col" class="num">Waiting</th>') == 1
    assert '<td class="num" data-label="Waiting">5</td>' in page
    assert "5 waiting, 4 booked." in shop.client().get(shop.at(f"proof/{proof.pk}/")).content.decode()
