"""Heartland asks before money moves on a payment: it is done once, answered in words, and seen on the order's page."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from connections.models import PaymentAddress
from connections.payment_addresses import payment_address_end, payment_address_renew
from ipaas.types import JSON
from syncjobs.models import OwnPaymentWrite, PaymentCall, SalesPayment, SyncJob
from tests import factories
from tests.flows.conftest import Pair
from tests.flows.test_charging import captures, switch


@pytest.fixture
def asked(pair: Pair) -> dict[str, str]:
    """The addresses that somebody gave to Heartland's payment type."""
    switch(pair, authorized_status=11, capture_delay=0)
    return payment_address_renew(pair.connection, factories.member(pair.connection.merchant))


def payment(pair: Pair, web_id: str) -> JSON:
    (order,) = pair.sales_orders(web_id)
    return pair.rows_of("payments", order["id"])[-1]


def ask(address: str, body: Any) -> tuple[int, str]:
    """As Heartland calls; answers the status and what the cashier reads."""
    path = "/hooks" + address.partition("/hooks")[2]
    answer = Client().post(path, json.dumps(body), "application/json")
    return answer.status_code, str(answer.json().get("message", "")) if answer.content else ""


def of(row: JSON, **changes: Any) -> JSON:
    return {"payment_id": str(row["id"]), "amount": f"{row['amount']:.2f}"} | changes


def test_a_charge_in_heartland_takes_the_money_in_the_store_once(pair: Pair, asked: dict[str, str]) -> None:
    web_id = pair.book(payment="authorized")
    row = payment(pair, web_id)
    for _ in range(3):
        assert ask(asked["capture"], of(row))[0] == 200
    (taken,) = captures(pair, web_id)
    assert (taken["amount"], taken["status"]) == (row["amount"], "ok")
    call = PaymentCall.objects.get()
    assert (call.state, call.asked, call.external_id) == ("done", 3, web_id)
    assert call.sentence == f"The money of order {web_id} is there."
    assert SyncJob.objects.filter(flow="orders", external_id=web_id, status="pending").count() == 1
    client = Client()
    client.force_login(factories.member(pair.connection.merchant))
    page = client.get(reverse("order", args=[pair.connection.public_id, web_id])).content.decode()
    assert f"Heartland asked: capture of {row['amount']:.2f}, 3 times" in page


def test_older_senders_name_the_payment_otherwise(pair: Pair, asked: dict[str, str]) -> None:
    web_id = pair.book(payment="authorized")
    row = payment(pair, web_id)
    assert ask(asked["capture"], {"reference_id": str(row["id"]), "amount": f"{row['amount']:.2f}"})[0] == 200
    assert len(captures(pair, web_id)) == 1


def test_refused_money_is_told_to_the_cashier_and_tried_anew_when_asked_again(
    pair: Pair, asked: dict[str, str]
) -> None:
    switch(pair, capture_outcome="authorized")
    web_id = pair.book(payment="authorized")
    row = payment(pair, web_id)
    status, said = ask(asked["capture"], of(row))
    assert (status, said) == (422, f"The payment provider refused the money of order {web_id}.")
    assert PaymentCall.objects.get().state == "refused"
    switch(pair, capture_outcome="captured")
    assert ask(asked["capture"], of(row))[0] == 200
    assert [one["status"] for one in captures(pair, web_id)] == ["error", "ok"]


def test_another_amount_than_what_is_left_is_refused(pair: Pair, asked: dict[str, str]) -> None:
    web_id = pair.book(payment="authorized")
    row = payment(pair, web_id)
    status, said = ask(asked["capture"], of(row, amount="1.00"))
    assert (status, captures(pair, web_id)) == (422, [])
    assert said == f"{row['amount']:.2f} of order {web_id} is still to be charged, and 1.00 was asked for."


