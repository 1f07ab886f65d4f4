"""The deliberate oddities of the catalogue, each one a case the bridge must meet.

* Three items are only in the POS, three only in the web shop.
* Six near misses: same thing, SKU spelled differently on the two sides (`NEAR_MISSES`).
* One service without inventory, one item sold by length, one retired item, one item with a negative stock row.
* Items with modifiers of every kind; a pick-list bundle; a digital item; a gift certificate.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from ipaas.sandbox.catalog.assortment import Plain
from ipaas.sandbox.catalog.model import (
    BIGCOMMERCE_ONLY,
    HEARTLAND_ONLY,
    PLACES,
    Choice,
    Modifier,
    Product,
    Variant,
)

#: Web spelling -> POS spelling.
NEAR_MISSES = {
    "CMP-KETL": "cmp-ketl",  # letter case
    "CMP-BOWL": "CMP-BOWL ",  # trailing space
    "CMP-POT1": "CMP-P0T1",  # zero for O
    "0417": "417",  # leading zero lost
    "KNF-FOLD": "KNF_FOLD",  # another separator
    "BIN-8X32": "BIN-8×32",  # multiplication sign for x
}

#: The item whose stock row at the annex is negative: the POS oversold it.
OVERSOLD_SKU = "LGT-LANT"
OVERSOLD_BY = 2

#: Stock of exactly one, everywhere else none: two shoppers can race for it.
LAST_PIECE_SKU = "AXE-FELL"

HOUSE = "Harbor & Pine"
GIFT_WRAPPED = frozenset(
    {"Gifts/Books", "Gifts/Small", "Gifts/Dogs", "Camp/Drinkware", "Tools/Knives", "Accessories/Hats"}
)


def _money(text: str) -> Decimal:
    return Decimal(text).quantize(Decimal("0.01"))


def _single(item: Plain, stock: int) -> Product:
    """A plain item whose stock the table fixes."""
    code, price, weight = item.code, item.price, item.weight
    variant = Variant(
        sku=code,
        pos_sku=code,
        price=_money(price),
        cost=_money(item.cost),
        msrp=_money(price),
        upc="",
        weight=Decimal(weight),
        stock=dict.fromkeys(PLACES, stock),
    )
    return Product(
        code=code, name=item.name, category=item.category, brand=item.brand, description=item.blurb, variants=(variant,)
    )


def one_sided() -> tuple[Product, ...]:
    """The six items known to one system only."""
    pos = (
        _single(
            Plain("POS-BAIT", "Live Bait Cup", "Water/Fishing", HOUSE, "4.75", "1.50", "0.5", "Over the counter only."),
            40,
        ),
        _single(
            Plain("POS-ICE", "Bag of Ice", "Camp/Kitchen", HOUSE, "3.50", "0.90", "10", "Over the counter only."), 60
        ),
        _single(
            Plain("POS-KEYS", "Locker Key Deposit", "Gifts/Small", HOUSE, "10", "2.00", "0.1", "Returned at the desk."),
            15,
        ),
    )
    web = (
        _single(
            Plain(
                "WEB-PRINT",
                "Harbor Print, framed",
                "Gifts/Small",
                HOUSE,
                "85",
                "31.00",
                "4.0",
                "Made to order by the framer.",
            ),
            8,
        ),
        _single(
            Plain(
                "WEB-CLUB",
                "Coffee Club, 3 months",
                "Provisions/Coffee",
                HOUSE,
                "45",
                "21.00",
                "2.4",
                "Sent by the roaster.",
            ),
            25,
        ),
        _single(
            Plain(
                "WEB-CRATE",
                "Camp Crate",
                "Camp/Furniture",
                HOUSE,
                "59.90",
                "24.00",
                "6.5",
                "New; the POS does not know it yet.",
            ),
            12,
        ),
    )
    return (
        *(replace(product, systems=HEARTLAND_ONLY) for product in pos),
        *(replace(product, systems=BIGCOMMERCE_ONLY) for product in web),
    )


def specials() -> tuple[Product, ...]:
    """Items that are odd by themselves: service, by length, retired, digital, leading zero, certificate."""
    return (
        _single(
            Plain(
                "0417", "Tide Table 2026", "Tools/Navigation", HOUSE, "8.75", "2.20", "0.2", "The number is the title."
            ),
            18,
        ),
        replace(
            _single(
                Plain("SVC-REPAIR", "Gear Repair, per hour", "Care/Gear", HOUSE, "35", "0", "0", "Zips, seams, soles."),
                0,
            ),
            tracks_inventory=False,
        ),
        replace(
            _single(
                Plain(
                    "ROP-METER",
                    "Marine Rope, by the meter",
                    "Tools/Rope",
                    HOUSE,
                    "2.35",
                    "0.80",
                    "0.2",
                    "Cut to length at the counter.",
                ),
                250,
            ),
            allows_fractions=True,
        ),
        replace(
            _single(
                Plain(
                    "LGT-OLD", "Storm Lantern (retired)", "Camp/Lights", HOUSE, "49", "20.00", "2.1", "No longer made."
                ),
                1,
            ),
            is_active=False,
        ),
        replace(
            _single(
                Plain(
                    "DIG-TRAILS",
                    "Trail Atlas, download",
                    "Tools/Navigation",
                    HOUSE,
                    "19",
                    "0",
                    "0",
                    "PDF and GPX, 120 trails.",
                ),
                0,
            ),
            kind="digital",
            tracks_inventory=False,
        ),
        replace(
            _single(Plain("GIFT-CERT", "Gift certificate", "Gifts/Small", HOUSE, "50", "0", "0", "Sent by e-mail."), 0),
            kind="gift_certificate",
            tracks_inventory=False,
            systems=BIGCOMMERCE_ONLY,
        ),
        _bundle(),
    )


def _bundle() -> Product:
    """A pick list: its children are own order lines with own stock."""
    bundle = _single(
        Plain(
            "KIT-MORNING",
            "Camp Morning Kit",
            "Gifts/Small",
            HOUSE,
            "64",
            "26.00",
            "2.0",
            "A kettle-side gift: choose a coffee and what to eat from.",
        ),
        20,
    )
    return replace(
        bundle,
        gift_wrap=True,
        modifiers=(
            Modifier(
                name="Coffee",
                kind="product_list",
                required=True,
                choices=(
                    Choice(label="Breakwater Coffee 12 oz", sku="COF-BEAN"),
                    Choice(label="Drip Bags, 10", sku="COF-DRIP"),
                ),
            ),
            Modifier(
                name="Tableware",
                kind="product_list_with_images",
                required=True,
                choices=(Choice(label="Enamel Plate", sku="CMP-PLAT"), Choice(label="Cutlery Roll", sku="CMP-CUTL")),
            ),
        ),
    )


#: Product code -> what the shopper may have done to it.
MODIFIERS: dict[str, tuple[Modifier, ...]] = {
    "HP-BTL": (Modifier(name="Engraving", kind="text", max_length=20),),
    "KNF-FOLD": (Modifier(name="Engraving", kind="text", required=True, max_length=12),),
    "HP-BLK": (
        Modifier(name="Monogram", kind="checkbox", price=Decimal("8.00")),
        Modifier(name="Initials", kind="text", max_length=3),
    ),
    "HP-MUG": (Modifier(name="Your artwork", kind="file"),),
    "HP-DOG": (
        Modifier(name="Name on the tag", kind="text", max_length=10),
        Modifier(name="Phone on the tag", kind="numbers_only_text"),
    ),
    "HP-TOT": (
        Modifier(
            name="Strap",
            kind="dropdown",
            required=True,
            choices=(Choice(label="Webbing"), Choice(label="Leather", price=Decimal("12.50"))),
        ),
    ),
    "BOK-KNOT": (Modifier(name="Dedication", kind="multi_line_text", max_length=200),),
    "WEB-PRINT": (
        Modifier(
            name="Frame",
            kind="radio_buttons",
            required=True,
            choices=(Choice(label="Oak"), Choice(label="Walnut", price=Decimal("15.00"))),
        ),
    ),
    "PZL-1000": (Modifier(name="Deliver on", kind="date"),),
}
