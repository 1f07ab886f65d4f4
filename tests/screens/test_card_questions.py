"""What only a person can settle, in the card of its cause, over both systems: both versions, and the choices."""

import pytest

from connections import preferences
from connections.models import AuditEntry, OrderSettings, Role
from errors.models import Issue, SyncError
from ipaas.types import JSON
from syncjobs.models import Record
from syncjobs.pages.errors.card_questions import CardQuestion
from syncjobs.pages.shown import mark_of
from tests.flows.conftest import Pair, heartland_server, open_store, pair
from tests.flows.test_order_changes import five, state
from tests.flows.test_refunds import left_with_refund, look, of, run_refunds
from tests.screens.conftest import Shop
from tests.screens.test_card_fixes import card, fix
from tests.screens.test_linking import people_of, said

__all__ = ["heartland_server", "open_store", "pair"]
EDITED = "changed_after_booking"
ONE_PIECE = {"lines": [{"line": 0, "quantity": 1}]}


@pytest.fixture
def shop(pair: Pair) -> Shop:
    return people_of(pair)


def question(shop: Shop, code: str, role: Role = Role.OPS) -> CardQuestion:
    found = card(shop, code, role).question
    assert found is not None
    return found


def answer(shop: Shop, asked: CardQuestion, choice: str, **form: str) -> list[str]:
    wish = {asked.shown_as: asked.shown, "choice": choice, "next": shop.at("errors/")} | form
    answered = shop.client(Role.OPS).post(asked.address, wish, follow=True)
    assert answered.redirect_chain == [(shop.at("errors/"), 302)]
    return said(answered)


def test_an_edit_is_decided_in_the_card(pair: Pair, shop: Shop) -> None:
    web_id = pair.book()
    five(pair, web_id)
    pair.run(web_id)
    asked = question(shop, EDITED)
    assert (asked.changes[0].name, asked.changes[0].booked, asked.changes[0].now) == (
        "DOG-LEAD", "2 for $69.90", "5 for $174.75",
    )  # fmt: skip
    assert [choice for choice, _, _ in asked.choices] == ["store", "heartland"]
    page = shop.client(Role.OPS).get(shop.at("errors/")).content.decode()
    assert f"cancels BC-{web_id} in Heartland and books the order anew" in page
    assert 'data-label="Now">5 for $174.75</td>' in page
    assert answer(shop, asked, "store") == [f"Accept the store's order: Order {web_id} is worked on now."]
    pair.run(web_id)
    assert state(pair, web_id) == ("booked", "")
    assert sorted((row["public_id"], row["status"]) for row in pair.sales_orders(web_id)) == [
        (f"BC-{web_id}", "canceled"), (f"BC-{web_id}-2", "open"),
    ]  # fmt: skip
    assert not Issue.objects.filter(is_open=True).exists()


def test_an_edit_is_kept_in_the_card_of_its_record_too(pair: Pair, shop: Shop) -> None:
    web_id = pair.book()
    five(pair, web_id)
    pair.run(web_id)
    record_page = shop.client(Role.OPS).get(shop.at(f"errors/{SyncError.objects.get().pk}/")).content.decode()
    assert 'data-label="Now">5 for $174.75</td>' in record_page
    answer(shop, question(shop, EDITED), "heartland")
    pair.run(web_id)
    assert state(pair, web_id) == ("booked", "kept_as_booked")


def test_another_state_than_the_card_showed_is_not_decided(pair: Pair, shop: Shop) -> None:
    web_id = pair.book()
    five(pair, web_id)
    pair.run(web_id)
    asked = question(shop, EDITED)
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/edit", {"lines": [{"line": 0, "quantity": 9}]})
    pair.run(web_id)
    (words,) = answer(shop, asked, "store")
    assert words.startswith(f"Nothing was done: Order {web_id} is not as this page showed it any more.")
    assert (pair.record(web_id).choice, len(pair.sales_orders(web_id))) == ("", 1)
    assert question(shop, EDITED).shown == mark_of(pair.record(web_id)) != asked.shown


def test_two_people_decide_and_the_second_is_told_who_was_first(pair: Pair, shop: Shop) -> None:
    web_id = pair.book()
    five(pair, web_id)
    pair.run(web_id)
    asked = question(shop, EDITED)
    answer(shop, asked, "heartland")
    (words,) = answer(shop, asked, "store")
    assert words.startswith(f"Nothing was done: Order {web_id} is not as this page showed it any more.")
    assert shop.people[Role.OPS].email in words
    assert pair.record(web_id).choice == "heartland"
    assert AuditEntry.objects.filter(action="order.decided").count() == 1


