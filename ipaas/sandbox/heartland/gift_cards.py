"""Gift cards, also used as store credit (§13)."""

import re
from decimal import Decimal
from typing import Any

from ipaas.sandbox.core.tables import Row
from ipaas.sandbox.core.web import Reply, Request, Router
from ipaas.sandbox.heartland.errors import not_found, payment_error
from ipaas.sandbox.heartland.fields import ID, STAMPS, Field, Resource, flag, number, text, whole
from ipaas.sandbox.heartland.inputs import exists, fill
from ipaas.sandbox.heartland.replies import created, list_reply, record_reply
from ipaas.sandbox.heartland.routes import add_list
from ipaas.sandbox.heartland.service import Heartland
from ipaas.sandbox.heartland.totals import cents

routes: Router[Heartland] = Router()
NUMBER = re.compile(r"[A-Z0-9]+")

GIFT_CARDS = Resource(
    table="gift_cards",
    path="/gift_cards",
    fields={**ID, "number": text(), "balance": number(0), "active": flag(True), **STAMPS},
    search=("number",),
)
ADJUSTMENTS = Resource(
    table="gift_card_adjustments",
    path="/gift_card/adjustments",
    fields={
        **ID,
        "gift_card_id": whole(),
        "reason_id": whole(),
        "delta_balance": number(),
        "created_at": Field("time", write=False),
    },
)

add_list(routes, GIFT_CARDS, needs="gift_card.manage")


def spelled(text_number: Any) -> str:
    """A number as stored: no spaces, upper case."""
    return re.sub(r"\s", "", str(text_number or "")).upper()


@routes.route("GET", "/api/gift_cards/<card_number>", needs="gift_card.manage")
def card_read(service: Heartland, request: Request, card_number: str) -> Reply:
    """A card by its number, not its id."""
    row = service.table("gift_cards").first(number=spelled(card_number))
    if row is None:
        raise not_found("Gift card")
    return record_reply(service, request, GIFT_CARDS, row)


@routes.route("POST", "/api/gift_cards", needs="gift_card.manage")
def card_create(service: Heartland, request: Request) -> Reply:
    """Issue or import a card."""
    body = request.json_object()
    row = issue(service, body.get("number"), body.get("balance"), body.get("reason_id"))
    return created(service, request, GIFT_CARDS, row, shown_id=row["number"])


def issue(service: Heartland, card_number: Any, balance: Any, reason_id: Any) -> Row:
    """Validate and store a new card with its first adjustment."""
    problems = service.problems()
    row = fill(service, GIFT_CARDS, {"number": spelled(card_number), "balance": balance or 0}, problems)
    if not NUMBER.fullmatch(row.get("number") or ""):
        problems.add("number", "must be letters and digits")
    elif service.table("gift_cards").first(number=row["number"]):
        problems.add("number", "has already been taken")
    if row.get("balance") is not None and row["balance"] < 0:
        problems.add("balance", "must not be negative")
    reason = {"reason_id": reason_id if isinstance(reason_id, int) else None}
    exists(service, "reasons", reason, "reason_id", problems, need=True)
    problems.check()
    card = service.table("gift_cards").insert({**row, "balance": cents(row["balance"]), "id": None})
    _note(service, card["id"], reason["reason_id"], card["balance"])
    return card


def _note(service: Heartland, card_id: int, reason_id: int | None, delta: Decimal) -> Row:
    made = {"gift_card_id": card_id, "reason_id": reason_id, "delta_balance": delta, "created_at": service.stamp()}
    return service.table("gift_card_adjustments").insert(made)


def adjust(service: Heartland, card: Row, delta: Decimal, reason_id: int | None) -> Row:
    """Change a card's balance, never below zero; answers the adjustment."""
    balance = card["balance"] + delta
    if balance < 0:
        raise payment_error(f"Gift card {card['number']} has only {card['balance']:.2f}")
    service.table("gift_cards").update(card["id"], balance=balance, updated_at=service.stamp())
    return _note(service, card["id"], reason_id, delta)


def draw(service: Heartland, card_number: str, amount: Decimal) -> None:
    """Pay with a card; a negative amount refunds to it (§13)."""
    card = service.table("gift_cards").first(number=spelled(card_number))
    if card is None:
        raise payment_error("Gift card not found")
    adjust(service, card, -amount, None)


def load(service: Heartland, card_number: Any, amount: Decimal) -> None:
    """A `GiftCardLine` was sold: issue the card or add to it."""
    card = service.table("gift_cards").first(number=spelled(card_number))
    if card is None:
        now = service.stamp()
        made = {"number": spelled(card_number), "balance": Decimal(0), "active": True}
        card = service.table("gift_cards").insert({**made, "created_at": now, "updated_at": now})
    adjust(service, card, amount, None)


def _adjustment_create(service: Heartland, request: Request) -> Row:
    problems = service.problems()
    row = fill(service, ADJUSTMENTS, request.json_object(), problems)
    exists(service, "gift_cards", row, "gift_card_id", problems, need=True)
    exists(service, "reasons", row, "reason_id", problems, need=True)
    problems.need("delta_balance", row.get("delta_balance"))
    problems.check()
    card = service.one("gift_cards", row["gift_card_id"])
    return adjust(service, card, cents(row["delta_balance"]), row["reason_id"])


@routes.route("POST", "/api/gift_card/adjustments", needs="gift_card.manage")
def adjustment_create(service: Heartland, request: Request) -> Reply:
    """Signed change of a balance."""
    return created(service, request, ADJUSTMENTS, _adjustment_create(service, request))


# --- the other spelling, known from one SDK only ---------------------------------------------------


@routes.route("GET", "/api/gift_card_adjustments", needs="gift_card.manage")
def sdk_adjustment_list(service: Heartland, request: Request) -> Reply:
    """Adjustments of all cards (S)."""
    service.need_lenient()
    return list_reply(service, request, ADJUSTMENTS)


@routes.route("GET", "/api/gift_card_adjustments/<int:row_id>", needs="gift_card.manage")
def sdk_adjustment_read(service: Heartland, request: Request, row_id: int) -> Reply:
    """One adjustment (S)."""
    service.need_lenient()
    return record_reply(service, request, ADJUSTMENTS, service.one("gift_card_adjustments", row_id))


@routes.route("POST", "/api/gift_card_adjustments", needs="gift_card.manage")
def sdk_adjustment_create(service: Heartland, request: Request) -> Reply:
    """Adjust by the other path (S)."""
    service.need_lenient()
    row = _adjustment_create(service, request)
    return created(service, request, ADJUSTMENTS, row, path="/gift_card_adjustments")
