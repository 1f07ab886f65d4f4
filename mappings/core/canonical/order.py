"""Canonical records: our own shape of an order between the two systems.

Money is Decimal in the order's transactional currency, in whole cents unless a comment says otherwise. Datetimes are
aware and UTC. External ids are text.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from errors.failures import Violation
from mappings.core.canonical.statuses import StatusMeaning

ZERO = Decimal("0.00")
ALL_OF_IT = "all of it"  # Order.given_back, when nothing is left of what the shopper paid


@dataclass(frozen=True, kw_only=True)
class Address:
    """A postal address, cleansed (mappings.core.rules.addresses)."""

    first_name: str
    last_name: str
    company: str = ""
    line_1: str
    line_2: str = ""
    city: str
    state: str  # two-letter code where the country has states and we know it, else as typed
    postal_code: str
    country: str  # ISO 3166 alpha-2
    phone: str = ""  # digits as Heartland shows them, E.164 without "+" for foreign numbers; as typed when unreadable


@dataclass(frozen=True, kw_only=True)
class Buyer:
    """Who ordered. A guest has no source id."""

    source_id: str  # "" for a guest
    email: str  # trimmed, lower case
    phone: str  # normalised like Address.phone
    first_name: str
    last_name: str

    @property
    def is_guest(self) -> bool:
        return not self.source_id


class LineKind(StrEnum):
    ITEM = "item"  # physical or digital product with a SKU
    GIFT_CERTIFICATE = "gift_certificate"  # a sold certificate: a liability, not revenue
    CUSTOM = "custom"  # a line without a product, typed in by staff or an app


@dataclass(frozen=True, kw_only=True)
class Customisation:
    """What the shopper asked for on a line beside its variant: engraving text, date, file name, checkbox."""

    name: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A pick from a list that may be a variant option or a customisation: only the catalogue can tell."""

    name: str
    value: str
    option_id: str  # the product_option_id, equal to a v3 option id or a v3 modifier id
    value_id: str


@dataclass(frozen=True, kw_only=True)
class VariantOption:
    """One option value that makes a variant what it is."""

    name: str  # "Color"
    value: str  # "Black"
    option_id: str  # v3 option id
    value_id: str


@dataclass(frozen=True, kw_only=True)
class GiftWrap:
    """Wrapping chosen for a whole line."""

    name: str
    message: str
    cost: Decimal  # for the whole line, before tax


@dataclass(frozen=True, kw_only=True)
class Line:
    """One order line."""

    source_id: str
    kind: LineKind
    sku: str  # trimmed; "" when the store has none
    name: str
    quantity: int
    unit_price: Decimal  # before discounts and tax; may have four decimals
    total: Decimal  # quantity x unit price, before discounts and tax, as the store states it
    discount: Decimal  # the part of all discounts that falls on this line, >= 0; sums to the order's discounts
    tax: Decimal  # after discounts
    customisations: tuple[Customisation, ...] = ()
    choices: tuple[Choice, ...] = ()  # not settled yet, see mappings.core.rules.customised.settle
    wrap: GiftWrap | None = None
    is_bundled_child: bool = False
    product_id: str = ""
    variant_id: str = ""
    address_id: str = ""  # of the shipping consignment
    quantity_refunded: int = 0
    quantity_shipped: int = 0
    note: str = ""  # as a person shortened it for Heartland's line; "": as the shopper asked, see core.rules.line_notes

    @property
    def net(self) -> Decimal:
        """What the line brings after discounts, before tax."""
        return self.total - self.discount


class TenderKind(StrEnum):
    GATEWAY = "gateway"  # card, wallet, PayPal, offline methods: whatever is left after the others
    GIFT_CERTIFICATE = "gift_certificate"
    STORE_CREDIT = "store_credit"
    REWARD_POINTS = "reward_points"


class PaymentState(StrEnum):
    """Whether the money of an order was taken; an unknown state is never *paid*."""

    TAKEN = "taken"
    AUTHORISED = "authorised"  # promised by the gateway, captured later
    OUTSTANDING = "outstanding"  # not paid yet, refused or taken back
    UNKNOWN = "unknown"


class RefundHint(StrEnum):
    """What an order's status and payment say of money given back; how much, its refund records alone tell."""

    NONE = ""
    PART = "part"
    ALL = "all"


@dataclass(frozen=True, kw_only=True)
class Tender:
    """Money that paid for the order. Gift certificates, store credit and points are tenders, not discounts."""

    kind: TenderKind
    method: str  # the name the shopper saw, such as "Credit Card"
    amount: Decimal  # > 0
    reference: str = ""  # the provider's transaction id; never card data
    note: str = ""  # what the shopper saw of it, where that is another amount: "92.00 EUR"


@dataclass(frozen=True, kw_only=True)
class Consignment:
    """One shipping destination with its method and cost."""

    source_id: str  # BigCommerce's order address id
    address: Address
    method: str  # the text the shopper saw
    cost: Decimal  # before tax, as the store states it; Order.shipping is what the shopper paid


@dataclass(frozen=True, kw_only=True)
class Charge:
    """A checkout fee or handling: money that belongs to no line."""

    name: str
    amount: Decimal  # before tax


class Source(StrEnum):
    """Where somebody wrote something. The names are those of OrderSettings' fields, without `_field`."""

    COMMENT = "comment"
    CHECKOUT = "checkout"
    STAFF_NOTES = "staff_notes"
    PICKUP = "pickup"
    GIFT_MESSAGE = "gift_message"


