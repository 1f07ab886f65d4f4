"""How Heartland is made to ask us before money moves, with which address, and how to end it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from connections.models import Connection
from connections.payment_addresses import payment_address_end, payment_address_of, payment_address_renew
from connections.permissions import Action
from connections.views.base import PersonRequest, for_connection, page
from connections.views.status import is_alive


@require_safe
@for_connection(Action.HOOKS)
def shown(request: PersonRequest, connection: Connection) -> HttpResponse:
    """What is set up in Heartland, without the address."""
    return _page(request, connection, {})


@require_POST
@never_cache
@for_connection(Action.HOOKS)
def renew(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Make the address, or another in its place: the answer shows it, and nothing does again."""
    if not is_alive(request, connection):
        return redirect("connection", public_id=connection.public_id)
    return _page(request, connection, payment_address_renew(connection, request.user))


@require_POST
@for_connection(Action.HOOKS)
def end(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Answer nothing that is asked there any more."""
    payment_address_end(connection, request.user)
    messages.success(request, "Heartland is refused from now on: take the addresses off its payment type too.")
    return redirect("connection", public_id=connection.public_id)


def _page(request: PersonRequest, connection: Connection, made: dict[str, str]) -> HttpResponse:
    context = {"connection": connection, "known": payment_address_of(connection.heartland), "made": made}
    return page(request, "connections/payment_address.html", context, merchant=connection.merchant)
