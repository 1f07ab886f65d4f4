"""Our pages as a logged-in person sees them, and the claims that stand on them."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import quote

from syncjobs.stories.auditor.claims import Claim, claims_of, of_kind
from syncjobs.stories.auditor.read_systems import Shop

Opener = Callable[[str], str]  # a path of ours → its HTML; raises where there is no such page
ROWS = 10_000


@dataclass(kw_only=True)
class OrderPage:
    """What one order's page claims."""

    order: Claim
    money: Claim | None  # where its equation stands
    both: Claim | None
    why: Claim | None
    shipments: list[Claim]


@dataclass(kw_only=True)
class StorePages:
    """What all pages of one store claim."""

    shop: Shop
    listed: dict[str, Claim]  # of the list of orders, by web order
    orders: dict[str, OrderPage]
    stages: dict[str, int]
    worth: dict[str, str]  # money of the stages, as "EUR:7.00 USD:84.33 "
    errors: dict[str, int]  # records by state, as the tab's counts say
    failing: set[tuple[str, str]]  # (flow, record) of the tab's rows
    inventory: Claim | None
    keeps: list[Claim]  # rules of single items, categories and locations
    counts: list[Claim]  # locations whose stock is sold
    cards: dict[str, Claim]  # by SKU
    proof: list[Claim]  # lines of the newest proof of the newest day


@dataclass(kw_only=True)
class OurPages:
    """What the whole product claims."""

    verdict: Claim | None
    parts: dict[str, int]
    distribute: int
    misses: dict[str, Claim] = field(default_factory=dict)  # of webhooks, by store's page
    sold: list[Claim] = field(default_factory=list)  # today, web and shops
    stores: list[StorePages] = field(default_factory=list)


def pages_read(opener: Opener, shops: list[Shop], skus: list[str]) -> OurPages:
    """Open every page that claims something of the outside; stock cards of the given SKUs."""
    board = claims_of(opener("/?period=all"))
    listed = list(_listed(opener))
    return OurPages(
        verdict=next(of_kind(board, "verdict"), None),
        parts={claim["state"]: int(claim["count"]) for claim in of_kind(board, "part")},
        distribute=sum(int(claim["count"]) for claim in of_kind(board, "distribute")),
        misses={claim["store"]: claim for claim in of_kind(board, "misses")},
        sold=list(of_kind(claims_of(opener("/sales/")), "sold")),
        stores=[_store(opener, shop, [one for one in listed if one["store"] == shop.page_id], skus) for shop in shops],
    )


def _store(opener: Opener, shop: Shop, listed: list[Claim], skus: list[str]) -> StorePages:
    base = f"/stores/{shop.page_id}"
    errors = claims_of(opener(f"{base}/errors/"))
    inventory = claims_of(opener(f"{base}/inventory/"))
    stages = claims_of(opener(f"{base}/fulfillment/"))
    return StorePages(
        shop=shop,
        listed={claim["order"]: claim for claim in listed},
        orders={claim["order"]: _order(opener(f"{base}/orders/{claim['order']}/")) for claim in listed},
        stages={claim["stage"]: int(claim["count"]) for claim in of_kind(stages, "stage")},
        worth={claim["stage"]: claim["money"] for claim in of_kind(stages, "stage")},
        errors={claim["state"]: int(claim["count"]) for claim in of_kind(errors, "errors")},
        failing={(claim["flow"], claim["record"]) for claim in _walk_on(opener, f"{base}/errors/", "error")},
        inventory=next(of_kind(inventory, "inventory"), None),
        keeps=list(of_kind(inventory, "keeps")),
        counts=list(of_kind(inventory, "counts")),
        cards={sku: card for sku in skus for card in _card(opener, base, sku)},
        proof=_proof(opener, base),
    )


def _listed(opener: Opener) -> Iterator[Claim]:
    """All pages of the list, each of which names the next."""
    address = "/orders/"
    while address:
        page = opener(address)
        yield from of_kind(claims_of(page), "listed")
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = unescape(following[1]) if following else ""


def _walk(opener: Opener, address: str, kind: str) -> Iterator[Claim]:
    """The claims of a kind on all pages of a list: a page past the last is the last again."""
    before: list[dict[str, str]] = []
    for number in range(1, ROWS):
        found = list(of_kind(claims_of(opener(f"{address}&page={number}")), kind))
        if not found or [claim.facts for claim in found] == before:
            return
        before = [claim.facts for claim in found]
        yield from found


def _walk_on(opener: Opener, address: str, kind: str) -> Iterator[Claim]:
    """The claims of a kind on all pages of a list that leads from one to the next."""
    here, at = address, ""
    for _ in range(ROWS):
        page = opener(f"{here}{at}")
        yield from of_kind(claims_of(page), kind)
        older = [one for one in re.findall(r' rel="next" href="(\?[^"]*)"', page) if "after=" in one]
        if not older:
            return
        at = unescape(older[0])


def _order(page: str) -> OrderPage:
    claims = claims_of(page)
    return OrderPage(
        order=next(of_kind(claims, "order")),
        money=next(of_kind(claims, "money"), None),
        both=next(of_kind(claims, "both"), None),
        why=next(of_kind(claims, "why"), None),
        shipments=list(of_kind(claims, "shipment")),
    )


def _card(opener: Opener, base: str, sku: str) -> Iterator[Claim]:
    found = of_kind(claims_of(opener(f"{base}/inventory/why/?sku={quote(sku)}")), "stock")
    yield from (claim for claim in found if claim["location"] == "1")


def _proof(opener: Opener, base: str) -> list[Claim]:
    newest = re.search(rf'href="({base}/proof/\d+/)"', opener(f"{base}/proof/"))
    return list(_walk(opener, f"{newest.group(1)}?", "proved")) if newest else []
