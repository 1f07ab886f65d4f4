"""Loyalty points through both systems, as people who run such programs have told where they go wrong."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from connections.models import AuditEntry, OrderSettings
from mappings.core.rules.loyalty import Cause
from syncjobs.catalogue.walk_catalogues import CHECK
from syncjobs.flows.points.count_points import points_answer
from syncjobs.models import OrderPoints, PointsAccount, PointsMovement, PointsSide, Record
from syncjobs.pages.personal.personal_data import personal_erase, personal_export
from tests import factories
from tests.bulk import run_whole
from tests.flows.loyalty.conftest import SKUS, Shop


def test_l01_an_order_earns_once_whatever_is_heard_of_it(shop: Shop) -> None:
    shop.switch_on()
    order_id = shop.place("50.00")
    for _ in range(3):
        shop.look(order_id)
    shop.store.post(f"/_sim/orders/{order_id}/ship", {})
    for _ in range(2):
        shop.look(order_id)
    assert shop.moves() == [("earned", 50)]
    assert shop.both() == ("50", "50")


def test_l02_what_comes_back_is_worked_out_of_what_was_kept(shop: Shop) -> None:
    shop.switch_on()
    order_id = shop.book("25.00", "24.90")
    shop.give_back(order_id, 0)
    shop.look(order_id)
    assert shop.both() == ("24", "24")
    shop.give_back(order_id, 1)
    shop.look(order_id)
    assert shop.moves() == [("earned", 49), ("earned", -25), ("earned", -24)]
    assert shop.both() == ("0", "0")


def test_l03_points_spent_on_what_comes_back_are_given_back(shop: Shop) -> None:
    shop.switch_on(coupon_prefix="PTS-", worth=10)
    shop.show(300)
    order_id = shop.book("50.00", "50.00", points="20.00")
    assert shop.moves() == [("opening", 300), ("spent", -200), ("earned", 80)]
    assert shop.both() == ("180", "180")
    shop.give_back(order_id, 0)
    shop.look(order_id)
    assert shop.moves()[3:] == [("spent", 100), ("earned", -40)]
    assert shop.both() == ("240", "240")
    shop.give_back(order_id, 1)
    shop.look(order_id)
    assert shop.both() == ("300", "300")


def test_l04_a_tier_is_earned_and_not_left_by_spending(shop: Shop) -> None:
    base, gold = shop.groups_made()
    tiers = [{"name": "Gold", "earned": 1000, "group": gold}]
    shop.switch_on(tiers=tiers, base_group=base)
    order_id = shop.book("250.00")
    before = shop.group()
    shop.moved(Cause.TILL, 950)
    shop.moved(Cause.TILL, -900)
    shop.points()
    assert (shop.record.facts["tier"], shop.group(), shop.both()) == ("Gold", int(gold), ("300", "300"))
    shop.points()
    shop.give_back(order_id)
    shop.look(order_id)
    assert (shop.record.facts["tier"], shop.both()) == ("", ("50", "50"))
    assert (shop.group(), before in {int(base), 0}) == (int(base), True)
    assert AuditEntry.objects.filter(action="loyalty.tier_changed").count() == 2


def test_l04_a_tier_that_does_not_fall_stays_and_its_group_too(shop: Shop) -> None:
    base, gold = shop.groups_made()
    shop.switch_on(tiers=[{"name": "Gold", "earned": 200, "group": gold}], base_group=base, tiers_fall=False)
    order_id = shop.book("250.00")
    assert (shop.record.facts["tier"], shop.group()) == ("Gold", int(gold))
    shop.give_back(order_id)
    shop.look(order_id)
    assert (shop.record.facts["tier"], shop.group(), shop.both()) == ("Gold", int(gold), ("0", "0"))


def test_l05_what_was_spent_is_taken_off_the_oldest_before_they_expire(shop: Shop) -> None:
    shop.switch_on(points=1)
    shop.book("1.00")
    PointsMovement.objects.all().delete()
    PointsAccount.objects.update(balance=0)
    shop.moved(Cause.EARNED, 500, expires_on=date(2026, 3, 31), order="1:a")
    shop.moved(Cause.SPENT, -300, order="1:b")
    shop.moved(Cause.EARNED, 200, expires_on=date(2027, 3, 31), order="1:c")
    shop.connection.order_points.all().delete()
    shop.points(at=noon(date(2026, 3, 31)))
    assert shop.both() == ("400", "400")
    shop.points(at=noon(date(2026, 4, 1)))
    shop.points(at=noon(date(2026, 4, 2)))
    assert shop.moves()[3:] == [("expired", -200)]
    assert shop.both() == ("200", "200")


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 18, tzinfo=UTC)


def test_l06_cards_tax_shipping_and_what_points_paid_earn_nothing(shop: Shop) -> None:
    """A card of 50.00 and goods of 20.00, with tax and shipping; 10.00 of the goods are paid with points."""
    shop.takes_rewards()
    item = str(shop.heartland.rows("items")[0]["id"])
    OrderSettings.objects.filter(connection=shop.connection).update(gift_card_item_id=item)
    shop.switch_on(coupon_prefix="PTS-")
    order_id = shop.book("20.00", points="10.00", card="50.00")
    facts = Record.objects.get(flow="orders", external_id=order_id).facts
    money = {part["name"]: Decimal(part["amount"]) for part in facts["equation"]}
    assert (money["Goods"], money["Discounts"], facts["cards_sold"]) == (Decimal(70), Decimal(-10), "50.00")
    assert min(money["Tax"], money["Shipping"]) > 0
    assert shop.moves() == [("earned", 10)]


@pytest.mark.parametrize("lost", ["heartland", "store"])
def test_l07_both_sides_moved_and_neither_is_lost(shop: Shop, lost: str) -> None:
    shop.switch_on(points=0)
    shop.book("50.00")
    shop.at_the_till(120)
    shop.show(120)
    shop.points()
    shop.at_the_till(150)
    shop.show(165)
    shop.spoil(lost)
    shop.points()
    shop.points(at=timezone.now() + timedelta(minutes=2))
    assert shop.both() == ("195", "195")
    assert shop.moves() == [("opening", 120), ("till", 30), ("store", 45)]
    shop.points(at=timezone.now() + timedelta(minutes=3))
    assert shop.methods() == ["GET", "GET"]


def test_a_write_that_was_lost_and_a_change_after_it_ask_a_person(shop: Shop) -> None:
    shop.switch_on(points=0)
    shop.book("50.00")
    shop.at_the_till(120)
    shop.points()
    account = PointsAccount.objects.get()
    account.known, account.begun, account.begun_at = 90, 120, timezone.now() - timedelta(minutes=5)
    account.save()
    shop.at_the_till(130)
    assert (shop.points().disposition, shop.record.code) == ("held", "points_differ")
    assert "Our 120 for the 90 before got no answer: +10 moved there where it had arrived, +40" in shop.record.reason
    assert shop.both() == ("130", "120")
    points_answer(record=shop.record, choice="arrived", actor=factories.member(shop.connection.merchant))
    assert shop.points().disposition == "booked"
    assert (shop.moves()[-1], shop.both()) == (("till", 10), ("130", "130"))


@pytest.mark.parametrize(("rule", "balance"), [("sum", 420), ("heartland", 300), ("store", 120), ("ask", None)])
def test_two_numbers_of_before_are_joined_by_the_merchants_rule(shop: Shop, rule: str, balance: int | None) -> None:
    shop.book("50.00")
    shop.at_the_till(300)
    shop.show(120)
    shop.switch_on(points=0, opening=rule)
    shop.points()
    if balance is None:
        assert (shop.record.disposition, shop.record.code, shop.both()) == ("held", "points_differ", ("300", "120"))
        points_answer(record=shop.record, choice="sum", actor=factories.member(shop.connection.merchant))
        shop.points()
        balance = 420
    assert shop.both() == (str(balance), str(balance))
    assert shop.moves() == [("opening", balance)]


def test_a_field_that_holds_no_number_is_left_alone(shop: Shop) -> None:
    shop.switch_on(points=0)
    shop.book("50.00")
    shop.client.customer_update(shop.customer, custom={"loyalty_points": "many"})
    assert (shop.points().disposition, shop.record.code) == ("held", "points_unreadable")
    assert (shop.both()[0], "many" in shop.record.reason) == ("many", False)


def test_nobody_has_points_who_is_not_known_on_both_sides(shop: Shop) -> None:
    shop.switch_on(points=0)
    assert (shop.points().disposition, shop.record.code) == ("skipped", "no_customer_yet")
    shop.book("50.00")
    into = str(shop.heartland.rows("customers")[0]["id"])
    shop.heartland.post("/_sim/staff/merge_customers", {"from": int(shop.customer), "into": int(into)})
    assert (shop.points().disposition, shop.record.code) == ("skipped", "customer_gone")
    shop.leave()
    assert (shop.points().disposition, shop.record.code) == ("skipped", "account_gone")
    shop.switch_on(is_on=False)
    assert (shop.points().disposition, shop.record.code) == ("skipped", "loyalty_off")
    assert not PointsAccount.objects.exists()


def test_polls_find_what_moved_on_either_side_and_nothing_else(shop: Shop) -> None:
    shop.switch_on(points=0, months=1)
    shop.book("50.00")
    shop.at_the_till(120)
    shop.points()
    assert shop.follow() == 0
    shop.at_the_till(150)
    assert (shop.follow(), shop.both()) == (1, ("150", "150"))
    shop.show(165)
    assert (shop.follow(), shop.both()) == (1, ("165", "165"))
    assert shop.follow() == 0
    over = timezone.now() + timedelta(days=63)
    assert (shop.follow(at=over), shop.both()) == (1, ("0", "0"))


def test_points_are_exported_and_erased_with_the_person(shop: Shop) -> None:
    shop.switch_on()
    order_id, merchant = shop.book("50.00"), shop.connection.merchant
    (store,) = personal_export(merchant=merchant, email=shop.email, actor=None)["stores"]
    assert [(one["points"], one["order"]) for one in store["points"]] == [(50, order_id)]
    assert personal_erase(merchant=merchant, email=shop.email, actor=None)["points"] == 2
    assert [model.objects.count() for model in (PointsAccount, PointsMovement, OrderPoints)] == [0, 0, 0]


def test_only_the_categories_that_earn_are_counted(shop: Shop) -> None:
    for sku, category in zip(SKUS, ("Pets", "Camping"), strict=True):
        shop.file_under(sku, category)
    run_whole(shop.connection, CHECK)
    shop.switch_on(categories=["Camping"])
    order_id = shop.book("50.00", "30.00")
    assert shop.moves() == [("earned", 30)]
    shop.give_back(order_id, 0)
    shop.look(order_id)
    assert shop.both() == ("30", "30")
    shop.give_back(order_id, 1)
    shop.look(order_id)
    assert shop.moves() == [("earned", 30), ("earned", -30)]


def test_reward_points_of_the_store_earn_nothing_and_are_taken_off_once(shop: Shop) -> None:
    if not shop.takes_rewards():
        pytest.skip("this kind of store has no tender of its own for points")
    shop.switch_on(worth=10)
    shop.show(300)
    order_id = shop.book("50.00", "50.00", reward="20.00")
    assert shop.moves() == [("opening", 300), ("spent", -200), ("earned", 80)]
    shop.give_back(order_id, 0)
    shop.look(order_id)
    assert shop.both() == ("240", "240")
    shop.give_back(order_id, 1)
    shop.look(order_id)
    assert shop.both() == ("300", "300")


def test_three_parts_that_come_back_take_exactly_what_was_earned(shop: Shop) -> None:
    """7 points for each whole 3.00: neither part is a whole number of steps."""
    shop.switch_on(points=7, amount="3.00")
    order_id = shop.book("10.00", "9.99")
    assert shop.moves() == [("earned", 42)]
    shop.give_back(order_id, 1)
    shop.look(order_id)
    assert shop.moves()[1:] == [("earned", -21)]
    shop.give_back(order_id, 0)
    shop.look(order_id)
    assert (sum(points for _, points in shop.moves()), shop.both()) == (0, ("0", "0"))


@pytest.mark.parametrize("lost", ["heartland", "store"])
def test_both_sides_move_again_while_an_answer_is_lost(shop: Shop, lost: str) -> None:
    """Till and web move, our write arrives without an answer, and both move again before the next look."""
    shop.switch_on(points=0)
    shop.book("50.00")
    shop.at_the_till(120)
    shop.show(120)
    shop.points()
    shop.at_the_till(150)
    shop.show(165)
    shop.spoil(lost)
    shop.points()
    later = timezone.now() + timedelta(minutes=2)
    shop.points(at=later)
    assert shop.both() == ("195", "195")
    shop.at_the_till(205)
    shop.show(190)
    shop.points(at=later + timedelta(minutes=2))
    assert shop.both() == ("200", "200")
    assert shop.moves()[1:] == [("till", 30), ("store", 45), ("till", 10), ("store", -5)]


def test_an_order_that_the_store_calls_somebody_elses_counts_there_alone(shop: Shop) -> None:
    shop.switch_on()
    order_id = shop.book("50.00")
    assert shop.moves() == [("earned", 50)]
    OrderPoints.objects.update(buyer="999999")  # as the next look at the order would keep it
    shop.points()
    assert (shop.moves(), shop.both()) == ([("earned", 50), ("earned", -50)], ("0", "0"))
    shop.look(order_id)
    shop.points()
    assert (sum(points for _, points in shop.moves()), shop.both()) == (50, ("50", "50"))


def test_an_account_that_is_gone_is_not_looked_for_again(shop: Shop) -> None:
    shop.switch_on()
    shop.book("50.00")
    shop.leave()
    assert (shop.points().code, PointsSide.objects.count(), PointsMovement.objects.count()) == ("account_gone", 0, 1)
    assert shop.follow() == 0
