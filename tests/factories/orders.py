"""Orders as they are kept, who made them, what came of them afterwards, and what they sell."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from connections.models import Connection
from mappings.core.bigcommerce.statuses import STATUSES
from mappings.core.canonical.statuses import StatusMeaning
from mappings.core.rules.search_terms import mail_terms, name_terms, number_terms, phone_terms, plain
from mappings.models import CatalogueProduct, CatalogueSku, Link, Side
from mappings.person_keys import sealed_terms
from mappings.product_terms import terms_write
from syncjobs.models import OrderPeople, OrderTerm, PersonTerm, Record
from tests.factories.accounts import NOW, numbers


def facts(total: str = "53.25", *, heartland_total: str = "") -> dict[str, Any]:
    """What an order page shows: 2 tees of 24.00, 10 % off, shipping, tax."""
    shown: dict[str, Any] = {
        "equation": [
            {"name": "Goods", "amount": "48.00"},
            {"name": "Discounts", "amount": "-4.80"},
            {"name": "Shipping", "amount": "6.95"},
            {"name": "Tax", "amount": "3.10"},
        ],
        "total": total,
        "tenders": [{"method": "Credit Card", "amount": total}],
        "lines": [
            {
                "sku": "HT-M-RED",
                "name": "Harbor Tee",
                "quantity": 2,
                "unit_price": "24.00",
                "total": "48.00",
                "discount": "4.80",
                "tax": "3.10",
                "customised": False,
                "wrapped": False,
            }
        ],
        "coupons": ["SPRING10"],
        "payment_method": "Credit Card",
        "payment_status": "captured",
        "shipping_method": "Ground",
    }
    if heartland_total:
        shown["heartland"] = {
            "id": "100318",
            "number": "BC-10457",
            "status": "open",
            "total": heartland_total,
            "tax": "3.10",
            "paid": heartland_total,
            "lines": [
                {
                    "description": "Harbor Tee - M - Red",
                    "quantity": "2",
                    "unit_price": "21.60",
                    "value": "43.20",
                    "is_distributed": False,
                }
            ],
        }
    return shown


def order(
    of: Connection,
    external_id: str,
    disposition: Record.Disposition = Record.Disposition.BOOKED,
    *,
    at: datetime = NOW,
    total: str = "53.25",
    **fields: Any,
) -> Record:
    """An order's record; a booked one is in Heartland with the same total."""
    is_booked = disposition == Record.Disposition.BOOKED
    defaults: dict[str, Any] = {
        "label": f"Order {external_id}",
        "reason": f"Booked as BC-{external_id}." if is_booked else "",
        "source_status": "Awaiting Fulfillment",
        "source_placed_at": at,
        "source_total": Decimal(total),
        "currency": "USD",
        "facts": facts(total, heartland_total=total if is_booked else ""),
        "first_seen_at": at,
        "read_at": at + timedelta(seconds=1),
        "changed_at": at,
    }
    name = fields.get("source_status", defaults["source_status"])
    meanings = [status.meaning for status in STATUSES.values() if status.name == name]
    defaults["source_meaning"] = meanings[0] if meanings else StatusMeaning.UNKNOWN
    if is_booked:
        defaults |= {
            "target_id": f"7{external_id}",
            "target_label": f"BC-{external_id}",
            "target_total": Decimal(total),
            "booked_at": at + timedelta(seconds=2),
        }
    return Record.objects.create(
        connection=of, flow="orders", external_id=external_id, disposition=disposition, **(defaults | fields)
    )


def people(
    of: Record, name: str = "Ana Ruiz", email: str = "ana.ruiz@example.com", phone: str = "5125550100"
) -> OrderPeople:
    """Who made an order, with the terms by which they are found, as the flow keeps them."""
    first, _, last = name.partition(" ")
    moment = of.source_placed_at or NOW
    row = OrderPeople.objects.create(
        connection=of.connection,
        external_id=of.external_id,
        content=people_content(name, email, phone),
        placed_at=moment,
        read_at=moment,
    )
    terms = [*name_terms([first, last]), *mail_terms([email]), *phone_terms([phone])]
    PersonTerm.objects.bulk_create(
        PersonTerm(connection=of.connection, people=row, term=term, placed_at=moment) for term in sealed_terms(terms)
    )
    return row


def shopper(connection: Connection) -> str:
    """Somebody who ordered twice, once under another name; answers the digest that their page is found under."""
    for number, name in (("77001", "Ana Ruiz"), ("77002", "Ana Ruiz-Lopez")):
        of = Record.objects.create(
            connection=connection, flow="orders", external_id=number, disposition="booked", label=f"Order {number}",
            source_total=Decimal("40.00"), currency="USD", source_placed_at=NOW, first_seen_at=NOW, changed_at=NOW,
            target_label=f"BC-{number}", facts={"booked_there": {"customer_id": "100220"}, "given_back": "10.00"},
        )  # fmt: skip
        people(of, name)
    return sealed_terms(mail_terms(["ana.ruiz@example.com"]))[0]


