"""Rows for tests: typed functions with believable defaults. One function per kind of row."""

import itertools
import json
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import connection as database
from django.test import Client

from connections.audit import audit
from connections.models import (
    AccessState,
    AuditEntry,
    Connection,
    Credential,
    Handshake,
    HeartlandAccount,
    Hook,
    InventorySettings,
    Location,
    Membership,
    Merchant,
    OrderSettings,
    Role,
    Store,
    User,
)
from connections.models.pairs import token_digest
from connections.prefixes import prefix_free
from connections.store_kinds import profile_of
from errors.failures import Violation, held
from errors.issues.record_errors import error_record
from errors.models import SyncError
from mappings.core.bigcommerce.statuses import STATUSES
from mappings.core.canonical.statuses import StatusMeaning
from mappings.core.rules.card_ledger import Kind, Movement, Place
from mappings.core.rules.search_terms import mail_terms, name_terms, number_terms, phone_terms, plain
from mappings.models import CatalogueProduct, CatalogueSku, Link, Side
from mappings.person_keys import sealed_terms
from mappings.product_terms import terms_write
from syncjobs.flows.cards.card_entries import card_open, movements_add
from syncjobs.models import (
    Attempt,
    GiftCard,
    InboxEvent,
    Lane,
    LoyaltySettings,
    OrderPeople,
    OrderTerm,
    PersonTerm,
    PointsAccount,
    PointsMovement,
    PointsSide,
    Proof,
    Record,
    SyncJob,
)
from syncjobs.money.import_payouts import payouts_import
from syncjobs.proof.proof_chain import digest
from tests.second_factors import second_factor

NOW = datetime(2026, 3, 2, 18, 20, tzinfo=UTC)
NOBODY = "http://127.0.0.1:9"  # nothing listens there: rows made here never reach a system
PASSWORD = "harbor-pine-7"
numbers = itertools.count(1)


def points(connection: Connection) -> str:
    """An account with movements of every kind, and a question about it; answers its id."""
    rules = LoyaltySettings(connection=connection, is_on=True, heartland_field="points", store_field="7", points=1)
    rules.tiers = [{"name": "Gold", "earned": 300, "group": "2"}]
    rules.save()
    account = PointsAccount.objects.create(heartland=connection.heartland, customer_id="100220", balance=180, known=180)
    side = PointsSide.objects.create(
        connection=connection, account=account, external_id="77", known=90, begun=180, begun_at=NOW, tier="Gold"
    )
    for number, (why, moved) in enumerate((("opening", 300), ("spent", -200), ("earned", 130), ("expired", -50))):
        PointsMovement.objects.create(
            account=account, side=side, why=why, key=f"{why}#1", points=moved, on=NOW.date(),
            order=f"{connection.pk}:10457" if why in {"spent", "earned"} else "", at=NOW + timedelta(minutes=number),
        )  # fmt: skip
    asks = {"asks": ["arrived", "lost"], "about": "BigCommerce:90:180:190", "points": 180, "tier": "Gold"}
    Record.objects.create(
        connection=connection, flow="points", external_id="77", disposition="held", code="points_differ",
        label="Points of account 77", facts=asks, first_seen_at=NOW, changed_at=NOW,
        reason="BigCommerce shows 190 points. Our 180 for the 90 before got no answer: +10 moved there where it had "
        "arrived, +100 where it had not.",
    )  # fmt: skip
    return "77"


def user(email: str = "", **fields: Any) -> User:
    email = email or f"person{next(numbers)}@harborpine.example"
    return User.objects.create_user(username=email, email=email, password=PASSWORD, **fields)


