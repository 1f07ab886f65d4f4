"""Where our pages and the outside say different things: each rule a pure function from both to sentences."""

from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal

from syncjobs.demo.auditing.outside import Booked, Outside, Sold, StoreSide, mark_of
from syncjobs.demo.auditing.pages import OrderPage, OurPages, StorePages

Sentences = Iterator[str]
Rule = Callable[[Outside, OurPages], Sentences]
WAITING = {"held", "dead", "retrying", "in_flight"}
ENDED = {"Cancelled", "Declined"}
OVER = {"Shipped", "Completed", "Refunded", *ENDED}
TO_DISTRIBUTE, LEFT_OPEN, PACKING = "To distribute", "Left, open in Heartland", "Being packed"
STAGE_OF = {"Partially Shipped": "Partly shipped", "Shipped": "Shipped", "Completed": "Shipped"}
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
    is_kept_cancelled = (disposition, code) == ("cancelled", "cancelled_in_heartland")  # a hold of that name asked
    return code.startswith("kept_") or disposition == "settled" or is_kept_cancelled


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
        if alive and not is_kept(page) and (sold is None or sold.is_archived or sold.status in ENDED):
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
    """One order, one living sales order."""
    for side in outside.stores:
        alive = Counter(mark for row in outside.sales_orders if row.is_alive for mark in _marks(row, side))
        for order, count in alive.items():
            if count > 1:
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
        if money["computed"] and alive and money.amount("computed") != alive[0].total:
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
        for stage in (TO_DISTRIBUTE, LEFT_OPEN, PACKING, *sorted(set(STAGE_OF.values()))):
            if stage in pages.stages and pages.stages[stage] != found[stage]:
                said = pages.stages[stage]
                yield f"Store {side.shop.hash}: {said} orders under “{stage}”, both systems have {found[stage]}"


def _stage(outside: Outside, side: StoreSide, sold: Sold, *, is_chosen: bool) -> str:
    """What waits for a location first: pieces that the store shows as shipped, and Heartland has not, wait for none.

    What a location is to ship although it has gone has left too, unless a person chose to keep it so.
    """
    alive = [row for row in outside.bearing(side.shop, sold.id) if row.is_alive]
    gone = side.shipped.get(sold.id, Counter()) - outside.invoiced.get(alive[0].id, Counter()) if alive else Counter()
    if not alive or not alive[0].undistributed:
        asked = Counter({outside.skus[item]: count for item, count in alive[0].asked.items()}) if alive else Counter()
        is_in_vain = asked if sold.status in OVER else asked & gone
        return LEFT_OPEN if is_in_vain and not is_chosen else STAGE_OF.get(sold.status, PACKING)
    waiting = Counter({outside.skus[item]: count for item, count in alive[0].undistributed.items()})
    return LEFT_OPEN if sold.status in OVER or not waiting - gone else TO_DISTRIBUTE


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
            shown = side.shipped.get(order, Counter())
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


def sellable(outside: Outside, ours: OurPages) -> dict[str, int]:
    """What a store may offer of each SKU: free in Heartland less promised; whole pieces, never fewer than none."""
    taken = promised(outside, ours)
    return {sku: max(0, int(free // 1) - taken[sku]) for sku, free in outside.available.items()}


def stock_is_as_it_is_said(outside: Outside, ours: OurPages) -> Sentences:
    """A card's number is what may be sold; *Both agree* only where the store offers it."""
    expected = sellable(outside, ours)
    for side, pages in pairs(outside, ours):
        for sku, card in pages.cards.items():
            said, held = card.amount("quantity"), side.stock.get(sku)
            if is_plain(pages) and said != expected.get(sku):
                is_so = expected.get(sku)
                yield f"Store {side.shop.hash}: the card of {sku} says {said} for sale, both systems say {is_so}"
            if AGREE in card.words and said != held:
                yield f"Store {side.shop.hash}: the card of {sku} says “{AGREE}” at {said}, the store offers {held}"


def a_store_that_follows_has_what_may_be_sold(outside: Outside, ours: OurPages) -> Sentences:
    """Follows by itself, nothing to be sent, nothing refused: every SKU of both systems is equal."""
    expected = sellable(outside, ours)
    for side, pages in pairs(outside, ours):
        said = pages.inventory
        if said is None or not is_plain(pages) or said["follows"] != "True" or said["marked"] != "0":
            continue
        wrong = [sku for sku in sorted(side.tracked & expected.keys()) if side.stock[sku] != expected[sku]]
        yield from (
            f"Store {side.shop.hash} offers {side.stock[sku]} of {sku}, and {expected[sku]} may be sold"
            for sku in wrong
        )
        if said["accuracy"] and wrong and Decimal(said["accuracy"]) == 100:
            yield f"The inventory accuracy of store {side.shop.hash} is said to be 100 %; {len(wrong)} SKUs are wrong"


def is_plain(pages: StorePages) -> bool:
    """The store-wide rule keeps nothing back, and all locations count: then the sum is known from outside."""
    said = pages.inventory
    if said is None:
        return False
    return (said["all"], said["counting"], said["kept"], said["rules"]) == ("True", "available", "0", "0")


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
    mark = mark_of(row, side.shop)
    return [mark] if mark else []


def _state(sold: Sold | None) -> str:
    return "not there" if sold is None else "archived" if sold.is_archived else sold.status


def _words(page: OrderPage) -> str:
    return page.money.words if page.money else ""