def people_content(name: str, email: str, phone: str) -> str:
    """Somebody who ordered, as their order keeps them."""
    lines = [name, "12 Harbor Street", "Austin TX 78701", "US"]
    shopper = {"name": name, "email": email, "phone": phone, "is_guest": True}
    content = {
        "shopper": shopper,
        "ship_to": [{"lines": lines, "phone": phone, "method": "Ground"}],
        "bill_to": {"lines": lines, "phone": phone},
    }
    return json.dumps(content)


def order_terms(of: Record) -> None:
    """What an order is found by, as the flow keeps it."""
    terms = [("number", term) for term in number_terms([of.external_id, of.number, of.target_label])]
    terms += [("sku", f"={plain(line['sku'])}") for line in of.facts.get("lines", [])]
    OrderTerm.objects.bulk_create(
        OrderTerm(
            connection=of.connection,
            external_id=of.external_id,
            kind=kind,
            term=term,
            placed_at=of.source_placed_at or NOW,
        )
        for kind, term in terms
    )


def invoice(
    of: Connection,
    number: str,
    order_id: str,
    disposition: Record.Disposition = Record.Disposition.BOOKED,
    **fields: Any,
) -> Record:
    """An invoice of an order, as it was carried to the store."""
    return Record.objects.create(
        connection=of, flow="shipments", external_id=number, order_id=order_id, disposition=disposition,
        label=f"Invoice {number} of order {order_id}", first_seen_at=NOW, changed_at=NOW, **fields,
    )  # fmt: skip


def till_return(
    of: Connection,
    number: str,
    order_id: str,
    disposition: Record.Disposition = Record.Disposition.BOOKED,
    **fields: Any,
) -> Record:
    """A return at the till of an order's goods."""
    return Record.objects.create(
        connection=of, flow="returns", external_id=number, number=number, order_id=order_id, disposition=disposition,
        label=f"Return {number} of order {order_id}", source_total="30.00", currency="USD", first_seen_at=NOW,
        changed_at=NOW, **fields,
    )  # fmt: skip


def refund(
    of: Connection,
    number: str,
    order_id: str,
    disposition: Record.Disposition = Record.Disposition.BOOKED,
    **fields: Any,
) -> Record:
    """A refund of an order, as it was read."""
    facts = {
        "goods": [{"sku": "HT-M-RED", "quantity": 1}], "rest": [{"name": "tax", "amount": "1.49"}],
        "question": "x", "planned": [f"Return BC-{order_id}-R{number} of invoice 117204: total -23.49."],
        "plan": [
            {
                "number": f"BC-{order_id}-R{number}", "invoice": "117204", "place": "Harbor Main", "total": "-23.49",
                "entries": [
                    {"what": "HT-M-RED", "pieces": 1, "amount": "-24.00", "stock": "back into stock"},
                    {"what": "Kept of a return", "pieces": None, "amount": "2.00", "stock": ""},
                    {"what": "Tax", "pieces": None, "amount": "-1.49", "stock": ""},
                ],
                "tenders": [
                    {"method": "squarev2", "amount": "18.00"}, {"method": "giftcertificate", "amount": "5.49"},
                ],
            }
        ],
    }  # fmt: skip
    return Record.objects.create(
        connection=of, flow="refunds", external_id=f"{order_id}:{number}", order_id=order_id, disposition=disposition,
        number=number, label=f"Refund {number} of order {order_id}", source_total="23.49", currency="USD",
        first_seen_at=NOW, changed_at=NOW, facts=facts, **fields,
    )  # fmt: skip


def catalogue(of: Connection) -> None:
    """A product of the store with a SKU in every state, as a check leaves them."""
    facts = {"name": "Harbor Tee with a name that goes on and on " * 2}
    product = CatalogueProduct.objects.create(connection=of, side=Side.STORE, external_id="412", facts=facts)
    for number, state in enumerate(CatalogueSku.State.values, 1):
        sku = "HT-M-RED" if state == "linked" else "" if state == "blank" else f"HT-{state.upper()}"
        CatalogueSku.objects.create(
            connection=of, side=Side.STORE, product=product, external_id=str(number), sku=sku, folded=sku.lower(),
            state=state, reason="May be “HT”: the same barcode." * 2, suggestion="HT", score=60,
        )  # fmt: skip
    terms_write([product.pk])


def item_link(of: Connection, sku: str, target_id: str = "") -> Link:
    return Link.objects.create(
        connection=of,
        kind=Link.Kind.ITEM,
        source_id=sku,
        target_id=target_id or str(100400 + next(numbers)),
        target_label=sku,
    )
