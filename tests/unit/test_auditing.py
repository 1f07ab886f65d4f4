"""The auditor's rules on a world of one order: sound it is, and each planted lie is named by its rule alone."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from syncjobs.stories.auditor.audit_rules import disagreements
from syncjobs.stories.auditor.claims import Claim, claims_of
from syncjobs.stories.auditor.read_pages import OrderPage, OurPages, StorePages
from syncjobs.stories.auditor.read_systems import Booked, Outside, Shop, Stock, StoreSide
from syncjobs.stories.shops.shop_side import Sold

SHOP = Shop(kind="", control="", hash="h1", page_id="p1", number_field="number", store_field="store")
OTHER = Shop(kind="", control="", hash="h2", page_id="p2", number_field="number", store_field="store")
CANCELLED = {"status": "Cancelled", "has_ended": True, "is_over": True, "is_promised": False}
SHIPPED = {"status": "Shipped", "stage": "Shipped", "is_over": True, "is_promised": False}
ORDER = "Order 7 of store h1"
World = tuple[Outside, OurPages]


def claim(kind: str, words: str = "", **facts: str) -> Claim:
    return Claim(kind, facts, [words])


def booked(**changes: object) -> Booked:
    custom = {"number": "7", "store": "bigcommerce:h1"}
    fields = {"id": 1, "number": "BC-7", "status": "open", "total": Decimal(20), "paid": Decimal(20), "custom": custom}
    goods = {"pieces": Counter({501: 2}), "undistributed": Counter({501: 2})}
    return Booked(**(fields | goods | changes))  # type: ignore[arg-type]


def world() -> World:
    """Order 7, two leads for 20, open and undistributed; three of the five leads may be sold."""
    sold = Sold(id="7", total=Decimal(20), currency="USD", status="Awaiting Fulfillment",
                placed_at=datetime(2026, 11, 21, 3, tzinfo=UTC), pieces=Counter(LEAD=2))  # fmt: skip
    side = StoreSide(shop=SHOP, orders={"7": sold}, stock={"LEAD": 3}, told={"6", "7"})
    outside = Outside(
        stores=[side],
        sales_orders=[booked()],
        invoiced={},
        taken_back={},
        stock={"LEAD": {"1": Stock(on_hand=Decimal(6), available=Decimal(5))}},
        skus={501: "LEAD"},
        reports={"2026-11-20": {"Main": (Decimal("69.90"), 3)}},
        sold_at=datetime(2026, 11, 20, 17, tzinfo=UTC),
    )
    page = OrderPage(
        order=claim("order", order="7", disposition="booked", number="BC-7"),
        money=claim("money", "Both agree", charged="20.00", computed="20.00"),
        both=claim("both"),
        why=None,
        shipments=[],
    )
    stages = {"To distribute": 1, "Left, open in Heartland": 0, "Being packed": 0, "Partly shipped": 0, "Shipped": 0}
    rule = {"all": "True", "counting": "available", "units": "0", "percent": "0", "last": "0", "fast": "0"}
    pages = StorePages(
        shop=SHOP,
        listed={"7": claim("listed", order="7", disposition="booked", number="BC-7", store="p1")},
        orders={"7": page},
        stages=stages,
        worth={"To distribute": "USD:20.00 ", "Needs you": ""},
        errors={},
        failing=set(),
        inventory=claim("inventory", follows="True", marked="0", accuracy="100.0", **rule),
        keeps=[],
        counts=[],
        cards={"LEAD": claim("stock", "Both agree", quantity="3")},
        proof=[claim("proved", order="7", disposition="booked", heartland="open")],
    )
    sold_today = {"day": "2026-11-20", "zone": "America/Chicago", "asked": "2026-11-20T18:00:00+00:00"}
    ours = OurPages(
        verdict=claim("verdict", total="1"),
        parts={"booked": 1},
        distribute=1,
        stores=[pages],
        misses={"p1": claim("misses", store="p1", missed="0", found="2")},
        sold=[
            claim("sold", store="p1", location="", currency="USD", amount="20.00", count="1", **sold_today),
            claim("sold", store="", location="Main", currency="USD", amount="69.90", count="3", **sold_today),
        ],
    )
    return outside, ours


def says(disposition: str, *, code: str = "", why: str = "") -> Callable[[World], None]:
    """Our pages say this of the order, everywhere the same."""

    def change(town: World) -> None:
        _, ours = town
        (pages,) = ours.stores
        page = pages.orders["7"]
        page.order.facts |= {"disposition": disposition, "code": code}
        pages.listed["7"].facts["disposition"] = disposition
        page.why = claim("why", why) if why else None
        ours.parts = {disposition: 1}
        pages.stages, pages.worth = {"Somewhere": 1}, {}
        pages.proof = []
        pages.failing = {("orders", "7")} if disposition in {"held", "retrying"} else set()
        pages.errors = {"held": len(pages.failing)}

    return change


def heartland(**changes: object) -> Callable[[World], None]:
    def change(town: World) -> None:
        town[0].sales_orders[0] = booked(**changes)

    return change


def store(**changes: object) -> Callable[[World], None]:
    def change(town: World) -> None:
        for name, value in changes.items():
            setattr(town[0].stores[0].orders["7"], name, value)

    return change


def test_a_sound_world_has_no_disagreement() -> None:
    assert disagreements(*world()) == []


def unlisted(town: World) -> None:
    town[1].stores[0].listed.clear()
    town[1].stores[0].orders.clear()


def never_ordered(town: World) -> None:
    town[0].stores[0].orders.clear()
    town[1].stores[0].listed["7"].facts.update(number="")


def pages_of(town: World) -> StorePages:
    return town[1].stores[0]


def keep(**changes: str) -> Callable[[World], None]:
    """The merchant's store-wide rule, as the Inventory tab shows it."""

    def change(town: World) -> None:
        inventory = pages_of(town).inventory
        assert inventory
        inventory.facts.update(changes)

    return change


