"""The fix in the card, over both sandbox systems: what a cause needs is chosen there, and what waits goes again."""

from typing import Any

import pytest

from connections import preferences
from connections.models import OrderSettings, Role, User
from errors.failures import Violation
from errors.models import Issue, SyncError
from mappings.models import FieldDefault, Link, ValueMap
from syncjobs.models import OrderCorrection, Record
from syncjobs.pages.errors.issue_cards import IssueCard
from tests import factories
from tests.bulk import link_all
from tests.flows.conftest import BUYER, Pair, heartland_server, open_store, pair
from tests.screens.conftest import Shop
from tests.screens.test_linking import people_of, said

__all__ = ["heartland_server", "open_store", "pair"]
NEAR, NUMBER = "BIN-8X32", "BIN-8×32"
WRAPPED = [{"sku": "BOK-STEW", "quantity": 1, "gift_wrap": "Kraft paper"}]


@pytest.fixture
def shop(pair: Pair) -> Shop:
    return people_of(pair)


def card(shop: Shop, code: str, role: Role = Role.OPS) -> IssueCard:
    cards: list[IssueCard] = shop.client(role).get(shop.at("errors/")).context["cards"]
    return next(one for one in cards if one.issue.code == code)


def fix(shop: Shop, code: str, role: Role = Role.OPS, **form: Any) -> list[str]:
    """Send the card's form as it is drawn, with these fields."""
    shown = card(shop, code, role)
    assert shown.form is not None
    wish = {"shown": shown.form.shown, "next": shop.at("errors/")} | form
    return said(shop.client(role).post(shop.at(f"issues/{shown.issue.pk}/fix/"), wish, follow=True))


def booked(pair: Pair, *numbers: str) -> None:
    for number in numbers:
        pair.run(number)
        assert pair.record(number).disposition == Record.Disposition.BOOKED


def test_a_near_miss_is_linked_by_one_press(pair: Pair, shop: Shop) -> None:
    link_all(pair.connection)
    numbers = [pair.place(lines=[{"sku": NEAR, "quantity": 1}]) for _ in range(2)]
    for number in numbers:
        pair.run(number)
    form = card(shop, "item_not_linked").form
    assert form is not None
    assert [near.number for near in form.near] == [NUMBER]
    assert fix(shop, "item_not_linked", number=NUMBER) == [
        f"{NEAR} is linked with item {NUMBER}. 2 records are tried again now."
    ]
    booked(pair, *numbers)
    assert not SyncError.objects.open().exists()
    assert Issue.objects.get(code="item_not_linked").is_open is False


def test_a_link_made_meanwhile_is_not_written_over(pair: Pair, shop: Shop) -> None:
    number = pair.place(lines=[{"sku": NEAR, "quantity": 1}])
    pair.run(number)
    issue = Issue.objects.get(code="item_not_linked")
    factories.item_link(pair.connection, NEAR, "100999")
    wish = {"shown": "", "number": NUMBER}
    answer = shop.client().post(shop.at(f"issues/{issue.pk}/fix/"), wish, follow=True)
    assert said(answer) == [
        "Nothing was done: it is set to something else by now. The card shows what holds; choose again."
    ]
    assert Link.objects.get(source_id=NEAR).target_id == "100999"


def test_items_are_offered_by_their_number_and_name(pair: Pair, shop: Shop) -> None:
    link_all(pair.connection)
    answer = shop.client(Role.VIEWER).get(shop.at("errors/items/?number=dog-lead")).content.decode()
    assert answer.count("<option") == 1
    assert '<option value="DOG-LEAD">' in answer
    assert shop.client().get(shop.at("errors/items/")).content.decode().count("<option") == 50


def test_a_payment_method_is_mapped_from_the_card(pair: Pair, shop: Shop) -> None:
    OrderSettings.objects.filter(connection=pair.connection).update(books_other_payments=False)
    ValueMap.objects.filter(connection=pair.connection).delete()
    number = pair.place()
    pair.run(number)
    shown = card(shop, "payment_unmapped")
    assert shown.form is not None
    target, words = shown.form.options[0]
    assert fix(shop, "payment_unmapped", target="999") == ["Nothing was saved: choose one of those that are offered."]
    assert fix(shop, "payment_unmapped", target=target) == [
        f"“{shown.issue.value}” goes to {words} from now on. 1 record is tried again now."
    ]
    row = ValueMap.objects.get(connection=pair.connection, target_value=target)
    assert (row.kind, row.source_value) == ("payment", shown.issue.value)
    booked(pair, number)


