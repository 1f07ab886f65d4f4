"""Where our pages and the outside say different things: each rule a pure function from both to sentences."""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from syncjobs.stories.auditor.read_pages import OrderPage, OurPages, StorePages
from syncjobs.stories.auditor.read_systems import Booked, Outside, Stock, StoreSide, mark_of
from syncjobs.stories.shops.shop_side import OVER, PACKING, PARTLY, SHIPPED, Sold

Sentences = Iterator[str]
Rule = Callable[[Outside, OurPages], Sentences]
WAITING = {"held", "dead", "retrying", "in_flight"}
TO_DISTRIBUTE, LEFT_OPEN = "To distribute", "Left, open in Heartland"
WAITS_IN = {"in_flight": "Waiting", "retrying": "Waiting", "held": "Needs you", "dead": "Needs you"}
SAME_SECOND = timedelta(seconds=1)
JUDGED_AFTER = timedelta(minutes=5)  # a change counts as missed a while after it was found
AGREE, AGREED, NOT_THERE = "Both agree", "Agreed when read", "The order is not in Heartland"


def pairs(outside: Outside, ours: OurPages) -> Iterator[tuple[StoreSide, StorePages]]:
    """Each store with our pages of it."""
    by_id = {pages.shop.page_id: pages for pages in ours.stores}
    yield from ((side, by_id[side.shop.page_id]) for side in outside.stores)


def since(side: StoreSide) -> Iterator[Sold]:
    """The store's orders since the connection began."""
    return (order for order in side.orders.values() if int(order.id) >= side.shop.since)


def is_kept(page: OrderPage) -> bool:
    """A person has chosen to let both differ, and the page says so."""
    disposition, code = page.order["disposition"], page.order["code"]
    is_settled = disposition == "settled" or code == "made_in_heartland"
    return code.startswith("kept_") or is_settled or is_cancelled_there(page)


def is_cancelled_there(page: OrderPage) -> bool:
    """A person left it cancelled in Heartland while the store's order goes on: a hold of that name asked."""
    return (page.order["disposition"], page.order["code"]) == ("cancelled", "cancelled_in_heartland")


def name(side: StoreSide, order: str) -> str:
    return f"Order {order} of store {side.shop.hash}"


# --- orders ---------------------------------------------------------------------------------------


def every_order_is_somewhere(outside: Outside, ours: OurPages) -> Sentences:
    """No living order of a store is missing from our list."""
    for side, pages in pairs(outside, ours):
        for order in since(side):
            if order.is_living and order.id not in pages.listed:
                yield f"{name(side, order.id)} is in the store and on none of our pages"


def nothing_is_said_of_what_never_was(outside: Outside, ours: OurPages) -> Sentences:
    """An id that the store does not know is no order of the list."""
    for side, pages in pairs(outside, ours):
        for order in pages.listed.keys() - side.orders.keys():
            if not pages.listed[order]["number"]:
                yield f"{name(side, order)} is in our list, and the store never had it"


def what_is_booked_is_there(outside: Outside, ours: OurPages) -> Sentences:
    """Booked: one living sales order bears the mark and the number that the page names."""
    for side, _, page, held in _orders(outside, ours, {"booked"}):
        alive = [row for row in held if row.is_alive]
        order = name(side, page.order["order"])
        if not alive:
            state = "cancelled" if held else "not there"
            yield f"{order} is said to be booked; in Heartland its sales order is {state}"
        elif page.order["number"] not in {row.number for row in alive}:
            yield f"{order} is said to be {page.order['number']}; its mark is on {alive[0].number}"
        sold = side.orders.get(page.order["order"])
        if alive and not is_kept(page) and (sold is None or sold.is_archived or sold.has_ended):
            yield f"{order} is said to be booked; in the store it is {_state(sold)}"


def what_is_not_booked_is_not_there(outside: Outside, ours: OurPages) -> Sentences:
    """Cancelled or skipped, and not in Heartland by a hold's own words: no living sales order bears the mark."""
    for side, _, page, held in _orders(outside, ours, {"cancelled", "skipped", *WAITING}):
        alive = [row.number for row in held if row.is_alive]
        said = page.order["disposition"]
        denies = said in {"cancelled", "skipped"} and not page.order["code"].endswith("_not_eligible")
        if alive and (denies or (page.why and NOT_THERE in page.why.words)):
            yield f"{name(side, page.order['order'])} is {said} and said not to be in Heartland, which holds {alive[0]}"


