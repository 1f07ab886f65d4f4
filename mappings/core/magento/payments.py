"""Whether the money of a Magento order was taken, and by what. Magento notes §8.2, §13, §18.

Money is what the provider's transactions say, or for a method without a provider what is invoiced. A state alone is no
money, and neither is an invoice of a provider's method, which may have been made without asking for the money.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from errors.failures import Violation
from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import Order, PaymentState, Tender, TenderKind
from mappings.core.magento.order_money import EXTRA, MagentoMoney
from mappings.core.magento.order_rows import BUNDLE
from mappings.core.magento.sides import EXACT_ZERO, Side
from mappings.core.magento.statuses import PENDING_PAYMENT, PROCESSING, REVIEW
from mappings.core.rules.card_numbers import last_signs
from mappings.core.rules.money import cents

OFFLINE = frozenset({"checkmo", "banktransfer", "cashondelivery", "purchaseorder", "free"})
KINDS = (TenderKind.GIFT_CERTIFICATE, TenderKind.STORE_CREDIT, TenderKind.REWARD_POINTS)
NAMES = ("Gift card", "Store credit", "Reward points")
TAKES, PROMISES, WITHDRAWS = ("payment", "capture"), ("authorization", "order"), "void"  # txn_type


def payment_row(order: Row) -> Row:
    """The order's payment; of an order without one an empty row."""
    return Row(order.inside("payment").data, f"{order.label}, payment")


def tenders_of(order: Row, money: MagentoMoney, side: Side) -> tuple[Tender, ...]:
    """Gift cards, store credit and points as the order tells them; its method pays what is left."""
    payment = payment_row(order)
    rest = money.total - sum(money.beside, EXACT_ZERO)
    note = f"{_shown(order, side):.2f} {side.other}" if side.is_base else ""
    method = Tender(
        kind=TenderKind.GATEWAY,
        method=payment.text("method") or "Unknown method",
        amount=rest,
        reference=_reference(payment),
        note=note,
    )
    notes = (_cards(order), "", "")
    beside = (
        Tender(kind=kind, method=name, amount=amount, note=words)
        for kind, name, amount, words in zip(KINDS, NAMES, money.beside, notes, strict=True)
    )
    return tuple(tender for tender in (method, *beside) if tender.amount > 0)


def _cards(order: Row) -> str:
    """Which gift cards paid, by the last signs of their codes: whoever has a code has the money."""
    codes = [card.text("code") for card in order.inside(EXTRA).rows("gift_cards", "gift card")]
    return ", ".join(f"…{last_signs(code)}" for code in codes if code)


def _shown(order: Row, side: Side) -> Decimal:
    """What the shopper was charged in the currency that they saw, less what was cancelled."""
    return cents(order.amount("grand_total", EXACT_ZERO) - order.amount("total_canceled", EXACT_ZERO))


def _reference(payment: Row) -> str:
    """The provider's transaction id; nothing at all when it looks like a card number."""
    reference = payment.text("last_trans_id")
    return reference if payment.free_text("last_trans_id") == reference else ""


def is_offline(order: Row) -> bool:
    """A method without a provider: by its code, or since no transaction was ever made."""
    payment = payment_row(order)
    return payment.text("method") in OFFLINE or not payment.text("last_trans_id")


def payment_state(order: Row, money: MagentoMoney, side: Side) -> PaymentState:
    """As the order says; UNKNOWN where all is invoiced and only the transactions tell whether it was captured."""
    due = money.total - sum(money.beside, EXACT_ZERO)
    paid = cents(side.money(order, "total_paid"))
    if due <= 0:
        return PaymentState.TAKEN
    if order.text("state") in {PENDING_PAYMENT, REVIEW}:
        return PaymentState.OUTSTANDING
    if is_offline(order):
        return PaymentState.TAKEN if paid >= due else PaymentState.OUTSTANDING
    payment = payment_row(order)
    if (
        paid >= due
        and payment.amount("base_amount_paid_online", EXACT_ZERO) >= payment.amount("base_amount_paid", EXACT_ZERO) > 0
    ):
        return PaymentState.TAKEN
    if paid >= due or _is_invoiced(order):
        return PaymentState.AUTHORISED if taken_in_part(order, money, side) else PaymentState.UNKNOWN
    return PaymentState.AUTHORISED if side.money(payment, "amount_authorized") else PaymentState.OUTSTANDING


