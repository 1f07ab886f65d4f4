"""The page of one person, and the part of it that asks the tills."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from connections.models import Connection
from connections.permissions import Action
from connections.strict import takes
from connections.views.base import PersonRequest, demand, for_connection, page
from errors.failures import ConfigurationFailure, SyncFailure
from syncjobs.intake.customer_answers import people_join
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
        "joinable": joinable(connection, found),
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


@takes("gone", "kept")
@require_POST
@for_connection(Action.MAPS)
def person_join(request: PersonRequest, connection: Connection, term: str) -> HttpResponse:
    """A person says that two of Heartland's customers are one; which stays is one whom the page shows."""
    demand(request, connection.merchant, Action.SHOPPERS)
    found = found_by(connection, term)
    gone, kept = request.POST.get("gone", "").strip(), request.POST.get("kept", "")
    if found is None or kept not in joinable(connection, found):
        raise Http404
    try:
        people_join(connection=connection, gone=gone, kept=kept, actor=request.user, now=timezone.now())
    except ConfigurationFailure as failure:
        messages.error(request, f"Nothing was changed. {failure.summary}")
    else:
        messages.success(request, f"Kept: customer {gone} is customer {kept}. Both sides are told now.")
    return redirect("person", public_id=connection.public_id, term=term)


def joinable(connection: Connection, person: Person) -> list[str]:
    """The customers in the connection's Heartland who are the person now."""
    return [one for account, one in person.living_customers if account.pk == connection.heartland_id]


def found_by(connection: Connection, term: str) -> Person | None:
    """In all stores of the merchant that the connection is of."""
    stores = Connection.objects.filter(merchant=connection.merchant).select_related("merchant", "store", "heartland")
    return person_of(list(stores.order_by("pk")), term[:LONGEST_TERM])