def what_is_cancelled_has_ended(outside: Outside, ours: OurPages) -> Sentences:
    """Cancelled: the store's order ended too, or a person let it be so."""
    for side, _, page, _ in _orders(outside, ours, {"cancelled"}):
        sold = side.orders.get(page.order["order"])
        if sold and sold.is_promised and not is_kept(page):
            yield f"{name(side, sold.id)} is said to be cancelled; in the store it is {sold.status}"


def nothing_is_there_twice(outside: Outside, ours: OurPages) -> Sentences:
    """One order, one living sales order; and its pending successor, while the page says that it waits for somebody."""
    for side, pages in pairs(outside, ours):
        alive = Counter(mark for row in outside.sales_orders if row.is_alive for mark in _marks(row, side))
        for order, count in alive.items():
            page = pages.orders.get(order)
            is_replaced = page is not None and page.order["disposition"] in WAITING
            pending = [row for row in outside.bearing(side.shop, order) if row.status == "pending"]
            if count > (2 if is_replaced and pending else 1):
                yield f"{name(side, order)} stands {count} times in Heartland"


def nothing_is_there_without_its_order(outside: Outside, ours: OurPages) -> Sentences:
    """A living sales order with our mark has a living order, or a page that asks a person about it."""
    for side, pages in pairs(outside, ours):
        for row in outside.sales_orders:
            for order in _marks(row, side):
                sold, page = side.orders.get(order), pages.orders.get(order)
                is_asked = page is not None and (page.order["disposition"] in WAITING or is_kept(page))
                if row.is_alive and (sold is None or sold.is_archived) and not is_asked:
                    yield f"Heartland holds {row.number} for order {order}, which store {side.shop.hash} has no more"


def _agrees(words: str) -> bool:
    """A page claims it, also where it says that it was so when it read both."""
    return AGREE in words or AGREED in words


def money_is_as_it_is_said(outside: Outside, ours: OurPages) -> Sentences:
    """The store's total and Heartland's, as the page names them; and *Both agree* only where they do."""
    for side, _, page, held in _orders(outside, ours, {"booked", *WAITING}):
        order, money = page.order["order"], page.money
        sold, alive = side.orders.get(order), [row for row in held if row.is_alive]
        if money is None or sold is None:
            continue
        if money.amount("charged") != sold.total:
            yield f"{name(side, order)}: the page says {money['charged']} charged, the store {sold.total}"
        if money["computed"] and alive and money.amount("computed") not in {row.total for row in alive}:
            said = money["computed"]
            yield f"{name(side, order)}: the page says {said} computed by Heartland, which says {alive[0].total}"
        says_so = _agrees(money.words)
        if says_so and (not alive or alive[0].total != sold.total):
            there = alive[0].total if alive else "nothing"
            yield f"{name(side, order)}: “{AGREE}”, while the store has {sold.total} and Heartland {there}"
        if says_so and page.both and "(differs)" in page.both.words:
            yield f"{name(side, order)}: “{AGREE}” beside a row that differs"


def what_is_booked_is_paid(outside: Outside, ours: OurPages) -> Sentences:
    """Heartland holds as much paid as its sales order costs, unless a person kept what differs."""
    for side, _, page, held in _orders(outside, ours, {"booked"}):
        for row in held:
            if row.is_alive and not is_kept(page) and row.paid != row.total and _agrees(_words(page)):
                yield f"{name(side, page.order['order'])}: {row.number} costs {row.total}, {row.paid} is paid"


# --- sums -----------------------------------------------------------------------------------------


