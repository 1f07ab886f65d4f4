"""What Heartland's desk does to a booked order is read, judged and put to a person; nothing is claimed from memory."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.utils import timezone

from mappings.models import Link
from syncjobs.models import Record
from syncjobs.pages.orders.replay_preview import replay_preview
from syncjobs.stock.pending_pieces import pieces_pending
from syncjobs.stories.demo.sim import cents
from tests.flows import desk
from tests.flows.conftest import Pair
from tests.flows.test_order_changes import choose, five, invoice, state

STORE, HEARTLAND = Record.Choice.STORE, Record.Choice.HEARTLAND


def statuses(pair: Pair, web_id: str) -> list[tuple[str, str]]:
    rows = sorted(pair.sales_orders(web_id), key=lambda row: int(row["id"]))
    return [(str(row["public_id"]).removeprefix(f"BC-{web_id}"), row["status"]) for row in rows]


def set_status(pair: Pair, web_id: str, status_id: int) -> None:
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/status", {"status_id": status_id})


def preview(pair: Pair, web_id: str) -> tuple[str, str]:
    record = pair.record(web_id)
    record.connection = pair.connection
    found = replay_preview(record, timezone.now())
    return str(found.effect), found.sentence


def paid(pair: Pair, order_id: str) -> Decimal:
    return sum((cents(row["amount"]) for row in pair.rows_of("payments", int(order_id))), Decimal(0))


# --- cancelled, and going on again ----------------------------------------------------------------


@pytest.mark.parametrize("status_id", [5, 6])
def test_c02_an_order_that_goes_on_again_is_booked_anew(pair: Pair, status_id: int) -> None:
    web_id = pair.book()
    set_status(pair, web_id, status_id)
    assert pair.run(web_id) == "done"
    assert statuses(pair, web_id) == [("", "canceled")]
    set_status(pair, web_id, 11)
    total = pair.record(web_id).source_total
    assert preview(pair, web_id) == ("create", f"A sales order over {total} with 1 line is made as BC-{web_id}-2.")
    assert pair.run(web_id) == "done"
    assert statuses(pair, web_id) == [("", "canceled"), ("-2", "open")]
    record = pair.record(web_id)
    assert (record.disposition, record.target_label) == ("booked", f"BC-{web_id}-2")
    assert paid(pair, record.target_id) == record.source_total == record.target_total
    assert preview(pair, web_id) == ("nothing", f"Booked as BC-{web_id}-2.")
    assert pair.run(web_id) == "done"
    assert statuses(pair, web_id) == [("", "canceled"), ("-2", "open")]


@pytest.mark.parametrize("write", [("PUT", r"/api/sales/orders/\d+$"), ("POST", r"/api/sales/orders/\d+/payments")])
def test_reopened_while_the_cancelling_had_lost_its_answer(pair: Pair, write: tuple[str, str]) -> None:
    web_id = pair.book()
    set_status(pair, web_id, 5)
    pair.lose(pair.heartland, *write)
    assert pair.run(web_id) == "retry"
    set_status(pair, web_id, 11)
    assert pair.run_until_settled(web_id) == "done"
    assert statuses(pair, web_id) == [("", "canceled"), ("-2", "open")]
    assert paid(pair, pair.sales_orders(web_id)[0]["id"]) in {0, pair.record(web_id).source_total}
    assert pair.record(web_id).disposition == "booked"


def test_reopened_into_a_status_that_is_not_brought_is_skipped(pair: Pair) -> None:
    web_id = pair.book()
    set_status(pair, web_id, 5)
    pair.run(web_id)
    set_status(pair, web_id, 7)
    assert pair.run(web_id) == "done"
    assert state(pair, web_id) == ("skipped", "status_not_eligible")
    assert statuses(pair, web_id) == [("", "canceled")]
    link = Link.objects.get(kind="item", source_id="DOG-LEAD")
    assert pieces_pending(pair.connection, timezone.now())[int(link.target_id)] == 2  # it may be taken up again


@pytest.mark.parametrize("choice", [STORE, HEARTLAND])
def test_cancelled_at_the_desk_is_asked_about_and_never_called_booked(pair: Pair, choice: Record.Choice) -> None:
    web_id = pair.book()
    desk.cancel(pair, pair.record(web_id).target_id)
    assert preview(pair, web_id)[0] == "conflict"
    assert pair.run(web_id) == "hold"
    assert state(pair, web_id) == ("held", "cancelled_in_heartland")
    record = pair.record(web_id)
    assert record.reason.startswith(f"BC-{web_id} was cancelled in Heartland, but the store's order {web_id} goes on")
    assert record.facts["heartland"]["paid"] in {"0", "0.00"}
    assert choose(pair, web_id, choice) == "done"
    if choice == HEARTLAND:
        for _ in range(2):
            assert state(pair, web_id) == ("cancelled", "cancelled_in_heartland")
            assert statuses(pair, web_id) == [("", "canceled")]
            assert pair.run(web_id) == "done"
        return
    assert state(pair, web_id) == ("booked", "")
    assert statuses(pair, web_id) == [("", "canceled"), ("-2", "open")]
    desk.cancel(pair, pair.record(web_id).target_id)
    assert pair.run(web_id) == "hold"  # a choice was about one cancelled sales order, not about the next


def test_cancelled_on_both_sides_is_agreed(pair: Pair) -> None:
    web_id = pair.book()
    desk.cancel(pair, pair.record(web_id).target_id)
    pair.run(web_id)
    set_status(pair, web_id, 5)
    assert pair.run(web_id) == "done"
    assert state(pair, web_id) == ("cancelled", "cancelled")
    set_status(pair, web_id, 11)
    assert pair.run(web_id) == "done"
    assert statuses(pair, web_id) == [("", "canceled"), ("-2", "open")]


# --- changed at the desk --------------------------------------------------------------------------


def reprice(pair: Pair, order_id: str) -> None:
    (row,) = pair.rows_of("order_lines", int(order_id))
    pair.heartland_client().order_line_update(order_id, str(row["id"]), adjusted_unit_price=1)


def add_line(pair: Pair, order_id: str) -> None:
    pair.heartland_client().order_line_add(order_id, desk.line(pair, "LGT-LANT", 1, "0.00"))


def other_customer(pair: Pair, order_id: str) -> None:
    pair.heartland_client().order_update(order_id, customer_id=desk.stranger(pair))


def other_address(pair: Pair, order_id: str) -> None:
    order = pair.heartland_client().order_read(order_id)
    body = {
        "first_name": "Ann", "last_name": "Ruiz", "line_1": "9 Elm St", "city": "Bend", "state": "OR",
        "postal_code": "97701", "country": "US",
    }  # fmt: skip
    address = pair.heartland_client().address_create(str(order["customer_id"]), body)
    pair.heartland_client().order_update(order_id, shipping_address_id=int(address))


def give_back(pair: Pair, order_id: str) -> None:
    desk.pay(pair, order_id, -cents(pair.heartland_client().order_read(order_id)["total"]))


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (reprice, "2 for 69.90 → 2 for 2.00"),
        (add_line, "not there → 1 for 0.00"),
        (other_customer, "Customer: as booked → another one"),
        (other_address, "Shipping address: as booked → another one"),
        (give_back, "Paid: {total} → 0.00"),
    ],
)
@pytest.mark.parametrize("choice", [STORE, HEARTLAND])
def test_an_edit_at_the_desk_is_named_and_asked_about(
    pair: Pair, act: Callable[[Pair, str], None], words: str, choice: Record.Choice
) -> None:
    web_id = pair.book()
    first = pair.record(web_id)
    act(pair, first.target_id)
    assert pair.run(web_id) == "hold"
    assert state(pair, web_id) == ("held", "changed_in_heartland")
    record = pair.record(web_id)
    assert f"BC-{web_id} was changed in Heartland after order {web_id} was booked: " in record.reason
    assert words.format(total=first.target_total) in record.reason
    before = desk.held_there(pair, first.target_id)
    assert choose(pair, web_id, choice) == "done"
    if choice == HEARTLAND:
        assert state(pair, web_id) == ("booked", "kept_as_booked")
        assert pair.record(web_id).target_total == cents(pair.heartland_client().order_read(first.target_id)["total"])
        assert pair.run(web_id) == "done"
        assert desk.held_there(pair, first.target_id) == before
        return
    assert state(pair, web_id) == ("booked", "")
    assert statuses(pair, web_id) == [("", "canceled"), ("-2", "open")]
    assert paid(pair, first.target_id) == 0
    assert pair.record(web_id).target_total == first.source_total


def test_an_edit_that_is_taken_back_asks_nobody_any_more(pair: Pair) -> None:
    web_id = pair.book()
    order_id = pair.record(web_id).target_id
    customer = pair.heartland_client().order_read(order_id)["customer_id"]
    other_customer(pair, order_id)
    assert pair.run(web_id) == "hold"
    pair.heartland_client().order_update(order_id, customer_id=customer)
    assert pair.run(web_id) == "done"
    assert state(pair, web_id) == ("booked", "")


def test_a_choice_is_about_one_state_of_both_sides(pair: Pair) -> None:
    web_id = pair.book()
    order_id = pair.record(web_id).target_id
    five(pair, web_id)
    pair.run(web_id)
    assert choose(pair, web_id, HEARTLAND) == "done"
    reprice(pair, order_id)
    assert pair.run(web_id) == "hold"
    assert state(pair, web_id) == ("held", "changed_in_heartland")
    assert "The store changed the order too: DOG-LEAD: 2 for 69.90 → 5 for 174.75" in pair.record(web_id).reason
    assert choose(pair, web_id, HEARTLAND) == "done"
    add_line(pair, order_id)
    assert pair.run(web_id) == "hold"
    assert choose(pair, web_id, STORE) == "done"
    assert statuses(pair, web_id) == [("", "canceled"), ("-2", "open")]
    assert [row["qty"] for row in pair.rows_of("order_lines", int(pair.record(web_id).target_id))] == [5]


def test_how_far_an_order_is_fulfilled_is_taken_over(pair: Pair) -> None:
    web_id = pair.book()
    order_id = pair.record(web_id).target_id
    pair.heartland_client().order_update(order_id, sales_rep="Kim", custom={"web_order_number": "changed"})
    invoice(pair, web_id, lines=[{"sku": "DOG-LEAD", "qty": 1}])
    assert pair.run(web_id) == "done"
    record = pair.record(web_id)
    assert (record.disposition, record.code, record.is_distributed) == ("booked", "", True)
    assert record.facts["heartland"]["lines"][0]["is_distributed"] is True
    pair.heartland.post("/_sim/staff/invoice", {"order_id": int(order_id)})
    assert pair.run(web_id) == "done"
    assert pair.record(web_id).facts["heartland"]["status"] == "closed"
    assert state(pair, web_id) == ("booked", "")


def test_what_the_desk_changed_and_shipped_is_only_kept(pair: Pair) -> None:
    web_id = pair.book()
    invoice(pair, web_id, lines=[{"sku": "DOG-LEAD", "qty": 1}])
    other_customer(pair, pair.record(web_id).target_id)
    assert pair.run(web_id) == "hold"
    assert state(pair, web_id) == ("held", "changed_in_heartland_after_invoice")
    assert choose(pair, web_id, HEARTLAND) == "done"
    assert state(pair, web_id) == ("booked", "kept_as_booked")


def test_of_an_order_booked_before_evidence_was_kept_total_and_life_are_judged(pair: Pair) -> None:
    web_id = pair.book()
    record = pair.record(web_id)
    old = {name: value for name, value in record.facts.items() if name not in {"booked_there", "judged"}}
    Record.objects.filter(pk=record.pk).update(facts=old)
    assert pair.run(web_id) == "done"
    assert pair.record(web_id).facts["booked_there"] == record.facts["booked_there"]
    Record.objects.filter(pk=record.pk).update(facts=old)
    reprice(pair, record.target_id)
    assert pair.run(web_id) == "hold"
    assert "Total: " in pair.record(web_id).reason


def test_what_is_kept_of_a_booking_names_nobody(pair: Pair) -> None:
    web_id = pair.book()
    kept = repr(pair.record(web_id).facts)
    assert not [word for word in ("Ann", "Ruiz", "Bay St", "example.com", "2515550100") if word in kept]


# --- a preview's promise --------------------------------------------------------------------------


def cancelled_here(pair: Pair, web_id: str) -> None:
    set_status(pair, web_id, 5)


def reopened(pair: Pair, web_id: str) -> None:
    set_status(pair, web_id, 5)
    pair.run(web_id)
    set_status(pair, web_id, 11)


def cancelled_there(pair: Pair, web_id: str) -> None:
    desk.cancel(pair, pair.record(web_id).target_id)


def repriced(pair: Pair, web_id: str) -> None:
    reprice(pair, pair.record(web_id).target_id)


def accepted(pair: Pair, web_id: str) -> None:
    """Chosen, and not worked on yet."""
    five(pair, web_id)
    pair.run(web_id)
    record = pair.record(web_id)
    Record.objects.filter(pk=record.pk).update(choice=STORE, choice_about=record.facts["about"])


def forgotten(pair: Pair, web_id: str) -> None:
    """Only the record is left, as of an order that was skipped."""
    Link.objects.filter(kind=Link.Kind.ORDER, source_id=web_id).delete()


def untouched(pair: Pair, web_id: str) -> None:
    return None


@pytest.mark.parametrize(
    ("act", "effect", "writes", "end"),
    [
        (untouched, "nothing", [], "done"),
        (forgotten, "nothing", [], "done"),
        (cancelled_here, "cancel", ["POST", "PUT"], "done"),
        (reopened, "create", ["POST", "POST", "POST", "PUT"], "done"),
        (accepted, "create", ["POST", "POST", "POST", "PUT", "POST", "POST", "PUT"], "done"),  # what nobody took, too
        (cancelled_there, "conflict", [], "hold"),
        (repriced, "conflict", [], "hold"),
        (five, "conflict", [], "hold"),
    ],
)
def test_a_replay_does_what_its_preview_said(
    pair: Pair, act: Callable[[Pair, str], None], effect: str, writes: list[str], end: str
) -> None:
    web_id = pair.book()
    act(pair, web_id)
    calls = [len(pair.heartland.get("/_sim/calls", log=1)["log"])]
    said, sentence = preview(pair, web_id)
    log = pair.heartland.get("/_sim/calls", log=1)["log"]
    assert {call["method"] for call in log[calls[0] :]} <= {"GET"}
    assert pair.run(web_id) == end
    done = pair.heartland.get("/_sim/calls", log=1)["log"][len(log) :]
    assert (said, [call["method"] for call in done if call["method"] != "GET"]) == (effect, writes)
    if effect == "conflict":
        assert sentence == f"{pair.record(web_id).reason} You choose."
    if effect == "create":
        assert pair.record(web_id).target_label == f"BC-{web_id}-2"
        assert f" as BC-{web_id}-2" in sentence
