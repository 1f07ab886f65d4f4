"""How the files of gateways are laid out, as far as that is public; a merchant's own layout is a `Layout` too.

Sources: Stripe, *Payout reconciliation report type* (itemised); PayPal, *Activity Download specification*; Braintree,
*Transaction search, download* (its headings; that credits stand there without a minus is our reading); Authorize.net,
merchant interface help, *Expanded Fields/Comma Separated* (words of refunds are those of its API). Neither of these two
tells fees or payouts. Of others too little is public to know a file by: the merchant maps it, and the map is kept.
Shift4's help names columns of *Settlement Detail* (Merchant Reference, Transaction ID, Batch Closed Date, Payout Date,
Settlement ID, Transaction Type) and of *Settlement*, a row a batch (Gross Amount, Bank Fees, Net Amount), but neither
the words of a type nor the sign of what went back. Heartland's InfoCentral and Global Payments' Merchant Portal export
columns that each merchant chooses; only a statement of fees is described, which is no list of payments.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mappings.core.canonical.payout import RowKind


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Which column holds what: headings as they stand in the file, in any case; "" where there is none."""

    name: str
    gross: str
    happened: str  # a moment; or a day, with `clock` and `zone` beside it
    id: str = ""
    kind: str = ""
    reference: str = ""
    references: tuple[str, ...] = ()  # others that may name the payment, asked in turn while `reference` is empty
    fee: str = ""
    net: str = ""
    currency: str = ""
    available: str = ""
    payout: str = ""
    text: str = ""
    clock: str = ""
    zone: str = ""
    is_utc: bool = False  # of moments that name no zone
    fee_is_negative: bool = False  # as PayPal writes what it keeps
    refunds_are_positive: bool = False  # money that went back stands without a minus
    month_first: bool = False  # of days that can be read in two ways
    status: str = ""
    settled: frozenset[str] = frozenset()  # words of `status`, folded, with which money moved; others: none did (yet)
    none: str = ""  # what stands in a cell for nothing, folded
    words: Mapping[str, RowKind | None] = field(default_factory=dict)  # of `kind`, folded; None: no money moved

    def needed(self) -> tuple[str, ...]:
        """The headings by which a file of this layout is known: without one of them it is another's."""
        return _once(self.gross, self.happened, self.id, self.kind, self.net, self.clock, self.zone, self.status)

    def columns(self) -> tuple[str, ...]:
        """All headings, those that a file may lack included."""
        return _once(
            *self.needed(), self.reference, *self.references, self.fee, self.currency, self.available, self.payout,
            self.text,
        )  # fmt: skip


def _once(*names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))


COMMON: dict[str, RowKind | None] = {
    "charge": RowKind.SALE,
    "payment": RowKind.SALE,
    "sale": RowKind.SALE,
    "capture": RowKind.SALE,
    "refund": RowKind.REFUND,
    "payment_refund": RowKind.REFUND,
    "partial_capture_reversal": RowKind.REFUND,
    "refund_failure": RowKind.REFUND,
    "credit": RowKind.REFUND,
    "dispute": RowKind.DISPUTE,
    "dispute_reversal": RowKind.DISPUTE,
    "chargeback": RowKind.DISPUTE,
    "fee": RowKind.FEE,
    "payout": RowKind.PAYOUT,
    "payout_reversal": RowKind.PAYOUT,
    "transfer": RowKind.PAYOUT,
}
STRIPE = Layout(
    name="Stripe",
    id="balance_transaction_id",
    kind="reporting_category",
    reference="payment_intent_id",
    references=("charge_id",),
    gross="gross",
    fee="fee",
    net="net",
    currency="currency",
    happened="created_utc",
    available="automatic_payout_effective_at_utc",
    payout="automatic_payout_id",
    text="description",
    is_utc=True,
    words=COMMON,
)
PAYPAL = Layout(
    name="PayPal",
    id="Transaction ID",
    kind="Type",
    reference="Reference Txn ID",
    gross="Gross",
    fee="Fee",
    net="Net",
    currency="Currency",
    happened="Date",
    clock="Time",
    zone="TimeZone",
    text="Invoice Number",
    fee_is_negative=True,
    words={
        "express checkout payment": RowKind.SALE,
        "website payment": RowKind.SALE,
        "mobile payment": RowKind.SALE,
        "paypal checkout payment": RowKind.SALE,
        "pre-approved payment bill user payment": RowKind.SALE,
        "payment refund": RowKind.REFUND,
        "chargeback": RowKind.DISPUTE,
        "chargeback reversal": RowKind.DISPUTE,
        "chargeback fee": RowKind.FEE,
        "general withdrawal": RowKind.PAYOUT,
        "user initiated withdrawal": RowKind.PAYOUT,
        "general authorization": None,
        "void of authorization": None,
        "account hold for open authorization": None,
        "reversal of general account hold": None,
    },
)
PLAIN = Layout(
    name="Plain list",
    id="id",
    kind="type",
    reference="reference",
    gross="gross",
    fee="fee",
    net="net",
    happened="created_utc",
    available="available",
    payout="payout",
    is_utc=True,
    words=COMMON,
)
BRAINTREE = Layout(
    name="Braintree",
    id="Transaction ID",
    kind="Transaction Type",
    reference="Refunded Transaction ID",
    gross="Amount Submitted For Settlement",
    currency="Currency ISO Code",
    happened="Created Datetime",
    zone="Created Timezone",
    available="Disbursement Date",
    text="Order ID",
    refunds_are_positive=True,
    month_first=True,
    status="Transaction Status",
    settled=frozenset({"settled"}),
    words={"sale": RowKind.SALE, "credit": RowKind.REFUND},
)
AUTHORIZE_NET = Layout(
    name="Authorize.net",
    id="Transaction ID",
    kind="Transaction Type",
    reference="Reference Transaction ID",
    gross="Settlement Amount",
    currency="Settlement Currency",
    happened="Submit Date/Time",
    text="Invoice Number",
    refunds_are_positive=True,
    status="Transaction Status",
    settled=frozenset({"settled successfully", "refund settled successfully", "credited"}),
    none="not applicable",
    words={
        "authorization w/ auto capture": RowKind.SALE,
        "prior authorization capture": RowKind.SALE,
        "authorization only": RowKind.SALE,
        "capture only": RowKind.SALE,
        "refund": RowKind.REFUND,
        "credit": RowKind.REFUND,
    },
)
KNOWN = (STRIPE, PAYPAL, BRAINTREE, AUTHORIZE_NET, PLAIN)
