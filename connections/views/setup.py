"""From two connected systems to running orders: pair, mastery notice, set-up assistant, preflight."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from connections import preferences, preflight, services, setup
from connections.fixes import fix_for
from connections.forms import PairForm
from connections.models import Connection, Store
from connections.permissions import Action
from connections.views.base import PersonRequest, demand, for_connection, member, page
from errors.failures import SyncFailure


@require_http_methods(["GET", "POST"])
@member
def pair(request: PersonRequest, public_id: str) -> HttpResponse:
    """Choose the Heartland account that a store's orders go to."""
    store = get_object_or_404(Store.objects.for_user(request.user).select_related("merchant"), public_id=public_id)
    demand(request, store.merchant, Action.CONNECT)
    existing = Connection.objects.filter(store=store).exclude(state=Connection.State.DISCONNECTED).first()
    if existing:
        return redirect("connection", public_id=existing.public_id)
    form = PairForm(request.POST or None, merchant=store.merchant)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.connection_create(
                heartland=form.cleaned_data["heartland"], store=store, actor=request.user
            )
        except SyncFailure as failure:
            messages.error(request, failure.summary)
            return redirect("store_pair", public_id=store.public_id)
        messages.success(request, f"{store} is paired with Heartland account {made.heartland}.")
        return redirect("setup", public_id=made.public_id)
    return page(request, "connections/pair.html", {"store": store, "form": form}, merchant=store.merchant)
