"""Ways of telling us that people set up in the store: how, with which address and secret, and how to end one."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from connections.hand_hooks import Offered, hand_hook_end, hand_hook_renew, hand_hooks
from connections.hooks import hook_address
from connections.models import Connection, Hook
from connections.permissions import Action
from connections.views.base import PersonRequest, for_connection, page
from connections.views.status import is_alive


@require_safe
@for_connection(Action.HOOKS)
def shown(request: PersonRequest, connection: Connection, way: str) -> HttpResponse:
    """How the store is made to tell us, without address and secret."""
    return _page(request, connection, _offered(connection, way))


@require_POST
@never_cache
@for_connection(Action.HOOKS)
def renew(request: PersonRequest, connection: Connection, way: str) -> HttpResponse:
    """Make address and secret, or others in their place: the answer shows them, and nothing does again."""
    offered = _offered(connection, way)
    if not is_alive(request, connection):
        return redirect("connection", public_id=connection.public_id)
    return _page(request, connection, offered, hand_hook_renew(connection, offered.hand_hook, request.user))


@require_POST
@for_connection(Action.HOOKS)
def end(request: PersonRequest, connection: Connection, way: str) -> HttpResponse:
    """Take nothing that comes this way any more."""
    offered = _offered(connection, way)
    hand_hook_end(connection, offered.hand_hook, request.user)
    messages.success(request, f"What {offered.hand_hook.name} sends is refused from now on: remove it there too.")
    return redirect("connection", public_id=connection.public_id)


def _offered(connection: Connection, way: str) -> Offered:
    found = next((one for one in hand_hooks(connection) if one.hand_hook.way == way), None)
    if found is None:
        raise Http404
    return found


def _page(request: PersonRequest, connection: Connection, offered: Offered, made: Hook | None = None) -> HttpResponse:
    context = {
        "connection": connection,
        "way": offered.hand_hook,
        "hook": made or offered.hook,
        "made": made,
        "address": hook_address(made) if made else "",
    }
    return page(request, "connections/hand_hook.html", context, merchant=connection.merchant)