def signed_in(person: User, *, factor: bool = False, lately: bool = False) -> Client:
    """A browser in which the person is logged in; with a second factor, and having proven that lately, if wished."""
    client = Client()
    client.force_login(person)
    if factor and not Authenticator.objects.filter(user=person, type="totp").exists():
        second_factor(person)
    session = client.session
    session["account_authentication_methods_user"] = str(person.pk)
    session["account_authentication_methods"] = [
        {"method": "mfa" if factor else "password", "at": time.time(), "reauthenticated": lately}
    ]
    session.save()
    return client


def merchant(name: str = "Harbor & Pine") -> Merchant:
    return Merchant.objects.create(name=name)


def member(of: Merchant, role: Role = Role.OWNER, email: str = "") -> User:
    person = user(email)
    Membership.objects.create(user=person, merchant=of, role=role)
    return person


def credential(token: str = "tok_secret_1234", scopes: str = "") -> Credential:
    return Credential.objects.create(secret=json.dumps({"token": token}), scopes=scopes)


def heartland(of: Merchant, base_url: str = f"{NOBODY}/api", **fields: Any) -> HeartlandAccount:
    defaults: dict[str, Any] = {
        "name": "Harbor & Pine POS",
        "acts_as": "Api User (api@harborpine.example)",
        "abilities": {"View items": True, "Manage webhooks": False, "Create and edit sales orders": None},
        "checked_at": NOW,
        "currency": "USD",
    }
    return HeartlandAccount.objects.create(
        merchant=of, base_url=base_url, credential=credential(), **(defaults | fields)
    )


def store(of: Merchant | None, store_hash: str = "", **fields: Any) -> Store:
    defaults: dict[str, Any] = {
        "name": "Harbor & Pine Outdoor",
        "domain": "harborpine.example",
        "kind": "bigcommerce",
        "api_base": NOBODY,
        "control_panel_url": "https://store-a1b2c3d4e5.mybigcommerce.com",
        "state": AccessState.CONNECTED if of else AccessState.UNCLAIMED,
        "currency": "USD",
        "installed_at": NOW,
    }
    return Store.objects.create(
        merchant=of, store_hash=store_hash or f"hash{next(numbers)}", credential=credential(), **(defaults | fields)
    )


def handshake(of: Merchant, person: User) -> Handshake:
    """A wish to connect a store, for which its keys have come."""
    return Handshake.objects.create(
        merchant=of,
        person=person,
        secret="handshake-secret",
        address=NOBODY,
        received='{"consumer_secret": "brought-secret"}',
        received_at=NOW,
        expires_at=NOW + timedelta(days=1),
    )


def location(account: HeartlandAccount, external_id: str, name: str, *, station_id: str = "") -> Location:
    return Location.objects.create(
        account=account, external_id=external_id, number=f"L{external_id[-2:]}", name=name, station_id=station_id
    )


def connection(
    of: Merchant | None = None, *, state: Connection.State = Connection.State.ACTIVE, **fields: Any
) -> Connection:
    """A running connection with settings and three locations."""
    owner = of or merchant()
    account = HeartlandAccount.objects.filter(merchant=owner).first() or heartland(owner)
    made = Connection.objects.create(
        merchant=owner, heartland=account, store=store(owner, **fields), state=state, mastery_acknowledged_at=NOW
    )
    places = {
        "100007": location_once(account, "100007", "Website", station_id="100070"),
        "100005": location_once(account, "100005", "Harbor Main", station_id="100050"),
        "100006": location_once(account, "100006", "Pine Annex"),
    }
    InventorySettings.objects.create(connection=made)
    OrderSettings.objects.create(
        connection=made,
        source_location=places["100007"],
        payment_type_id="100009",
        books_other_payments=True,
        order_prefix=prefix_free(account, profile_of(made.store).order_prefix),
        **profile_of(made.store).order_defaults,
    )
    return made


def prefix_as_before(pairs: list[Connection], prefix: str) -> None:
    """Order settings as the version before could leave them, when no database minded who shares a prefix."""
    with database.cursor() as cursor:
        cursor.execute(
            "SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE connections_ordersettings DISABLE TRIGGER order_prefix_tenant"
        )
        OrderSettings.objects.filter(connection__in=pairs).update(order_prefix=prefix, tenant="")
        cursor.execute("ALTER TABLE connections_ordersettings ENABLE TRIGGER order_prefix_tenant")