def test_who_may_not_retry_sees_both_versions_and_no_buttons(pair: Pair, shop: Shop) -> None:
    web_id = pair.book()
    five(pair, web_id)
    pair.run(web_id)
    page = shop.client(Role.VIEWER).get(shop.at("errors/")).content.decode()
    assert ('data-label="Now">5 for $174.75</td>' in page, 'name="choice"' in page) == (True, False)


def test_a_status_that_waits_is_given_its_meaning_in_the_card(pair: Pair, shop: Shop) -> None:
    owner = shop.people[Role.OWNER]
    held = {"eligible_statuses": ["2", "5"], "held_statuses": ["11", "12"]}
    preferences.order_settings_save(connection=pair.connection, changes=held, actor=owner)
    web_id = pair.place()
    pair.run(web_id)
    form = card(shop, "status_held", Role.OWNER).form
    assert form is not None
    assert (form.label, [key for key, _ in form.options]) == ("Orders in “Awaiting Fulfillment”", ["book", "leave"])
    assert fix(shop, "status_held", Role.OWNER, target="sell") == [
        "Nothing was saved: say what becomes of these orders."
    ]
    assert fix(shop, "status_held", Role.OWNER, target="book") == [
        "Orders in “Awaiting Fulfillment” are booked in Heartland from now on. 1 record is tried again now."
    ]
    kept = preferences.order_settings(pair.connection)
    assert (kept.eligible_statuses, kept.held_statuses) == (["2", "5", "11"], ["12"])
    pair.run(web_id)
    assert pair.record(web_id).disposition == Record.Disposition.BOOKED


def test_a_status_that_is_left_out_skips_its_orders(pair: Pair, shop: Shop) -> None:
    held = {"eligible_statuses": ["11"], "held_statuses": ["11"]}
    preferences.order_settings_save(connection=pair.connection, changes=held, actor=shop.people[Role.OWNER])
    web_id = pair.place()
    pair.run(web_id)
    assert card(shop, "status_held", Role.OPS).form.may is False  # type: ignore[union-attr]
    fix(shop, "status_held", Role.OWNER, target="leave")
    pair.run(web_id)
    assert state(pair, web_id) == ("skipped", "status_not_eligible")
    assert not SyncError.objects.open().exists()


def test_a_table_of_statuses_that_moved_on_is_not_written_over(pair: Pair, shop: Shop) -> None:
    held = {"eligible_statuses": ["2"], "held_statuses": ["11"]}
    owner = shop.people[Role.OWNER]
    preferences.order_settings_save(connection=pair.connection, changes=held, actor=owner)
    web_id = pair.place()
    pair.run(web_id)
    shown = card(shop, "status_held", Role.OWNER)
    assert shown.form is not None
    changed = {"eligible_statuses": ["2", "5"]}
    preferences.order_settings_save(connection=pair.connection, changes=changed, actor=owner)
    wish = {"shown": shown.form.shown, "target": "book", "next": shop.at("errors/")}
    answered = shop.client(Role.OWNER).post(shop.at(f"issues/{shown.issue.pk}/fix/"), wish, follow=True)
    assert said(answered)[0].startswith("Nothing was done: it is set to something else by now.")
    assert preferences.order_settings(pair.connection).held_statuses == ["11"]


@pytest.mark.parametrize(
    ("code", "without", "wish", "form", "said_of_it"),
    [
        ("refund_unmapped", {"books_other_payments": False}, ONE_PIECE, "target", "goes to"),
        ("refund_without_item", {"fee_item_id": ""}, {"amount": "5.00"}, "number", "Booked as item"),
    ],
)
def test_what_keeps_refunds_from_being_booked_is_mended_in_the_card(
    pair: Pair, shop: Shop, code: str, without: dict[str, object], wish: JSON, form: str, said_of_it: str
) -> None:
    fees = {"books_refunds": True, "fee_item_id": "100412"}
    OrderSettings.objects.filter(connection=pair.connection).update(**fees)
    ids = [left_with_refund(pair, **wish)[0] for _ in range(2)]
    OrderSettings.objects.filter(connection=pair.connection).update(**without)
    for web_id in ids:
        look(pair, web_id)
    shown = card(shop, code, Role.OWNER)  # one cause, whatever the refund
    assert (shown.behind.records, shown.form is not None) == (2, True)
    given = shown.form.options[0][0] if form == "target" else "DOG-LEAD"  # type: ignore[union-attr]
    (words,) = fix(shop, code, Role.OWNER, **{form: given})
    assert said_of_it in words
    assert words.endswith("2 records are tried again now.")
    run_refunds(pair)
    assert [one.disposition for web_id in ids for one in of(pair, web_id)] == ["booked", "booked"]
    assert not Issue.objects.filter(is_open=True).exists()