shipment = claim("shipment", disposition="booked", pieces="2x:LEAD ")
LIES: list[tuple[Callable[[World], object], str]] = [
    (heartland(status="canceled"), f"{ORDER} is said to be booked; in Heartland its sales order is cancelled"),
    (heartland(custom={"number": "7", "store": "bigcommerce:h2"}),
     f"{ORDER} is said to be booked; in Heartland its sales order is not there"),
    (heartland(number="BC-7-2"), f"{ORDER} is said to be BC-7; its mark is on BC-7-2"),
    (heartland(total=Decimal(14)), f"{ORDER}: the page says 20.00 computed by Heartland, which says 14"),
    (heartland(total=Decimal(14)), f"{ORDER}: “Both agree”, while the store has 20 and Heartland 14"),
    (heartland(paid=Decimal(0)), f"{ORDER}: BC-7 costs 20, 0 is paid"),
    (heartland(undistributed=Counter()), "Store h1: 1 orders under “To distribute”, both systems have 0"),
    (lambda town: town[0].sales_orders.append(booked(id=2, number="BC-7-2")), f"{ORDER} stands 2 times in Heartland"),
    (store(**CANCELLED), f"{ORDER} is said to be booked; in the store it is Cancelled"),
    (store(is_archived=True), "Heartland holds BC-7 for order 7, which store h1 has no more"),
    (store(total=Decimal(9)), f"{ORDER}: the page says 20.00 charged, the store 9"),
    (store(**SHIPPED), "Store h1: 0 orders under “Left, open in Heartland”, both systems have 1"),
    (lambda town: town[0].stores[0].orders["7"].shipped.update(LEAD=2),
     "Store h1: 1 orders under “To distribute”, both systems have 0"),
    (lambda town: town[0].stores[0].orders["7"].given_back.update(LEAD=2),
     "Store h1: 1 orders under “To distribute”, both systems have 0"),
    (says("cancelled"), f"{ORDER} is cancelled and said not to be in Heartland, which holds BC-7"),
    (says("cancelled", code="cancelled"), f"{ORDER} is said to be cancelled; in the store it is Awaiting Fulfillment"),
    (says("skipped", code="archived"), f"{ORDER} is skipped and said not to be in Heartland, which holds BC-7"),
    (says("held", why="The order is not in Heartland, and no stock is committed for it."),
     f"{ORDER} is held and said not to be in Heartland, which holds BC-7"),
    (unlisted,
     f"{ORDER} is in the store and on none of our pages"),
    (never_ordered,
     f"{ORDER} is in our list, and the store never had it"),
    (lambda town: town[1].parts.update(booked=2), "The dashboard says {'booked': 2}, the list {'booked': 1}"),
    (lambda town: pages_of(town).stages.update(Shipped=1), "The stages of store h1 hold 2 of 1 orders"),
    (lambda town: pages_of(town).failing.add(("orders", "7")),
     "Order 7 is on the Errors tab of store h1 and does not wait"),
    (lambda town: pages_of(town).orders["7"].shipments.append(shipment),
     f"{ORDER}: the page says 2 of LEAD shipped, the store 0"),
    (lambda town: town[0].stores[0].stock.update(LEAD=5),
     "Store h1: the card of LEAD says “Both agree” at 3, the store offers 5"),
    (lambda town: town[0].stores[0].stock.update(LEAD=5),
     "The inventory accuracy of store h1 is said to be 100 %; 1 SKUs are wrong"),
    (lambda town: town[0].stock.update(LEAD={"1": Stock(available=Decimal(9))}),
     "Store h1: the card of LEAD says 3 for sale, both systems say 7"),
    (lambda town: town[0].stock.update(LEAD={"1": Stock(available=Decimal(9))}),
     "Store h1 offers 3 of LEAD, and 7 may be sold"),
    (lambda town: pages_of(town).worth.update({"To distribute": "USD:21.00 "}),
     "Store h1: “To distribute” is said to be worth USD:21.00, it is 20 USD"),
    (store(currency="EUR"), "Store h1: “To distribute” is said to be worth USD:20.00, it is 20 EUR"),
    (lambda town: town[1].sold[0].facts.update(amount="21.00"),
     "Store h1 is said to have sold 21.00 USD today; it sold 20 USD"),
    (lambda town: town[1].sold[1].facts.update(count="4"),
     "Main is said to have sold 69.90 in 4 today, Heartland says 69.90 in 3"),
    (lambda town: town[1].misses["p1"].facts.update(missed="3"),
     "Store h1: webhooks are said to have missed 3 of 2 changes"),
    (lambda town: town[0].stores[0].told.discard("7"),
     "Store h1: no webhook told of 1 orders, 0 are said to be missed"),
    (keep(units="1"), "Store h1: the card of LEAD says 3 for sale, both systems say 2"),
    (keep(percent="35"), "Store h1: the card of LEAD says 3 for sale, both systems say 1"),
    (keep(last="4"), "Store h1: the card of LEAD says 3 for sale, both systems say 0"),
    (keep(counting="on_hand"), "Store h1 offers 3 of LEAD, and 4 may be sold"),
    (keep(all="False"), "Store h1 offers 3 of LEAD, and 0 may be sold"),
    (lambda town: pages_of(town).keeps.append(claim("keeps", value="LEAD", units="2", percent="0", last="0")),
     "Store h1 offers 3 of LEAD, and 1 may be sold"),
    (lambda town: pages_of(town).proof[0].facts.update(heartland="closed"),
     f"The proof says “closed” of {ORDER}, Heartland “open”"),
    (heartland(status="canceled"), f"The proof says booked of {ORDER}, Heartland “canceled”"),
]  # fmt: skip


