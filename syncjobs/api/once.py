"""A write that is repeated with its idempotency key is done once and answered alike, for a day.

Answer and effect are one transaction: whoever dies in between has done neither. Such a handler asks no other system.
"""

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from connections.models import ApiAnswer, ApiToken
from syncjobs.api.access import ApiView
from syncjobs.api.problems import Problem, invalid
from syncjobs.api.schema import HEADER, KEY
from syncjobs.engine.retention import ANSWERS_REPEATED

REPEATED = "Idempotent-Replayed"  # header of an answer that was given before

Handler = TypeVar("Handler", bound=Callable[..., Response])


def once(handler: Handler) -> Handler:
    """Let callers repeat the handler safely, by the header `Idempotency-Key`."""

    @wraps(handler)
    def repeatable(view: ApiView, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get(HEADER)
        if key is None:
            return handler(view, request, *args, **kwargs)
        if not KEY.fullmatch(key):
            raise invalid({HEADER: "Give 1 to 200 visible ASCII signs."})
        asked = _digest(request)
        try:
            with transaction.atomic():
                kept = _begun(view.token, key, asked)
                response = handler(view, request, *args, **kwargs)
                kept.status = response.status_code
                kept.body = json.dumps(response.data, cls=JSONEncoder)
                kept.save(update_fields=["status", "body"])
        except _Known as known:
            return _repeated(known.answer, asked)
        return response

    repeatable.is_once = True  # type: ignore[attr-defined]  # read by the test that walks the writes
    return repeatable  # type: ignore[return-value]


class _Known(Exception):
    """The key was used before."""

    def __init__(self, answer: ApiAnswer) -> None:
        super().__init__()
        self.answer = answer


def _begun(token: ApiToken, key: str, asked: str) -> ApiAnswer:
    """A row for the key; waits for who works on the same one. Raises _Known when it was answered."""
    now = timezone.now()
    ApiAnswer.objects.filter(token=token, key=key, at__lte=now - ANSWERS_REPEATED).delete()
    try:
        with transaction.atomic():
            return ApiAnswer.objects.create(token=token, key=key, digest=asked, status=0, at=now)
    except IntegrityError as exc:
        raise _Known(ApiAnswer.objects.get(token=token, key=key)) from exc


def _repeated(answer: ApiAnswer, asked: str) -> Response:
    if answer.digest != asked:
        raise Problem("key_reused", "The same key came with another method, address or body within a day.")
    body = json.loads(answer.body) if answer.body else None
    return Response(body, status=answer.status, headers={REPEATED: "true"})


def _digest(request: Request) -> str:
    asked = [str(request.method), request.get_full_path(), json.dumps(request.data, sort_keys=True)]
    return hashlib.sha256("\x1f".join(asked).encode()).hexdigest()
