"""*Edit and retry*: the page where a person writes what is booked of one held order otherwise than the store has it."""

from dataclasses import dataclass, replace
from itertools import groupby

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from connections.models import Connection
from connections.permissions import Action, may, refusal, role_of
from connections.strict import takes
from connections.views.base import PersonRequest, for_connection, page
from errors.failures import ConfigurationFailure, SyncFailure
from syncjobs.pages.orders.edit_order import EditField, edit_fields, is_editable, mark_of_fields, order_edit
from syncjobs.pages.orders.order_list import order_url
from syncjobs.pages.orders.order_views import order_record


@dataclass(frozen=True, kw_only=True)
class Refused:
    """What a refused form was drawn for, and the reason that was typed."""

    mark: str
    note: str


@takes("edit-*", "shown", "note")
@require_http_methods(["GET", "HEAD", "POST"])
@for_connection(Action.RETRY)
def edit(request: PersonRequest, connection: Connection, external_id: str) -> HttpResponse:
    """The values of a held order, read from the store now; sent, they are kept for this order and it is tried again."""
    role = role_of(request.user, connection.merchant)
    if not may(role, Action.SHOPPERS):
        raise PermissionDenied(refusal(role, Action.SHOPPERS))
    record, now = order_record(connection, external_id), timezone.now()
    if not is_editable(record):
        messages.warning(request, f"{record} does not wait any more, or is in Heartland: nothing is edited here.")
        return redirect(order_url(record))
    try:
        fields = edit_fields(record, now)
    except SyncFailure as failure:
        messages.error(request, f"Nothing was edited: the store's order cannot be read now. {failure.summary}")
        return redirect(order_url(record))
    if request.method != "POST":
        return form_page(request, connection, fields, external_id=external_id, title=str(record))
    if request.POST.get("shown") != mark_of_fields(fields):
        messages.error(request, "Nothing was edited: the order is another by now. It is shown as it is; edit it again.")
        return redirect("order_edit", public_id=connection.public_id, external_id=external_id)
    given = {one.name: request.POST[one.name] for one in fields if one.name in request.POST}
    note = request.POST.get("note", "")
    try:
        count = order_edit(record=record, fields=fields, given=given, note=note, actor=request.user, now=now)
    except ConfigurationFailure as failure:
        messages.error(request, failure.summary)
        typed = [replace(one, value=given.get(one.name, one.value)) for one in fields]
        refused = Refused(mark=mark_of_fields(fields), note=note)
        return form_page(request, connection, typed, external_id=external_id, title=str(record), refused=refused)
    messages.success(request, f"{count} value{'' if count == 1 else 's'} edited: {record} is tried again now.")
    return redirect(order_url(record))


def form_page(
    request: PersonRequest,
    connection: Connection,
    fields: list[EditField],
    *,
    external_id: str,
    title: str,
    refused: Refused | None = None,
) -> HttpResponse:
    """The form; with what was typed where it was refused."""
    context = {
        "connection": connection,
        "external_id": external_id,
        "title": title,
        "groups": [(words, list(rows)) for words, rows in groupby(fields, key=lambda one: one.group)],
        "shown": refused.mark if refused else mark_of_fields(fields),
        "note": refused.note if refused else "",
    }
    answer = page(request, "orders/order_edit.html", context, merchant=connection.merchant)
    answer.status_code = 400 if refused else 200
    return answer