def sums_come_out(outside: Outside, ours: OurPages) -> Sentences:
    """The dashboard, the list, the pages and the stages count the same orders."""
    listed = Counter(claim["disposition"] for pages in ours.stores for claim in pages.listed.values())
    if ours.verdict and int(ours.verdict["total"]) != sum(listed.values()):
        yield f"The dashboard counts {ours.verdict['total']} orders, the list has {sum(listed.values())}"
    if ours.parts and ours.parts != {state: count for state, count in listed.items() if count}:
        yield f"The dashboard says {dict(sorted(ours.parts.items()))}, the list {dict(sorted(listed.items()))}"
    for pages in ours.stores:
        if (staged := sum(pages.stages.values())) != len(pages.listed):
            yield f"The stages of store {pages.shop.hash} hold {staged} of {len(pages.listed)} orders"
        for order, page in pages.orders.items():
            if page.order["disposition"] != pages.listed[order]["disposition"]:
                yield f"Order {order}: its page and the list name different dispositions"


def stages_are_as_they_are(outside: Outside, ours: OurPages) -> Sentences:
    """Booked orders by the store's status and by what Heartland has distributed."""
    for side, pages in pairs(outside, ours):
        found: Counter[str] = Counter()
        for order, claim in pages.listed.items():
            if claim["disposition"] == "booked" and (sold := side.orders.get(order)):
                page = pages.orders.get(order)
                found[_stage(outside, side, sold, is_chosen=page is not None and is_kept(page))] += 1
        for stage in (TO_DISTRIBUTE, LEFT_OPEN, PACKING, PARTLY, SHIPPED):
            if stage in pages.stages and pages.stages[stage] != found[stage]:
                said = pages.stages[stage]
                yield f"Store {side.shop.hash}: {said} orders under “{stage}”, both systems have {found[stage]}"


def stages_are_worth_their_orders(outside: Outside, ours: OurPages) -> Sentences:
    """The money of each stage, by currency, is what the store charged for the orders there."""
    for side, pages in pairs(outside, ours):
        found: dict[str, Counter[str]] = {}
        unknown: set[str] = set()  # stages with an order that the store has no more
        for order, claim in pages.listed.items():
            sold, state = side.orders.get(order), claim["disposition"]
            stage = WAITS_IN.get(state, OVER)
            if state == "booked":
                page = pages.orders.get(order)
                stage = _stage(outside, side, sold, is_chosen=page is not None and is_kept(page)) if sold else ""
            if sold is None:
                unknown.add(stage)
                continue
            found.setdefault(stage, Counter())[sold.currency] += sold.total  # type: ignore[assignment]
        for stage, said in pages.worth.items():
            there = {currency: total for currency, total in found.get(stage, Counter()).items() if total}
            if stage not in unknown and "" not in unknown and _money(said) != there:
                shown = " and ".join(f"{total} {currency}" for currency, total in sorted(there.items())) or "nothing"
                yield f"Store {side.shop.hash}: “{stage}” is said to be worth {said.strip()}, it is {shown}"


def _money(text: str) -> dict[str, Decimal]:
    """Amounts by currency, as a claim writes them."""
    parts = [part.partition(":") for part in text.split()]
    return {currency: Decimal(amount) for currency, _, amount in parts}


def sales_of_today_are_as_they_are(outside: Outside, ours: OurPages) -> Sentences:
    """Web: what the store charged for the day's orders that are not ended; shops: what Heartland reports."""
    for side, pages in pairs(outside, ours):
        said = [claim for claim in ours.sold if claim["store"] == side.shop.page_id]
        for day, zone in {(claim["day"], claim["zone"]) for claim in said}:
            found: Counter[str] = Counter()
            for order, claim in pages.listed.items():
                sold = side.orders.get(order)
                is_sale = claim["disposition"] not in {"cancelled", "skipped"}
                if sold and sold.placed_at and is_sale and str(sold.placed_at.astimezone(ZoneInfo(zone)).date()) == day:
                    found[sold.currency] += sold.total  # type: ignore[assignment]
            shown = {claim["currency"]: claim.amount("amount") for claim in said if claim.amount("amount")}
            if shown != {currency: total for currency, total in found.items() if total}:
                yield f"Store {side.shop.hash} is said to have sold {_listed(shown)} today; it sold {_listed(found)}"
    for claim in ours.sold:
        asked = datetime.fromisoformat(claim["asked"])
        if not claim["location"] or (outside.sold_at and outside.sold_at >= asked - SAME_SECOND):
            continue  # what was sold since is not in it yet: the page says how old it is
        there = outside.reports.get(claim["day"], {}).get(claim["location"])
        if there and (claim.amount("amount"), int(claim["count"])) != there:
            is_said = f"{claim['amount']} in {claim['count']}"
            yield f"{claim['location']} is said to have sold {is_said} today, Heartland says {there[0]} in {there[1]}"