WRITTEN_LABELS = {
    Source.COMMENT: "Order comment",
    Source.CHECKOUT: "Checkout field",
    Source.STAFF_NOTES: "Staff notes",
    Source.PICKUP: "Pickup location",
    Source.GIFT_MESSAGE: "Gift message",
}


@dataclass(frozen=True, kw_only=True)
class Written:
    """One text, on one line, without card numbers."""

    source: Source
    text: str
    name: str = ""  # of the checkout field

    @property
    def label(self) -> str:
        return self.name or WRITTEN_LABELS[self.source]


@dataclass(frozen=True, kw_only=True)
class Order:
    """A store order as it is now."""

    source_id: str
    status_key: str  # of the store's statuses
    meaning: StatusMeaning
    status: str  # system name, such as "Awaiting Fulfillment"
    status_label: str  # as the merchant renamed it
    is_deleted: bool
    placed_at: datetime
    modified_at: datetime
    version: str  # date_modified as the store wrote it
    currency: str  # ISO 4217, that the shopper paid in; "" when the store does not name it
    total: Decimal  # what the shopper was charged, all tenders, with tax
    subtotal: Decimal  # Σ line totals, before discounts and tax
    discount: Decimal  # coupons and order discounts on lines together, >= 0; Σ line discounts
    shipping: Decimal  # before tax, shipping coupons already taken off
    charges: tuple[Charge, ...]  # handling and checkout fees
    wrapping: Decimal  # Σ gift wrapping, before tax
    tax: Decimal  # all tax of the order
    is_tax_inclusive: bool
    lines: tuple[Line, ...]
    consignments: tuple[Consignment, ...]  # empty for digital and pickup orders
    is_pickup: bool
    is_digital: bool
    buyer: Buyer
    billing: Address | None
    tenders: tuple[Tender, ...]
    payment_method: str
    payment_status: str  # in the store's words
    payment: PaymentState  # what these mean
    taken: Decimal = ZERO  # … and how much the gateway took, where that is known to be only a part
    is_payment_untold: bool = False  # these are what offline methods leave there, whether somebody paid or not
    refund_hint: RefundHint = RefundHint.NONE
    coupons: tuple[str, ...] = ()
    written: tuple[Written, ...] = ()  # beside the goods: comment, checkout fields, notes
    external_order_id: str = ""
    shipping_discount: Decimal = ZERO  # the part of coupons that lowered `shipping`, before tax
    refunded: Decimal | None = None  # given back, by the store's refund records; None when they were not read
    unanswered: tuple[str, ...] = ()  # parts that its sums tell of and the answer left out, as the store calls them
    violations: tuple[Violation, ...] = ()  # money of the store that does not add up; such an order is never shaped
    number: str = ""  # as people know it, where that is not the id; others of the store may bear the same
    store_view: str = ""  # where in the store it was placed, as people know it; "" where a store has one front
    replaces: str = ""  # id of the order in whose place this one came; "" where the store does not say
    replaces_number: str = ""  # … and its number in the same view
    replaced_by: str = ""  # id of the one that came in its place; "" where the store does not say
    uncancelled: "Order | None" = None  # as it was before some pieces of it were cancelled; None where none were
    remarks: tuple[str, ...] = ()  # what is odd about it and holds nothing, in sentences
    coupon_worths: dict[str, Decimal] = field(default_factory=dict, repr=False)  # what each coupon took off, by code
    extra: dict[str, str] = field(default_factory=dict)

    def points_coupon(self, prefix: str) -> Decimal:
        """What coupons took off whose code begins so: those that loyalty points were given for."""
        return sum(
            (
                amount
                for code, amount in self.coupon_worths.items()
                if prefix and code.casefold().startswith(prefix.casefold())
            ),
            ZERO,
        )

    @property
    def title(self) -> str:
        """What people call it: its number, or its id where that is the number."""
        return self.number or self.source_id

    @property
    def has_refunds(self) -> bool:
        """True when the store shows that part of the order was given back."""
        return (
            self.refund_hint is not RefundHint.NONE
            or any(line.quantity_refunded for line in self.lines)
            or bool(self.refunded)
        )

    @property
    def given_back(self) -> str:
        """How much of the money went back to the shopper: "" for nothing, the amount where refunds were read."""
        if self.refund_hint is RefundHint.ALL or (self.refunded and self.refunded >= self.total):
            return ALL_OF_IT
        if self.refunded:
            return f"{self.refunded:.2f}"
        return "some of it" if self.has_refunds else ""


@dataclass(frozen=True, kw_only=True)
class HeartlandTender:
    """One payment to record in Heartland."""

    payment_type_id: str
    amount: Decimal
    description: str
    reference: str
    is_taken: bool = True  # False: recorded as still to come


@dataclass(frozen=True, kw_only=True)
class HeartlandOrder:
    """A sales order as Heartland should hold it, ready to be written in the fewest calls."""

    public_id: str  # order prefix + store order number: our reference in Heartland
    header: dict[str, object]  # JSON for POST /sales/orders, lines inside, money as Decimal
    line_count: int
    tax: Decimal  # one tax line of this value; Heartland's own tax is neutralised
    tax_name: str
    tenders: tuple[HeartlandTender, ...]
    total: Decimal  # what Heartland must compute, to the cent
    fingerprint: str  # of everything above: unchanged means nothing to write
