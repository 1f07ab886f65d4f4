"""The address that Heartland asks before money moves: made here, shown once, renewed and removed by people."""

import secrets

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from connections.audit import audit
from connections.models import Connection, HeartlandAccount, PaymentAddress, User
from connections.models.pairs import token_digest

OPERATIONS = ("capture", "refund", "void", "balance")
TOKEN_BYTES = 32


def payment_address_of(account: HeartlandAccount) -> PaymentAddress | None:
    return PaymentAddress.objects.filter(heartland=account).first()


@transaction.atomic
def payment_address_renew(connection: Connection, actor: User) -> dict[str, str]:
    """Make the account's address, or another in its place; those before are refused from now on.

    Answers the URL of each operation, which nothing tells again.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    fresh = {"path_token": token_digest(token), "made_at": timezone.now(), "called_at": None}
    _, is_new = PaymentAddress.objects.update_or_create(heartland=connection.heartland, defaults=fresh)
    _note(connection, actor, "set up" if is_new else "renewed")
    return {operation: f"{settings.PUBLIC_URL}/hooks/payments/{token}/{operation}" for operation in OPERATIONS}


@transaction.atomic
def payment_address_end(connection: Connection, actor: User) -> None:
    """Refuse from now on what is asked there."""
    if PaymentAddress.objects.filter(heartland=connection.heartland).delete()[0]:
        _note(connection, actor, "removed")


def payment_address_find(token: str) -> PaymentAddress | None:
    """The address with this unguessable part; that it was called is noted."""
    found = PaymentAddress.objects.select_related("heartland").filter(path_token=token_digest(token)).first()
    if found:
        PaymentAddress.objects.filter(pk=found.pk).update(called_at=timezone.now())
    return found


def _note(connection: Connection, actor: User, what: str) -> None:
    audit(
        merchant=connection.merchant,
        actor=actor,
        action="hooks.changed",
        subject=connection,
        **{"heartland payments": what},
    )