def what_no_webhook_told_is_counted(outside: Outside, ours: OurPages) -> Sentences:
    """An order that we have without a webhook of it, while webhooks of others came, is a miss."""
    before = datetime.now(UTC) - JUDGED_AFTER
    for side, pages in pairs(outside, ours):
        said = ours.misses.get(side.shop.page_id)
        if said is None:
            continue
        missed, found = int(said["missed"]), int(said["found"])
        if missed > found:
            yield f"Store {side.shop.hash}: webhooks are said to have missed {missed} of {found} changes"
        first = min(map(int, side.told), default=0)
        silent = [
            order.id
            for order in since(side)
            if first and int(order.id) > first and order.id not in side.told and order.id in pages.listed
            if order.placed_at and order.placed_at < before
        ]
        if len(silent) > missed:
            yield f"Store {side.shop.hash}: no webhook told of {len(silent)} orders, {missed} are said to be missed"


def _listed(money: Mapping[str, object]) -> str:
    return " and ".join(f"{total} {currency}" for currency, total in sorted(money.items())) or "nothing"


def _stage(outside: Outside, side: StoreSide, sold: Sold, *, is_chosen: bool) -> str:
    """What waits for a location first: pieces that have gone in the store, and in Heartland have not, wait for none.

    What a location is to ship although it has gone has left too, unless a person chose to keep it so.
    """
    alive = [row for row in outside.bearing(side.shop, sold.id) if row.is_alive]
    gone = _gone(outside, sold, alive[0]) if alive else Counter[str]()
    if not alive or not alive[0].undistributed:
        asked = Counter({outside.skus[item]: count for item, count in alive[0].asked.items()}) if alive else Counter()
        is_in_vain = asked if sold.is_over else asked & gone
        return LEFT_OPEN if is_in_vain and not is_chosen else sold.stage
    waiting = Counter({outside.skus[item]: count for item, count in alive[0].undistributed.items()})
    return LEFT_OPEN if sold.is_over or not waiting - gone else TO_DISTRIBUTE


def _gone(outside: Outside, sold: Sold, row: Booked) -> Counter[str]:
    """Pieces that the store shows as shipped or given back and the sales order still has open.

    It was booked without those that it does not hold; those that came back at a till had left before.
    """
    left_out = sold.pieces - Counter({outside.skus[item]: count for item, count in row.pieces.items()})
    never_left = sold.given_back - outside.taken_back.get(row.id, Counter())
    return sold.shipped + never_left - left_out - outside.invoiced.get(row.id, Counter())


def errors_are_those_that_wait(outside: Outside, ours: OurPages) -> Sentences:
    """What waits for a person or a retry is on the Errors tab, and nothing else of the orders is."""
    for pages in ours.stores:
        waiting = {
            order for order, claim in pages.listed.items() if claim["disposition"] in {"held", "dead", "retrying"}
        }
        failing = {record for flow, record in pages.failing if flow == "orders"}
        for order in sorted(waiting - failing):
            yield f"Order {order} waits, and the Errors tab of store {pages.shop.hash} does not have it"
        for order in sorted(failing - waiting):
            yield f"Order {order} is on the Errors tab of store {pages.shop.hash} and does not wait"
        if (count := sum(pages.errors.values())) < len(pages.failing):
            yield f"The Errors tab of store {pages.shop.hash} counts {count} and lists {len(pages.failing)}"


# --- shipments and stock --------------------------------------------------------------------------