def test_wrapping_gets_an_item_that_is_made_for_it_and_who_may_not_is_told_whom_to_ask(pair: Pair, shop: Shop) -> None:
    preferences.order_settings_save(
        connection=pair.connection, changes={"gift_wrap_item_id": ""}, actor=shop.people[Role.OWNER]
    )
    numbers = [pair.place(lines=WRAPPED), pair.place(lines=WRAPPED)]
    for number in numbers:
        pair.run(number)
    User.objects.filter(pk=shop.people[Role.OWNER].pk).update(first_name="Robin", last_name="Pine")
    form = card(shop, "gift_wrap_unmapped").form
    assert form is not None
    assert (form.may, form.asks.split(" or ")[0], form.releases) == (False, "Robin Pine (owner)", 2)
    page = shop.client(Role.OPS).get(shop.at("errors/")).content.decode()
    assert "Ask Robin Pine (owner)" in page
    issue = Issue.objects.get(code="gift_wrap_unmapped")
    refused = shop.client(Role.OPS).post(shop.at(f"issues/{issue.pk}/fix/"), {"shown": "", "do": "create"})
    assert refused.status_code == 403
    assert fix(shop, "gift_wrap_unmapped", Role.OWNER, do="create") == [
        "Booked as item GIFT-WRAP from now on. 2 records are tried again now."
    ]
    made = [row for row in pair.heartland.rows("items") if row["public_id"] == "GIFT-WRAP"]
    assert [(row["description"], row["track_inventory"]) for row in made] == [("Gift wrapping", False)]
    booked(pair, *numbers)


def field_missing(group: str, key: str) -> Violation:
    """A custom field that Heartland demands and nobody gives a value."""
    return Violation(
        code="required_field_without_value",
        sentence=f"Heartland demands the custom field “{key}” ({group}); it has no value.",
        field=f"{group}.{key}",
        value=key,
        fix="Give it a default value here.",
        fix_page="fields",
    )


def test_a_field_that_heartland_demands_gets_its_value(pair: Pair, shop: Shop) -> None:
    violation = field_missing("sales.order", "channel")
    for number in ("1", "2"):
        factories.problem(pair.connection, number, violation)
    assert fix(shop, "required_field_without_value", value=" ") == ["Nothing was saved: the value is empty."]
    assert fix(shop, "required_field_without_value", value="Web") == [
        "Every order gets “Web” from now on. 2 records are tried again now."
    ]
    assert FieldDefault.objects.get().value == "Web"


def test_addresses_are_corrected_together_where_the_proposal_is_sure(pair: Pair, shop: Shop) -> None:
    sure = pair.place(guest=BUYER | {"state": ""})
    unsure = pair.place(guest=BUYER | {"state": "", "zip": "00000"})
    for number in (sure, unsure):
        pair.run(number)
        assert pair.record(number).disposition == Record.Disposition.HELD
    form = card(shop, "address_incomplete").form
    assert form is not None
    assert (form.corrections, form.sure) == (2, 1)
    assert fix(shop, "address_incomplete", do="sure") == ["1 order is corrected and tried again now."]
    booked(pair, sure)
    accepted = OrderCorrection.objects.filter(external_id=sure)
    assert {(one.after, one.confidence, one.accepted_by) for one in accepted} == {("TX", 95, shop.people[Role.OPS])}
    assert fix(shop, "address_incomplete", do="all") == ["1 order is corrected and tried again now."]
    booked(pair, unsure)
    entry = shop.merchant.audit_entries.filter(action="order.corrected").latest("number")
    assert entry.actor == shop.people[Role.OPS]


def test_a_viewer_fixes_nothing(pair: Pair, shop: Shop) -> None:
    factories.problem(pair.connection, "1")
    issue = Issue.objects.get()
    assert shop.client(Role.VIEWER).post(shop.at(f"issues/{issue.pk}/fix/"), {"shown": ""}).status_code == 403
    assert SyncError.objects.open().count() == 1


def test_the_location_of_web_orders_is_chosen_in_the_card(pair: Pair, shop: Shop) -> None:
    chosen = preferences.order_settings(pair.connection).source_location
    assert chosen is not None
    OrderSettings.objects.filter(connection=pair.connection).update(source_location=None)
    numbers = [pair.place() for _ in range(2)]
    for number in numbers:
        pair.run(number)
    shown = card(shop, "source_location_missing", Role.OPS).form
    assert shown is not None
    assert (shown.may, "owner" in shown.asks) == (False, True)
    wrong = fix(shop, "source_location_missing", Role.OWNER, target="nowhere")
    assert wrong == ["Nothing was saved: choose a location that has a station."]
    said_then = fix(shop, "source_location_missing", Role.OWNER, target=chosen.external_id)
    assert said_then == [f"Web orders are booked at {chosen} now. 2 records are tried again now."]
    booked(pair, *numbers)
