"""A connection's own page: state of both systems, test, pause, reconnect, disconnect, webhooks."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from connections import hooks, services
from connections.fixes import heartland_site, store_site
from connections.forms import DisconnectForm
from connections.hand_hooks import hand_hooks
from connections.models import AuditEntry, Connection, Hook
from connections.permissions import Action
from connections.strict import takes
from connections.views.base import PersonRequest, for_connection, page

CHANGES_SHOWN = 10
State = Connection.State


@require_safe
@for_connection(Action.LOOK)
def connection(request: PersonRequest, connection: Connection) -> HttpResponse:
    """How both systems are, how news arrives, and what was changed last."""
    rows = hooks.hooks_wanted(connection)
    changes = AuditEntry.objects.filter(merchant=connection.merchant).select_related("actor").order_by("-at")
    context = {
        "connection": connection,
        "hooks": rows,
        "hand_hooks": hand_hooks(connection),
        "has_broken_hooks": any(row.state not in {Hook.State.LIVE, Hook.State.POLLED} for row in rows),
        "changes": changes[:CHANGES_SHOWN],
        "heartland_url": heartland_site(connection.heartland),
        "store_url": store_site(connection),
    }
    return page(request, "connections/connection.html", context, merchant=connection.merchant)


@require_POST
@for_connection(Action.TEST)
def test(request: PersonRequest, connection: Connection) -> HttpResponse:
    """*Test connection*: account, what is granted against what is needed, and why it fails."""
    diagnosis = services.connection_test(connection=connection)
    context = {
        "connection": connection,
        "diagnosis": diagnosis,
    }
    return page(request, "connections/test.html", context, merchant=connection.merchant)


@require_POST
@for_connection(Action.PAUSE)
def pause(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Stop the flows; what comes in waits."""
    services.connection_pause(connection=connection, actor=request.user)
    messages.success(request, "Paused. What comes in is noted and waits; nothing is lost.")
    return redirect("connection", public_id=connection.public_id)


@takes(DisconnectForm)
@require_http_methods(["GET", "POST"])
@for_connection(Action.DISCONNECT)
def disconnect(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Say what disconnecting does, then do it when the store's name is typed."""
    if connection.state == State.DISCONNECTED:
        return redirect("connection", public_id=connection.public_id)
    form = DisconnectForm(request.POST or None, connection=connection)
    if request.method == "POST" and form.is_valid():
        leftovers = services.connection_disconnect(connection=connection, actor=request.user)
        messages.success(request, f"{connection.store} is disconnected: tokens are erased, the history is kept.")
        for sentence in leftovers:
            messages.warning(request, sentence)
        return redirect("connection", public_id=connection.public_id)
    others = connection.heartland.connections.exclude(pk=connection.pk).exclude(state=State.DISCONNECTED)
    context = {
        "connection": connection,
        "form": form,
        "hooks": connection.hooks.filter(state__in=[Hook.State.LIVE, Hook.State.INACTIVE]).count(),
        "keeps_heartland": others.exists(),
    }
    return page(request, "connections/disconnect.html", context, merchant=connection.merchant)


@require_POST
@for_connection(Action.HOOKS)
def hooks_arm(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Register what is missing and switch on what was switched off, at both systems."""
    if not is_alive(request, connection):
        return redirect("connection", public_id=connection.public_id)
    report = hooks.hooks_arm(connection=connection, actor=request.user)
    if report.is_ok:
        messages.success(request, "All webhooks are live.")
    for sentence in report.problems:
        messages.error(request, sentence)
    return redirect("connection", public_id=connection.public_id)


@require_POST
@for_connection(Action.HOOKS)
def hooks_remove(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Remove our webhooks at both systems; polling goes on."""
    if not is_alive(request, connection):
        return redirect("connection", public_id=connection.public_id)
    problems = hooks.hooks_remove(connection=connection, actor=request.user)
    if not problems:
        messages.success(request, "Webhooks are removed at both systems. Polling goes on.")
    for sentence in problems:
        messages.error(request, sentence)
    return redirect("connection", public_id=connection.public_id)


def is_alive(request: PersonRequest, connection: Connection) -> bool:
    """False, with a message, for a disconnected connection: there is nobody to talk to."""
    if connection.state == State.DISCONNECTED:
        messages.error(request, "This store is disconnected: there are no webhooks to change.")
        return False
    return True
