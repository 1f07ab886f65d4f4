"""The page of one person, and the part of it that asks the tills."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from connections.models import Connection
from connections.permissions import Action
from connections.views.base import PersonRequest, for_connection, page
from errors.failures import SyncFailure
from syncjobs.pages.person.person_state import Person, person_of
from syncjobs.pages.person.tickets import tickets_of

LONGEST_TERM = 40


@require_safe
@for_connection(Action.SHOPPERS)
def person(request: PersonRequest, connection: Connection, term: str) -> HttpResponse:
    """Everything that this merchant's stores know of the person."""
    found = found_by(connection, term)
    if found is None:
        messages.info(request, "Nobody is known here any more under this address; search finds who ordered lately.")
        return redirect("orders")
    context = {
        "connection": connection,
        "tab": "fulfilment",
        "term": term,
        "person": found,
    }
    return page(request, "person/person.html", context, merchant=connection.merchant)


@require_safe
@for_connection(Action.SHOPPERS)
def tills(request: PersonRequest, connection: Connection, term: str) -> HttpResponse:
    """What they bought at the tills: Heartland is asked while somebody waits."""
    found = found_by(connection, term)
    context: dict[str, Any] = {"connection": connection, "tab": "fulfilment", "term": term}
    try:
        context["tickets"] = tickets_of(found.customers if found else [])
    except SyncFailure as failure:
        context["problem"] = failure.summary
    return page(request, "person/tills.html", context, merchant=connection.merchant)


def found_by(connection: Connection, term: str) -> Person | None:
    """In all stores of the merchant that the connection is of."""
    stores = Connection.objects.filter(merchant=connection.merchant).select_related("merchant", "store", "heartland")
    return person_of(list(stores.order_by("pk")), term[:LONGEST_TERM])
