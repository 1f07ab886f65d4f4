"""What the order page shows of both sides without asking again: money and goods, no personal data."""

from decimal import Decimal

from ipaas import digests
from ipaas.types import JSON
from mappings.core.canonical.order import Line, LineKind, Order, PaymentState, Tender, TenderKind
from mappings.core.heartland.sales_orders import SalesOrder
from syncjobs.flows.refund_records import CREDIT_OF

REFERENCES = "references"  # the provider's ids of an order's money, all that the store ever named
STORE = (  # what of the facts is the store's; the rest is Heartland's, or about both
    "equation", "total", "tenders", "lines", "coupons", "payment_method", "payment_status", "shipping_method",
    "given_back", "people", "content", "cards_sold", "tax_place", CREDIT_OF, REFERENCES,
)  # fmt: skip

STATES_TAX = {"US", "CA"}


def store_facts(order: Order) -> JSON:
    """The store's money equation and lines. Money as text in the order's currency; people as keyed digests."""
    return {
        "equation": [
            {"name": name, "amount": _text(amount)}
            for name, amount in (
                ("Goods", order.subtotal),
                ("Discounts", -order.discount),
                ("Shipping", order.shipping),
                ("Gift wrapping", order.wrapping),
                *((charge.name, charge.amount) for charge in order.charges),
                ("Tax", order.tax),
            )
            if amount or name in {"Goods", "Tax"}
        ],
        "total": _text(order.total),
        "tenders": [_tender(tender) for tender in order.tenders],
        "lines": [_store_line(line) for line in order.lines],
        "coupons": list(order.coupons),
        "payment_method": order.payment_method,
        "payment_status": order.payment_status,
        "shipping_method": order.consignments[0].method if order.consignments else "",
        "given_back": order.given_back,
        **({"store_view": order.store_view} if order.store_view else {}),
        **(
            {CREDIT_OF: order.buyer.source_id}
            if any(one.kind is TenderKind.STORE_CREDIT for one in order.tenders)
            else {}
        ),
        **({"cards_sold": _text(sold)} if (sold := _cards_sold(order)) else {}),
        **({"promised": True} if order.payment is PaymentState.AUTHORISED else {}),
        **({"untaken": True} if order.payment is not PaymentState.TAKEN else {}),
        "tax_place": tax_place(order),
        "people": {
            "The shopper's name or e-mail": _content_digest(
                (order.buyer.email, order.buyer.phone, order.buyer.first_name, order.buyer.last_name)
            ),
            "The billing address": _content_digest(order.billing),
            "The shipping address": _content_digest([one.address for one in order.consignments]),
            "What the shopper wrote": _content_digest(
                [(line.sku, line.customisations, line.wrap) for line in order.lines]
            ),
        },
    }


def tax_place(order: Order) -> str:
    """Where its tax is owed, as the close sums it up: country and, where states tax, the state it goes to."""
    if order.is_pickup:
        return "Picked up"
    address = next((one.address for one in order.consignments), order.billing)
    if address is None:
        return ""
    is_state = address.country in STATES_TAX and len(address.state) == 2 and address.state.isalpha()
    return f"{address.country} {address.state.upper()}" if is_state else address.country


def _cards_sold(order: Order) -> Decimal:
    """Gift cards among the goods: owed to whoever has the card, and not earned."""
    return sum((line.net for line in order.lines if line.kind is LineKind.GIFT_CERTIFICATE), Decimal(0))


def _content_digest(personal: object) -> str:
    """Tells whether something personal changed without keeping it."""
    return digests.content_digest("order facts", repr(personal))


def heartland_facts(sales_order: SalesOrder) -> JSON:
    """Heartland's side as last looked at."""
    return {
        "id": sales_order.id,
        "number": sales_order.public_id,
        "status": sales_order.status,
        "total": _text(sales_order.total),
        "tax": _text(sales_order.tax or Decimal(0)),
        "paid": _text(sales_order.paid - sales_order.due),
        "due": _text(sales_order.due),
        "lines": [
            {
                "item_id": line.get("item_id"),
                "description": str(line.get("description") or line.get("item_id")),
                "quantity": str(line.get("qty")),
                "invoiced": str(line.get("qty_invoiced") or 0),
                "unit_price": str(line.get("adjusted_unit_price") or line.get("original_unit_price")),
                "value": str(line.get("value")),
                "is_distributed": sales_order.is_alive and line.get("ship_from_location_id") is not None,
                "ship_from": str(line.get("ship_from_location_id") or ""),
            }
            for line in sales_order.lines
        ],
    }


def references(order: Order, before: JSON) -> JSON:
    """The provider's ids of an order's money that the store names or named before: some name the last one alone."""
    former = [*before.get(REFERENCES, []), *(one.get("reference") for one in before.get("tenders") or [])]
    known = list(dict.fromkeys(filter(None, [*former, *(one.reference for one in order.tenders)])))
    return {REFERENCES: known} if len(known) > 1 else {}


def _tender(tender: Tender) -> JSON:
    """What payouts are matched with: the provider's id names nobody."""
    named = {"reference": tender.reference} if tender.reference else {}
    return {"method": tender.method, "amount": _text(tender.amount), "kind": str(tender.kind), **named}


def _store_line(line: Line) -> JSON:
    return {
        "sku": line.sku,
        "name": line.name,
        "quantity": line.quantity,
        "shipped": line.quantity_shipped,
        "refunded": line.quantity_refunded,
        "unit_price": _text(line.unit_price),
        "total": _text(line.total),
        "discount": _text(line.discount),
        "tax": _text(line.tax),
        "customised": bool(line.customisations),
        "wrapped": line.wrap is not None,
    }


def _text(amount: Decimal) -> str:
    return f"{amount:f}"