@pytest.mark.parametrize(("lie", "sentence"), LIES, ids=[sentence[:60] for _, sentence in LIES])
def test_a_planted_lie_is_named(lie: Callable[[World], object], sentence: str) -> None:
    town = world()
    lie(town)
    assert sentence in disagreements(*town)


def test_what_is_being_replaced_stands_twice_until_a_person_is_heard() -> None:
    town = world()
    says("held")(town)
    town[0].sales_orders.append(booked(id=2, number="BC-7-2", status="pending", undistributed=Counter()))
    assert disagreements(*town) == []
    town[0].sales_orders[1].status = "open"
    assert f"{ORDER} stands 2 times in Heartland" in disagreements(*town)


def test_what_was_sold_since_heartland_was_asked_is_no_lie() -> None:
    town = world()
    town[1].sold[1].facts["count"] = "2"
    town[0].sold_at = datetime(2026, 11, 20, 18, tzinfo=UTC)
    assert disagreements(*town) == []


def test_pieces_that_went_back_leave_the_others_to_be_distributed() -> None:
    """Booked without one of three; and of three, one that left and came back at the till."""
    for pieces, shipped, left in ((2, Counter(), {}), (3, Counter(LEAD=1), {1: Counter(LEAD=1)})):
        town = world()
        store(pieces=Counter(LEAD=3), shipped=shipped, given_back=Counter(LEAD=1))(town)
        heartland(pieces=Counter({501: pieces}))(town)
        town[0].invoiced, town[0].taken_back = left, left
        assert disagreements(*town) == []


def test_what_a_person_chose_to_keep_is_a_known_difference() -> None:
    town = world()
    says("booked", code="kept_as_booked")(town)
    store(total=Decimal(9), **CANCELLED)(town)
    town[1].stores[0].orders["7"].money = claim("money", "They differ", charged="9", computed="20.00")
    town[1].sold[0].facts["amount"] = "9"
    assert disagreements(*town) == []


def test_pieces_promised_in_one_store_count_for_the_other() -> None:
    outside, ours = world()
    there = StoreSide(shop=OTHER, orders={}, stock={"LEAD": 5})
    rule = ours.stores[0].inventory
    more = StorePages(
        shop=OTHER,
        listed={},
        orders={},
        stages={},
        worth={},
        errors={},
        failing=set(),
        inventory=rule,
        keeps=[],
        counts=[],
        cards={},
        proof=[],
    )
    outside.stores.append(there)
    ours.stores.append(more)
    found = disagreements(outside, ours)
    assert found[0] == "Store h2 offers 5 of LEAD, and 3 may be sold"


def test_claims_are_read_with_their_words_and_what_stands_inside() -> None:
    page = """<div data-claim="order" data-order="7"><p>Booked <svg><rect x="1"/></svg>&amp; <img src="x">
    <b data-claim="money" data-charged="20.00">Both
    agree</b></p></div><p>else</p>"""
    outer, inner = claims_of(page)
    assert (outer.kind, outer["order"], outer.words) == ("order", "7", "Booked & Both agree")
    assert (inner.words, inner.amount("charged"), inner.amount("computed")) == ("Both agree", Decimal(20), None)