def location_once(account: HeartlandAccount, external_id: str, name: str, *, station_id: str = "") -> Location:
    known = Location.objects.filter(account=account, external_id=external_id).first()
    return known or location(account, external_id, name, station_id=station_id)


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


def hook(of: Connection, topic: str, system: str = "bigcommerce", state: Hook.State = Hook.State.LIVE) -> Hook:
    token = f"path-token-{next(numbers)}"
    return Hook.objects.create(
        connection=of,
        system=system,
        topic=topic,
        state=state,
        path_token=token_digest(token),
        sealed_token=token,
        secret="hook-secret-value" if system == "bigcommerce" else "",
    )


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


def problem(
    of: Connection,
    external_id: str,
    *violations: Violation,
    at: datetime = NOW,
    amount: str = "53.25",
    state: SyncError.State = SyncError.State.HELD,
) -> SyncError:
    """An order that is held for the given reasons, with its record."""
    failure = held(*(violations or (not_linked("MISSING-1"),)))
    order(of, external_id, Record.Disposition.HELD, at=at, total=amount, reason=failure.summary, code=failure.code)
    return error_record(
        connection=of,
        flow="orders",
        external_id=external_id,
        label=f"Order {external_id}",
        failure=failure,
        state=state,
        amount=Decimal(amount),
        currency="USD",
        attempts=1,
        now=at,
    )


def not_linked(sku: str, hint: str = "") -> Violation:
    return Violation(
        code="item_not_linked",
        sentence=f"No Heartland item has the Item # “{sku}”." + (f" {hint}" if hint else ""),
        field="sku",
        value=sku,
        fix="Create the item in Heartland with exactly this Item #, or correct the SKU or the Item #.",
        fix_page="items",
    )


def unmapped(method: str) -> Violation:
    return Violation(
        code="payment_unmapped",
        sentence=f"The payment method “{method}” has no Heartland payment type.",
        field="payment_method",
        value=method,
        fix="Map it, or set a default.",
        fix_page="payments",
    )


def item_link(of: Connection, sku: str, target_id: str = "") -> Link:
    return Link.objects.create(
        connection=of,
        kind=Link.Kind.ITEM,
        source_id=sku,
        target_id=target_id or str(100400 + next(numbers)),
        target_label=sku,
    )


def job(of: Connection, external_id: str, status: SyncJob.Status = SyncJob.Status.DONE, **fields: Any) -> SyncJob:
    lane, _ = Lane.objects.get_or_create(connection=of, service_class="now")
    defaults: dict[str, Any] = {
        "flow": "orders",
        "cause": "webhook",
        "requested_at": NOW,
        "not_before": NOW,
        "created_at": NOW,
        "attempts": 1,
    }
    return SyncJob.objects.create(
        connection=of, lane=lane, external_id=external_id, status=status, **(defaults | fields)
    )


def attempt(of: SyncJob, outcome: str = "booked", sentence: str = "Booked as BC-10457.", **fields: Any) -> Attempt:
    call = {"system": "heartland", "method": "POST", "path": "/sales/orders", "status": 201, "ms": 41.2}
    read = {"system": "bigcommerce", "method": "GET", "path": "/v2/orders/10457", "status": 200, "ms": 18.0}
    steps = [
        {"name": "read", "ms": 19.1, "decision": "", "calls": [read]},
        {"name": "deliver", "ms": 50.0, "decision": "Awaiting Fulfillment orders are brought.", "calls": [call]},
    ]
    defaults: dict[str, Any] = {
        "number": 1,
        "worker": "web-1",
        "steps": steps,
        "calls_heartland": 1,
        "calls_store": 1,
        "began_at": NOW + timedelta(seconds=1),
        "duration_ms": 812,
    }
    return Attempt.objects.create(job=of, outcome=outcome, sentence=sentence, **(defaults | fields))


