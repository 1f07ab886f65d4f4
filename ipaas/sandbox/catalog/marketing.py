"""What the web shop offers around the goods: coupons, gift certificates, gift wrap, delivery, taxes, pickup."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

D = Decimal


class Coupon(NamedTuple):
    """`kind` is the V2 type: 0 per item, 1 percent, 2 off the total, 3 off shipping, 4 free shipping (note §12)."""

    code: str
    name: str
    kind: int
    amount: Decimal
    minimum: Decimal = D(0)
    categories: tuple[str, ...] = ()  # empty: everything
    enabled: bool = True


class Certificate(NamedTuple):
    """A gift certificate in circulation (note §23)."""

    code: str
    amount: Decimal
    balance: Decimal
    status: str
    expires_in_days: int = 0  # 0: never


class Wrap(NamedTuple):
    """A gift wrap option, price per piece."""

    name: str
    price: Decimal
    takes_message: bool


class Method(NamedTuple):
    """A shipping method: `perorder`, `peritem` or `freeshipping`."""

    zone: str
    name: str
    kind: str
    rate: Decimal


class TaxRate(NamedTuple):
    """A sales tax of a state, per cent. `on_shipping`: shipping and handling are taxed too."""

    name: str
    country_code: str
    state: str
    rate: Decimal
    on_shipping: bool = True
    priority: int = 0


COUPONS = (
    Coupon("SAVE10", "10% off", 1, D(10)),
    Coupon("THIRD33", "A third off", 1, D("33.33")),
    Coupon("FIVER", "$5 off each item", 0, D(5)),
    Coupon("TAKE20", "$20 off your order", 2, D(20), D(60)),
    Coupon("ODD7", "$7 off your order", 2, D(7)),
    Coupon("SHIP4", "$4 off shipping", 3, D(4)),
    Coupon("FREESHIP", "Free shipping", 4, D(0)),
    Coupon("CAMP15", "15% off camp gear", 1, D(15), categories=("Camp",)),
    Coupon("LASTYEAR", "Ended", 1, D(25), enabled=False),
)
CERTIFICATES = (
    *(Certificate(f"GC7-PIN-HRB-{number:03d}", D(500), D(500), "active") for number in range(1, 7)),
    Certificate("GC7-PIN-HRB-007", D(50), D("23.17"), "active"),
    Certificate("GC7-PIN-HRB-008", D(25), D(25), "active", 365),
    Certificate("GC7-PIN-HRB-009", D(25), D(0), "active"),
    Certificate("GC7-PIN-HRB-010", D(100), D(100), "expired", -30),
    Certificate("GC7-PIN-HRB-011", D(75), D(75), "disabled"),
    Certificate("GC7-PIN-HRB-012", D(40), D(40), "pending"),
)
WRAPS = (
    Wrap("Kraft paper", D("3.00"), True),
    Wrap("Linen cloth", D("7.95"), True),
    Wrap("Plain box", D("1.25"), False),
)

#: Zone -> countries, handling fee. The zone without countries takes the rest of the world.
ZONES = {"US": ("US", D(0)), "Rest of the World": ("", D("2.50")), "Canada": ("CA", D("2.50"))}
METHODS = (
    Method("US", "Flat Rate", "perorder", D("8.00")),
    Method("US", "Express", "perorder", D("19.50")),
    Method("US", "Parcel, per piece", "peritem", D("3.45")),
    Method("US", "Freight", "perorder", D("79.00")),
    Method("US", "Free Shipping", "freeshipping", D(0)),
    Method("Rest of the World", "International Post", "peritem", D("17.10")),
    Method("Canada", "Cross-Border Ground", "perorder", D("18.75")),
)

#: States not named here (Oregon, New Hampshire, …) and other countries have no tax.
TAX_RATES = (
    TaxRate("Texas Sales Tax", "US", "Texas", D("8.2500")),
    TaxRate("California Sales Tax", "US", "California", D("7.2500"), on_shipping=False),
    TaxRate("New York State Tax", "US", "New York", D("4.0000")),
    TaxRate("New York Local Tax", "US", "New York", D("4.8750")),
    TaxRate("Washington Sales Tax", "US", "Washington", D("10.3500")),
    TaxRate("Illinois Sales Tax", "US", "Illinois", D("6.2500"), on_shipping=False),
    TaxRate("Georgia Sales Tax", "US", "Georgia", D("8.9000")),
    TaxRate("Florida Sales Tax", "US", "Florida", D("7.0000")),
    TaxRate("Ontario HST", "CA", "Ontario", D("13.0000")),
)
