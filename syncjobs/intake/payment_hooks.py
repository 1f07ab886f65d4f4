"""The HTTP side of what Heartland asks before money moves: who asks, what, and the answer as it reads it."""

import json
import re
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from connections.payment_addresses import payment_address_find
from syncjobs.intake.answer_cards import BALANCE, card_answered
from syncjobs.intake.answer_payments import OPERATIONS, Answer, answered

LONGEST_BODY = 10_000
LONGEST_NUMBER = 80
PAYMENT_ID = re.compile(r"[\w.-]{1,40}", re.ASCII)
LARGEST = Decimal(10) ** 10


@csrf_exempt
@require_POST
def receive(request: HttpRequest, token: str, operation: str) -> HttpResponse:
    """200 where it is done; else a status that fails the operation, with a message for the cashier."""
    known = (*OPERATIONS, BALANCE)
    if operation not in known or (address := payment_address_find(token)) is None:
        return HttpResponse(status=HTTPStatus.NOT_FOUND)
    body = _body(request)
    number = str(body.get("number") or "")[:LONGEST_NUMBER]
    asked = ("", Decimal(0)) if operation == BALANCE and number else _asked(body)
    if asked is None:
        return _told(Answer(status=HTTPStatus.BAD_REQUEST, message="The call names no payment and amount."))
    if number:
        found = card_answered(address.heartland, operation, number, *asked, timezone.now())
        if found.balance is not None:
            return JsonResponse({"balance": float(found.balance)})
        return _told(found.answer)
    return _told(answered(address.heartland, operation, *asked, timezone.now()))


def _body(request: HttpRequest) -> dict[str, Any]:
    """The call's JSON object; {} for anything else."""
    if len(request.body) > LONGEST_BODY:
        return {}
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _asked(body: dict[str, Any]) -> tuple[str, Decimal] | None:
    """Payment and amount; older senders call the payment `reference_id`."""
    try:
        payment_id = str(body.get("payment_id") or body.get("reference_id") or "")
        amount = abs(Decimal(str(body["amount"])))
        cents = amount.quantize(Decimal("0.01"))
    except (KeyError, InvalidOperation):
        return None
    is_sound = PAYMENT_ID.fullmatch(payment_id) and amount == cents and amount < LARGEST
    return (payment_id, cents) if is_sound else None


def _told(answer: Answer) -> HttpResponse:
    return JsonResponse({"message": answer.message} if answer.message else {}, status=answer.status)