def test_a_provider_that_answers_later_is_waited_for_and_no_longer_than_heartland_waits(
    pair: Pair, asked: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("syncjobs.intake.answer_payments.SECONDS", 3.2)
    switch(pair, capture_delay=1000)
    web_id = pair.book(payment="authorized")
    row = payment(pair, web_id)
    status, said = ask(asked["capture"], of(row))
    assert (status, said.endswith("has not answered yet: charge it again in a minute.")) == (503, True)
    pair.bigcommerce.post("/_sim/clock/advance", {"seconds": 1000})
    assert ask(asked["capture"], of(row))[0] == 200
    assert len(captures(pair, web_id)) == 1


def test_a_void_lets_the_promise_go_and_never_what_was_taken(pair: Pair, asked: dict[str, str]) -> None:
    web_id, taken = pair.book(payment="authorized"), pair.book()
    assert ask(asked["void"], of(payment(pair, web_id)))[0] == 200
    pair.bigcommerce.post("/_sim/clock/advance", {"seconds": 60})
    (order,) = [row for row in pair.bigcommerce.rows("orders") if row["id"] == int(web_id)]
    assert order["payment_status"] == "void"
    SalesPayment.objects.create(connection=pair.connection, payment_id="77", external_id=taken)
    status, said = ask(asked["void"], {"payment_id": "77", "amount": "5.00"})
    assert (status, said) == (422, f"The money of order {taken} was taken: refund it in BigCommerce.")


def test_a_refund_is_noted_once_the_store_gave_it_back_and_not_before(pair: Pair, asked: dict[str, str]) -> None:
    web_id = pair.book()
    SalesPayment.objects.create(connection=pair.connection, payment_id="78", external_id=web_id)
    body = {"payment_id": "78", "amount": "5.00"}
    status, said = ask(asked["refund"], body)
    assert (status, said) == (422, f"Refund order {web_id} in BigCommerce first: it shows 0.00 as given back.")
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/refund", {})
    assert ask(asked["refund"], body)[0] == 200


def test_what_we_write_ourselves_is_let_through_once(pair: Pair, asked: dict[str, str]) -> None:
    web_id = pair.book()
    assert OwnPaymentWrite.objects.count() == 1
    row = payment(pair, web_id)
    assert ask(asked["capture"], of(row))[0] == 200
    assert (OwnPaymentWrite.objects.count(), PaymentCall.objects.count()) == (0, 0)
    status, said = ask(asked["capture"], of(row))
    assert (status, said) == (404, f"Payment {row['id']} is of no web order that waits for its money.")


@pytest.mark.django_db(transaction=True)
def test_heartland_itself_asks(transactional_db: None, pair: Pair, asked: dict[str, str], live_server: Any) -> None:
    """Its desk charges a pending payment, and we record payments of a type that asks us about them."""
    ours = {f"{name}_url": live_server.url + "/hooks" + url.partition("/hooks")[2] for name, url in asked.items()}
    kind = f"/api/payment_types/{pair.connection.order_settings.payment_type_id}"
    token = {"Authorization": "Bearer sim-heartland-token"}
    pair.heartland.write("PUT", kind, {"process_payments": "custom_webhooks", **ours}, token)
    paid, web_id = pair.book(), pair.book(payment="authorized")
    assert [payment(pair, one)["status"] for one in (paid, web_id)] == ["complete", "pending"]
    assert (OwnPaymentWrite.objects.count(), PaymentCall.objects.count()) == (0, 0)
    (order,) = pair.sales_orders(web_id)
    pair.heartland_client().order_payment_update(str(order["id"]), str(payment(pair, web_id)["id"]), status="complete")
    assert (len(captures(pair, web_id)), payment(pair, web_id)["status"]) == (1, "complete")
    assert PaymentCall.objects.get().state == "done"


@pytest.mark.parametrize(
    "body",
    [{}, [], "x", {"payment_id": "1"}, {"payment_id": "../1", "amount": "1"}, {"payment_id": "1", "amount": "NaN"},
     {"payment_id": "1", "amount": "0.001"}, {"payment_id": "1", "amount": "1e40"}],
)  # fmt: skip
def test_what_names_no_payment_and_amount_is_refused(pair: Pair, asked: dict[str, str], body: Any) -> None:
    assert ask(asked["capture"], body)[0] == 400
    assert PaymentCall.objects.count() == 0


def test_nobody_is_answered_at_another_address(pair: Pair, asked: dict[str, str]) -> None:
    web_id = pair.book(payment="authorized")
    row = payment(pair, web_id)
    token = asked["capture"].split("/")[-2]
    for address in (asked["capture"].replace(token, "x" * 43), asked["capture"].replace("capture", "steal")):
        assert ask(address, of(row)) == (404, "")
    other = payment_address_renew(pair.connection, factories.member(pair.connection.merchant))
    assert ask(asked["capture"], of(row)) == (404, "")
    payment_address_end(pair.connection, factories.member(pair.connection.merchant))
    assert (ask(other["capture"], of(row)), captures(pair, web_id)) == ((404, ""), [])
    assert token not in str(list(PaymentAddress.objects.values()))