def event(of: Connection, external_id: str, topic: str = "store/order/created") -> InboxEvent:
    return InboxEvent.objects.create(
        connection=of,
        system="bigcommerce",
        topic=topic,
        delivery_key=f"key-{next(numbers)}",
        external_id=external_id,
        body="{}",
        received_at=NOW,
    )


def payouts(of: Connection) -> str:
    """A payout that differs from its rows, one of which waits for a person; answers its name."""
    text = (
        "id,type,reference,gross,fee,net,created_utc,available,payout\n"
        "txn_1,charge,pay_501,100.57,3.22,97.35,2026-03-30T15:02:11Z,2026-04-01,po_9\n"
        "txn_2,refund,pay_501,-20.00,0.00,-20.00,2026-03-31T15:02:11Z,2026-04-01,po_9\n"
        "txn_3,payout,po_9,-70.00,0.00,-70.00,2026-04-01T00:00:00Z,2026-04-01,po_9\n"
        "txn_4,charge,,49.90,1.00,48.90,tomorrow,2026-04-01,po_9\n"
    )
    payouts_import(connection=of, name="march.csv", text=text, actor=None, now=NOW)
    return "po_9"


def gift_card(of: Connection, number: str = "GC8R3N", worth: str = "50.00") -> GiftCard:
    """A card that the till sold, known in both systems as it is."""
    card, is_new = card_open(of, number, NOW)
    if is_new:
        moved = [Movement(delta=Decimal(worth), kind=Kind.SOLD, place=Place.TILL)]
        movements_add(card, moved, cause="sold", now=NOW, document="Ticket 55210")
        GiftCard.objects.filter(pk=card.pk).update(till_holds=worth, store_holds=worth, till_id="1", store_id="1")
        card.refresh_from_db()
    return card


def audit_entry(of: Merchant, action: str = "store.connected", subject: str = "Harbor & Pine Outdoor") -> AuditEntry:
    audit(merchant=of, actor=None, action=action, subject=subject)
    return of.audit_entries.latest("number")


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
    }  # fmt: skip
    return Record.objects.create(
        connection=of, flow="refunds", external_id=f"{order_id}:{number}", order_id=order_id, disposition=disposition,
        number=number, label=f"Refund {number} of order {order_id}", source_total="23.49", currency="USD",
        first_seen_at=NOW, changed_at=NOW, facts=facts, **fields,
    )  # fmt: skip


def proof(of: Connection, *, orders: int = 1, day: date = date(2026, 3, 2), **fields: Any) -> Proof:
    """A day of booked orders, proved."""
    last = Proof.objects.filter(connection=of).order_by("-pk").first()
    previous = last.digest if last else ""
    lines = [
        {"order": str(10000 + one), "disposition": "booked", "number": f"BC-{10000 + one}", "code": ""}
        for one in range(orders)
    ]
    seal = digest(previous=previous, store=of.store.store_hash, day=day, made_at=NOW.isoformat(), lines=lines)
    counts = {"booked": orders} if orders else {}
    return Proof.objects.create(
        connection=of, day=day, made_at=NOW, version=1, orders=orders, counts=counts, lines=lines, previous=previous,
        digest=seal, **fields,
    )  # fmt: skip


def stock_problem(of: Connection, sku: str, at: datetime = NOW) -> SyncError:
    """A SKU whose quantity the store does not take."""
    violation = Violation(
        code="stock_refused", sentence=f"The store refuses the stock of {sku}.", field="sku", value=sku
    )
    return error_record(
        connection=of, flow="stock", external_id=sku, label=sku, failure=held(violation),
        state=SyncError.State.HELD, now=at,
    )  # fmt: skip