def shipments_are_the_stores(outside: Outside, ours: OurPages) -> Sentences:
    """What pages call shipped the store shows as shipped, and never more than Heartland invoiced."""
    for side, pages in pairs(outside, ours):
        for order, page in pages.orders.items():
            said: Counter[str] = Counter()
            for claim in page.shipments:
                if claim["disposition"] == "booked":
                    for piece in claim["pieces"].split():
                        number, _, sku = piece.partition("x:")
                        said[sku] += int(number)
            shown = side.orders[order].shipped if order in side.orders else Counter()
            invoiced: Counter[str] = Counter()
            for row in outside.bearing(side.shop, order):
                invoiced.update(outside.invoiced.get(row.id, {}))
            for sku, count in said.items():
                if shown[sku] < count:
                    yield f"{name(side, order)}: the page says {count} of {sku} shipped, the store {shown[sku]}"
                if invoiced[sku] < count:
                    yield f"{name(side, order)}: {count} of {sku} shipped, Heartland invoiced {invoiced[sku]}"


def promised(outside: Outside, ours: OurPages) -> Counter[str]:
    """Pieces by SKU on web orders of all stores that no location has set aside; not what a person has settled."""
    pieces: Counter[str] = Counter()
    for side, pages in pairs(outside, ours):
        for order in since(side):
            held = [row for row in outside.bearing(side.shop, order.id) if row.is_alive]
            for row in held:
                pieces.update({outside.skus[item]: count for item, count in row.undistributed.items()})
            page = pages.orders.get(order.id)
            if not held and order.is_promised and not (page and is_kept(page)):
                pieces.update(order.pieces)
    return pieces


def sellable(outside: Outside, ours: OurPages, pages: StorePages) -> dict[str, int]:
    """What a store may offer of each SKU: counted in Heartland, less kept back and promised; whole pieces."""
    taken = promised(outside, ours)
    return {sku: _offered(sku, by_location, taken[sku], pages) for sku, by_location in outside.stock.items()}


def kept_for_others(side: StoreSide) -> Counter[str]:
    """Pieces that the store does not sell, for open orders from before the connection, which we leave alone."""
    former = [order for order in side.orders.values() if int(order.id) < side.shop.since]
    return sum((order.kept for order in former), Counter[str]())


def kept_for_called_off(side: StoreSide, pages: StorePages) -> Counter[str]:
    """Pieces that the store keeps for open orders that a person left cancelled in Heartland: only the store lets go."""
    called_off = {order for order, page in pages.orders.items() if is_cancelled_there(page)}
    return sum((order.kept for order in since(side) if order.id in called_off), Counter[str]())


