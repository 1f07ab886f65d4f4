"""Where a browser goes after a system let us in: back to the dashboard, whose checklist says what is next."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from connections import services
from connections.models import AccessState, Connection, HeartlandAccount, Merchant, Store
from connections.views.base import PersonRequest
from errors.failures import SyncFailure


def go_on(request: PersonRequest, merchant: Merchant, store: Store | None = None) -> HttpResponse:
    """Pair what can go together in one way only; where a person has to choose for `store`, the page that asks."""
    pair_what_can(request, merchant)
    return next_page(merchant, store)


def pair_what_can(request: PersonRequest, merchant: Merchant) -> None:
    """Pair the one store that waits with the one Heartland account, and say so."""
    try:
        made = services.pair_the_only(merchant=merchant, actor=request.user)
    except SyncFailure as failure:
        messages.error(request, failure.summary)
    else:
        if made:
            messages.success(request, f"{made.store} is paired with Heartland account {made.heartland}.")


def next_page(merchant: Merchant, store: Store | None = None) -> HttpResponse:
    """The page that asks which Heartland account `store` belongs to, where that is open; else the dashboard."""
    is_paired = Connection.objects.filter(store=store).exclude(state=Connection.State.DISCONNECTED).exists()
    accounts = HeartlandAccount.objects.filter(merchant=merchant, state=AccessState.CONNECTED)
    if store and not is_paired and accounts.exists():
        return redirect("store_pair", public_id=store.public_id)
    return redirect("dashboard")