def taken_in_part(order: Row, money: MagentoMoney, side: Side) -> Decimal:
    """How much was taken, where that is known to be only a part of what is due; else 0.

    Of a method without a provider what is invoiced, of others what the provider took. Where the store counts all as
    paid and its provider took a part, that part is the money; where it took all that was invoiced and the invoices
    forget a tax, the transactions tell (§9).
    """
    due, paid = money.total - sum(money.beside, EXACT_ZERO), cents(side.money(order, "total_paid"))
    if is_offline(order):
        return paid if EXACT_ZERO < paid < due else EXACT_ZERO
    payment = payment_row(order)
    counted, online = (payment.amount(f"base_amount_paid{by}", EXACT_ZERO) for by in ("", "_online"))
    if not EXACT_ZERO < online <= counted or (_is_invoiced(order) and online == counted):
        return EXACT_ZERO
    taken = cents(paid * online / counted)
    return taken if taken < due else EXACT_ZERO


def without_money(order: Row, state: PaymentState, side: Side) -> Iterator[Violation]:
    """A reason where the store goes on with an order that it invoiced, and of which nobody paid anything.

    A notice of a payment that failed may do that: no state alone is money. What a method without a provider invoices
    is paid at once, so that this tells of none of these.
    """
    invoiced, paid = (cents(side.money(order, f"total_{what}")) for what in ("invoiced", "paid"))
    if state is not PaymentState.TAKEN and order.text("state") == PROCESSING and invoiced and not paid:
        yield Violation(
            code="processing_without_money",
            sentence=f"{order.label} is in processing without money: {invoiced} of it is invoiced, nothing was paid.",
            field="payment",
            fix="Look at its payment and its open invoice in Magento's Admin: it is booked by itself once the money is "
            "there. Cancel it there where the payment failed.",
            fix_page="store",
        )


def payment_words(state: PaymentState, order: Row, taken: Decimal) -> str:
    """What the order says of its payment, for a sentence."""
    words = {
        PaymentState.TAKEN: "captured",
        PaymentState.AUTHORISED: f"captured up to {taken}" if taken else "authorised, not captured",
        PaymentState.OUTSTANDING: "partly paid" if order.amount("total_paid", EXACT_ZERO) else "not paid",
        PaymentState.UNKNOWN: "invoiced",
    }
    return words[state]


def uninvoiced(order: Row, money: MagentoMoney, side: Side) -> Decimal:
    """What the store's invoices lack although every piece was invoiced: 0 for an order as it should be."""
    due = money.total - sum(money.beside, EXACT_ZERO)
    return max(due - cents(side.money(order, "total_paid")), EXACT_ZERO) if _is_invoiced(order) else EXACT_ZERO


def _is_invoiced(order: Row) -> bool:
    """Every piece that was not cancelled, by the rows that bear money: the counter of a bundle of parts jumps."""
    rows = list(_charged_rows(order))
    left = (
        row.amount("qty_ordered", EXACT_ZERO)
        - row.amount("qty_canceled", EXACT_ZERO)
        - row.amount("qty_invoiced", EXACT_ZERO)
        for row in rows
    )
    return bool(rows) and all(one <= 0 for one in left)


def _charged_rows(order: Row) -> Iterator[Row]:
    """Rows that invoices name: of a bundle whose parts bear the money these, else what has no parent."""
    rows = list(order.rows("items", "line"))
    parts = defaultdict[str, list[Row]](list)
    for row in rows:
        parts[row.identifier("parent_item_id")].append(row)
    for row in parts[""]:
        below = parts.get(row.identifier("item_id"), []) if row.text("product_type") == BUNDLE else []
        yield from below if any(part.amount("row_total", EXACT_ZERO) for part in below) else [row]


def is_promise_withdrawn(order: Order, rows: Iterable[Mapping[str, Any]]) -> bool:
    """Whether the newest promise was let go: a void that no later authorisation followed."""
    label = f"Order {order.source_id}, transaction"
    read = [Row(row, f"{label} {row.get('transaction_id', '?')}") for row in rows]
    newest = max(
        (row for row in read if row.text("txn_type") in {*PROMISES, WITHDRAWS}),
        key=lambda row: row.whole("transaction_id", 0),
        default=None,
    )
    return newest is not None and newest.text("txn_type") == WITHDRAWS


def state_by_transactions(order: Order, rows: Iterable[Mapping[str, Any]]) -> PaymentState:
    """What the provider reported of an order whose pieces are all invoiced; it names no amounts.

    Children stand nested in their parents and again by themselves: only the rows count.
    """
    label = f"Order {order.source_id}, transaction"
    kinds = [Row(row, f"{label} {row.get('transaction_id', '?')}").text("txn_type") for row in rows]
    if any(kind in TAKES for kind in kinds):
        return PaymentState.TAKEN
    is_promised = any(kind in PROMISES for kind in kinds) and WITHDRAWS not in kinds
    return PaymentState.AUTHORISED if is_promised else PaymentState.UNKNOWN
