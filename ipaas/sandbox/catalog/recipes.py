"""Order recipes: what a scripted shopper does. The body of the sandbox's `POST /_sim/orders`.

`recipes(n, seed)` walks through every kind of `KINDS` and begins again; `orders(seed)` are the 60 orders of the seed,
four in each status.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from random import Random
from typing import Any, TypedDict

from ipaas.sandbox.catalog.model import BOTH, Address, Customer, Product, Variant
from ipaas.sandbox.catalog.oddities import LAST_PIECE_SKU, NEAR_MISSES
from ipaas.sandbox.catalog.products import variants
from ipaas.sandbox.catalog.shoppers import PLACES, customers

STATUSES = 15
ORDERS_PER_STATUS = 4


class Line(TypedDict, total=False):
    """One thing in the cart. `modifiers`: name -> value; `gift_wrap`: name of the wrap."""

    sku: str
    quantity: int
    modifiers: dict[str, Any]
    gift_wrap: str


class Recipe(TypedDict, total=False):
    """See the sandbox contract. Amounts are texts. `kind` only names the recipe; the rest is what happens."""

    kind: str
    lines: list[Line]
    custom_line: dict[str, str]
    customer: str | None
    guest: dict[str, str]
    ship_to: dict[str, str] | list[dict[str, str]]
    bill_to: dict[str, str]
    coupon: str
    shipping: str
    gift_certificate: str  # a code, or "new:25.00" for a fresh one of that worth
    store_credit: str
    discount: str
    handling: str
    fee: dict[str, str]
    payment: str  # card, offline, authorized, declined, pending, abandoned
    pickup: bool
    message: str
    status_id: int | None
    ship: str  # afterwards: all, part
    refund: str  # afterwards: full, part
    days_ago: int


GUESTS = (
    ("Robin", "Wells"),
    ("Amara", "Diallo"),
    ("Théo", "Blanc"),
    ("Mei", "Chen"),
    ("Gus", "Lindqvist"),
    ("Paloma", "Ibáñez"),
    ("Kwame", "Mensah"),
    ("Jo", "O'Hara"),
    ("Siobhán", "Kelly"),
    ("Ruth", "Adler"),
)


class Shopper:
    """Draws what a recipe needs from one seeded source."""

    def __init__(self, seed: int, number: int) -> None:
        self.rng = Random(f"recipe {seed} {number}")
        self.number = number
        self.people = [person for person in customers(seed) if "bigcommerce" in person.systems]
        rows = [row for row in variants(seed) if _ordinary(*row)]
        self.plain = [variant.sku for product, variant in rows if not product.is_grid]
        self.grid = [variant.sku for product, variant in rows if product.is_grid]

    def person(self) -> Customer:
        """A known customer living in the United States."""
        return self.rng.choice([person for person in self.people if person.addresses[0].country_code == "US"])

    def known(self, person: Customer | None = None) -> Recipe:
        """The customer part of a recipe."""
        person = person or self.person()
        return {
            "customer": person.email,
            "ship_to": _street(person, person.addresses[-1]),
            "bill_to": _street(person, person.addresses[0]),
        }

    def guest(self, place: int | None = None, first: str = "", last: str = "") -> Recipe:
        """Somebody without an account."""
        first, last = (first, last) if first else self.rng.choice(GUESTS)
        street, city, state, _, postal, area = PLACES[self.number % len(PLACES) if place is None else place]
        row = {
            "first_name": first,
            "last_name": last,
            "email": f"guest{self.number}@example.org",
            "phone": f"({area}) 555-{self.number % 9000 + 1000}",
            "street_1": street,
            "city": city,
            "state": state,
            "zip": postal,
            "country": "United States",
            "country_iso2": "US",
        }
        return {"customer": None, "guest": row}

    def line(self, pool: list[str] | None = None, most: int = 1) -> Line:
        """One ordinary line."""
        return {"sku": self.rng.choice(pool or self.plain), "quantity": self.rng.randint(1, most)}

    def mixed(self, count: int, most: int = 3) -> list[Line]:
        """`count` different lines of both sorts."""
        skus = self.rng.sample(self.plain + self.grid, count)
        return [{"sku": sku, "quantity": self.rng.randint(1, most)} for sku in skus]


def _ordinary(product: Product, variant: Variant) -> bool:
    """Sold by both systems under one spelling, in whole pieces, without anything to fill in."""
    required = any(modifier.required for modifier in product.modifiers)
    return (
        product.systems == BOTH
        and product.kind == "physical"
        and product.is_active
        and product.tracks_inventory
        and not product.allows_fractions
        and not required
        and variant.sku not in NEAR_MISSES
        and variant.sku != LAST_PIECE_SKU
    )


def _street(person: Customer, address: Address) -> dict[str, str]:
    return {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "company": person.company,
        "street_1": address.line_1,
        "street_2": address.line_2,
        "city": address.city,
        "state": address.state,
        "zip": address.postal_code,
        "country": address.country,
        "country_iso2": address.country_code,
        "phone": person.phone,
        "email": person.email,
    }


def _abroad(shopper: Shopper) -> Recipe:
    person = shopper.rng.choice([row for row in shopper.people if row.addresses[0].country_code != "US"])
    return {**shopper.known(person), "lines": shopper.mixed(2), "shipping": ""}


def _short_address(shopper: Shopper) -> Recipe:
    """An address no parcel finds: the street is one long line, the phone is missing."""
    recipe = shopper.guest()
    recipe["guest"] |= {"street_1": "Apartment 12, Building C, behind the old cannery, " * 3, "phone": ""}
    return {**recipe, "lines": [shopper.line()]}


TEXAS, OREGON, CALIFORNIA, NEW_YORK = 0, 7, 2, 4

#: name -> what the shopper does. Defaults: card, flat rate, the customer's own addresses.
KINDS: dict[str, Callable[[Shopper], Recipe]] = {
    "plain": lambda s: {**s.known(), "lines": [s.line()]},
    "variants": lambda s: {**s.known(), "lines": [s.line(s.grid, 2), s.line(s.grid, 2)]},
    "guest": lambda s: {**s.guest(), "lines": [s.line(most=2)]},
    "coupon-percent": lambda s: {**s.known(), "lines": s.mixed(2), "coupon": "SAVE10"},
    "coupon-per-item": lambda s: {**s.known(), "lines": s.mixed(2), "coupon": "FIVER"},
    "coupon-total": lambda s: {**s.guest(TEXAS), "lines": s.mixed(3), "coupon": "ODD7"},
    "coupon-uneven": lambda s: {
        **s.guest(NEW_YORK),
        "lines": [{**s.line(), "quantity": 3}, {**s.line(s.grid), "quantity": 7}],
        "coupon": "THIRD33",
    },
    "taxed": lambda s: {**s.guest(TEXAS), "lines": s.mixed(2)},
    "taxed-goods-only": lambda s: {**s.guest(CALIFORNIA), "lines": s.mixed(2)},
    "two-taxes": lambda s: {**s.guest(NEW_YORK), "lines": s.mixed(2)},
    "zero-tax-state": lambda s: {**s.guest(OREGON), "lines": s.mixed(2)},
    "gift-certificate": lambda s: {**s.known(), "lines": s.mixed(2), "gift_certificate": "new:25.00"},
    "gift-certificate-pays-all": lambda s: {**s.guest(TEXAS), "lines": [s.line()], "gift_certificate": "new:500.00"},
    "store-credit": lambda s: {**s.known(), "lines": s.mixed(2), "store_credit": "12.34"},
    "both-tenders": lambda s: {
        **s.known(),
        "lines": s.mixed(3),
        "gift_certificate": "new:10.00",
        "store_credit": "5.55",
    },
    "unicode": lambda s: {
        **s.guest(first="Đặng Thị", last="Nguyễn-Ångström"),
        "lines": s.mixed(2),
        "message": "Bitte klingeln – 玄関に置いてください 🌲",
    },
    "unknown-sku": lambda s: {**s.known(), "lines": [s.line(), {"sku": "WEB-CRATE", "quantity": 1}]},
    "near-miss-sku": lambda s: {
        **s.known(),
        "lines": [{"sku": s.rng.choice(sorted(NEAR_MISSES.keys() - {"KNF-FOLD"})), "quantity": 1}],
    },
    "gift-wrap": lambda s: {
        **s.known(),
        "lines": [{"sku": "BOK-STEW", "quantity": 2, "gift_wrap": "Kraft paper"}, s.line(s.grid)],
    },
    "customised": lambda s: {
        **s.known(),
        "lines": [{"sku": "HP-BTL-BLK-750ML", "quantity": 1, "modifiers": {"Engraving": "ANA"}}],
    },
    "customised-priced": lambda s: {
        **s.known(),
        "lines": [
            {"sku": "HP-TOT-OAT", "quantity": 2, "modifiers": {"Strap": "Leather"}},
            {"sku": "HP-BLK-OAT", "quantity": 1, "modifiers": {"Monogram": True, "Initials": "RW"}},
        ],
    },
    "pick-list": lambda s: {
        **s.guest(),
        "lines": [
            {"sku": "KIT-MORNING", "quantity": 1, "modifiers": {"Coffee": "Drip Bags, 10", "Tableware": "Enamel Plate"}}
        ],
    },
    "custom-line": lambda s: {
        **s.known(),
        "lines": [s.line()],
        "custom_line": {"name": "Rush handling of order", "price": "9.99", "sku": ""},
    },
    "partially-refunded": lambda s: {**s.known(), "lines": [{**s.line(), "quantity": 3}], "refund": "part"},
    "refunded": lambda s: {**s.known(), "lines": [s.line(most=2)], "refund": "full"},
    "pickup": lambda s: {**s.known(), "lines": s.mixed(2), "pickup": True, "status_id": 8},
    "declined": lambda s: {**s.guest(), "lines": [s.line()], "payment": "declined"},
    "authorized": lambda s: {**s.known(), "lines": [s.line()], "payment": "authorized"},
    "offline": lambda s: {**s.known(), "lines": s.mixed(2), "payment": "offline", "status_id": 11},
    "abandoned": lambda s: {**s.guest(), "lines": [s.line()], "payment": "abandoned"},
    "multi-line": lambda s: {**s.known(), "lines": s.mixed(12, 5)},
    "many-pieces": lambda s: {**s.guest(TEXAS), "lines": [{**s.line(), "quantity": 24}]},
    "free-shipping": lambda s: {**s.known(), "lines": s.mixed(2), "shipping": "Free Shipping"},
    "coupon-free-shipping": lambda s: {**s.known(), "lines": s.mixed(2), "coupon": "FREESHIP"},
    "coupon-shipping": lambda s: {**s.guest(TEXAS), "lines": [s.line()], "coupon": "SHIP4"},
    "manual-discount": lambda s: {**s.known(), "lines": s.mixed(3), "discount": "10.00"},
    "discount-and-coupon": lambda s: {
        **s.guest(NEW_YORK),
        "lines": s.mixed(3),
        "discount": "3.33",
        "coupon": "THIRD33",
    },
    "handling": lambda s: {**s.guest(TEXAS), "lines": [s.line()], "handling": "2.50"},
    "fee": lambda s: {**s.guest(TEXAS), "lines": [s.line()], "fee": {"name": "Oversize fee", "amount": "3.00"}},
    "two-addresses": lambda s: {
        **s.known(),
        "lines": s.mixed(2),
        "ship_to": [_street(s.people[0], s.people[0].addresses[0]), _street(s.people[1], s.people[1].addresses[0])],
    },
    "abroad": _abroad,
    "digital": lambda s: {**s.known(), "lines": [{"sku": "DIG-TRAILS", "quantity": 1}]},
    "digital-and-goods": lambda s: {**s.known(), "lines": [{"sku": "DIG-TRAILS", "quantity": 1}, s.line()]},
    "buys-certificate": lambda s: {**s.known(), "lines": [{"sku": "GIFT-CERT", "quantity": 1}]},
    "no-inventory-item": lambda s: {**s.known(), "lines": [{"sku": "SVC-REPAIR", "quantity": 2}]},
    "shipped": lambda s: {**s.known(), "lines": s.mixed(2), "ship": "all"},
    "partially-shipped": lambda s: {**s.known(), "lines": [{**s.line(), "quantity": 3}, s.line()], "ship": "part"},
    "cancelled": lambda s: {**s.known(), "lines": [s.line()], "status_id": 5},
    "short-address": _short_address,
    "pending": lambda s: {**s.guest(), "lines": [s.line()], "payment": "pending"},
}


def recipes(n: int = 50, seed: int = 7) -> list[Recipe]:
    """`n` varied recipes, equal for equal arguments; every kind once in each round."""
    kinds = list(KINDS.items())
    return [_recipe(*kinds[number % len(kinds)], Shopper(seed, number)) for number in range(n)]


def _recipe(kind: str, make: Callable[[Shopper], Recipe], shopper: Shopper) -> Recipe:
    return {"kind": kind, **make(shopper)}


#: What each status of the seed needs to look natural: payment, and what happened afterwards.
#: Partial ones get a line of several pieces, so that something is left.
_STATUS_STORY: dict[int, Recipe] = {
    0: {"payment": "abandoned"},
    1: {"payment": "pending"},
    2: {"ship": "all"},
    3: {"ship": "part"},
    4: {"refund": "full"},
    5: {"status_id": 5},
    6: {"payment": "declined"},
    7: {"payment": "offline"},
    8: {"pickup": True},
    14: {"refund": "part"},
}
_SEED_KINDS = ("variants", "coupon-percent", "plain", "taxed", "gift-certificate", "guest", "gift-wrap")


@lru_cache(maxsize=4)
def orders(seed: int = 1) -> tuple[Recipe, ...]:
    """The 60 orders of the seed, oldest first: four in each status 0-14."""
    made = []
    for number in range(STATUSES * ORDERS_PER_STATUS):
        status = number * 7 % STATUSES
        kind = _SEED_KINDS[number % len(_SEED_KINDS)]
        recipe = _recipe(kind, KINDS[kind], Shopper(seed, 10_000 + number))
        if status in {3, 14}:
            recipe["lines"][0]["quantity"] += 2
        made.append(recipe | _STATUS_STORY.get(status, {}) | _forced(status, 60 - number))
    return tuple(made)


def _forced(status: int, days_ago: int) -> Recipe:
    return {"status_id": status, "days_ago": days_ago}


def amount(text: str | None) -> Decimal:
    """An amount of a recipe; missing is zero."""
    return Decimal(text or 0)