def _offered(sku: str, by_location: Mapping[str, Stock], taken: int, pages: StorePages) -> int:
    store_wide = pages.inventory
    assert store_wide  # noqa: S101 (see is_plain)
    places = {claim["place"] for claim in pages.counts}
    counted = sum(
        (
            _counts(stock, store_wide["counting"])
            for place, stock in by_location.items()
            if store_wide["all"] == "True" or place in places
        ),
        Decimal(0),
    )
    rule = next((claim for claim in pages.keeps if claim["value"] == sku), store_wide)
    share = math.ceil(max(counted, Decimal(0)) * int(rule["percent"]) / 100)
    free = int((counted - max(int(rule["units"]), share) - taken) // 1)
    return 0 if free < int(rule["last"]) else max(0, free)


def _counts(stock: Stock, counting: str) -> Decimal:
    """What of a location's stock the merchant lets count."""
    if counting == "on_hand":
        return stock.on_hand
    return stock.available + (stock.in_transit if counting == "incoming" else 0)


def stock_is_as_it_is_said(outside: Outside, ours: OurPages) -> Sentences:
    """A card's number is what may be sold; *Both agree* only where the store offers it."""
    for side, pages in pairs(outside, ours):
        expected = sellable(outside, ours, pages) if is_plain(pages) else None
        for sku, card in pages.cards.items():
            said, held = card.amount("quantity"), side.stock.get(sku)
            if expected is not None and said != expected.get(sku):
                is_so = expected.get(sku)
                yield f"Store {side.shop.hash}: the card of {sku} says {said} for sale, both systems say {is_so}"
            if AGREE in card.words and said != held:
                yield f"Store {side.shop.hash}: the card of {sku} says “{AGREE}” at {said}, the store offers {held}"


def a_store_that_follows_has_what_may_be_sold(outside: Outside, ours: OurPages) -> Sentences:
    """Follows by itself, nothing to be sent, nothing refused: every SKU of both systems is equal."""
    for side, pages in pairs(outside, ours):
        said = pages.inventory
        if said is None or not is_plain(pages) or said["follows"] != "True" or said["marked"] != "0":
            continue
        kept = kept_for_others(side) + kept_for_called_off(side, pages)
        expected = {sku: count - kept[sku] for sku, count in sellable(outside, ours, pages).items()}
        wrong = [sku for sku in sorted(side.stock.keys() & expected.keys()) if side.stock[sku] != expected[sku]]
        yield from (
            f"Store {side.shop.hash} offers {side.stock[sku]} of {sku}, and {expected[sku]} may be sold"
            for sku in wrong
        )
        if said["accuracy"] and wrong and Decimal(said["accuracy"]) == 100:
            yield f"The inventory accuracy of store {side.shop.hash} is said to be 100 %; {len(wrong)} SKUs are wrong"


def is_plain(pages: StorePages) -> bool:
    """Whether the sum is known from outside: all is shown at one location, and only items have rules of their own.

    Which items move fast, and which belong to a category, Heartland tells nobody in one list.
    """
    said = pages.inventory
    if said is None or said["fast"] != "0" or any(rule["location"] or rule["field"] for rule in pages.keeps):
        return False
    return said["all"] == "True" or all(place["shown"] in {"", "1"} for place in pages.counts)


# --- proof ----------------------------------------------------------------------------------------


def the_proof_says_what_is(outside: Outside, ours: OurPages) -> Sentences:
    """Each line of the newest proof: the sales order's state, and no *Booked* where it is not alive."""
    for side, pages in pairs(outside, ours):
        for line in pages.proof:
            held = outside.bearing(side.shop, line["order"])
            state = next((row.status for row in sorted(held, key=lambda row: not row.is_alive)), "")
            if line["heartland"] != state:
                yield f"The proof says “{line['heartland']}” of {name(side, line['order'])}, Heartland “{state}”"
            if line["disposition"] == "booked" and state not in {"pending", "open", "closed"}:
                yield f"The proof says booked of {name(side, line['order'])}, Heartland “{state}”"


RULES: tuple[Rule, ...] = (
    every_order_is_somewhere,
    nothing_is_said_of_what_never_was,
    what_is_booked_is_there,
    what_is_not_booked_is_not_there,
    what_is_cancelled_has_ended,
    nothing_is_there_twice,
    nothing_is_there_without_its_order,
    money_is_as_it_is_said,
    what_is_booked_is_paid,
    sums_come_out,
    stages_are_as_they_are,
    stages_are_worth_their_orders,
    sales_of_today_are_as_they_are,
    what_no_webhook_told_is_counted,
    errors_are_those_that_wait,
    shipments_are_the_stores,
    stock_is_as_it_is_said,
    a_store_that_follows_has_what_may_be_sold,
    the_proof_says_what_is,
)


def disagreements(outside: Outside, ours: OurPages) -> list[str]:
    """Every sentence of every rule."""
    return [sentence for rule in RULES for sentence in rule(outside, ours)]


def _orders(
    outside: Outside, ours: OurPages, states: set[str]
) -> Iterator[tuple[StoreSide, StorePages, OrderPage, list[Booked]]]:
    """Order pages in some dispositions with the sales orders that bear their mark; those on their way left out."""
    for side, pages in pairs(outside, ours):
        for order, page in pages.orders.items():
            if page.order["disposition"] in states and not page.order["pending"]:
                yield side, pages, page, outside.bearing(side.shop, order)


def _marks(row: Booked, side: StoreSide) -> list[str]:
    mark = mark_of(row.custom, side.shop)
    return [mark] if mark else []


def _state(sold: Sold | None) -> str:
    return "not there" if sold is None else "archived" if sold.is_archived else sold.status


def _words(page: OrderPage) -> str:
    return page.money.words if page.money else ""
