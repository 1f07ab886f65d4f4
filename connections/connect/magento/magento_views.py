"""The list of Magento websites, the ways to add one, and what comes after."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from connections.connect.magento.connecting import KIND, installation_of, website_choose
from connections.connect.magento.magento_forms import WebsiteForm
from connections.connectors.magento.rights import BULK, MODULES
from connections.models import AccessState, Connection, Merchant, Store
from connections.permissions import Action
from connections.store_kinds import KINDS
from connections.strict import takes
from connections.views.base import PersonRequest, demand, member, merchant_for, page
from connections.views.go_on import next_page, pair_what_can
from connections.views.integrations import shops
from errors.failures import SyncFailure


@require_safe
@member
def websites(request: PersonRequest) -> HttpResponse:
    """Magento websites: add, manage."""
    return page(request, "connections/magento/websites.html", {"shops": shops(request.user)})


@require_safe
@member
def add(request: PersonRequest, merchant_id: UUID) -> HttpResponse:
    """*Add a Magento website*: the ways to do it."""
    merchant = merchant_for(request, str(merchant_id), Action.CONNECT)
    context = {"merchant": merchant, **again(request, merchant)}
    return page(request, "connections/magento/add.html", context, merchant=merchant)


@takes("merchant", "store")
@require_POST
@member
def reconnect(request: PersonRequest) -> HttpResponse:
    """*Reconnect Magento*: the same ways, for the store that is there."""
    merchant = merchant_for(request, request.POST.get("merchant", ""), Action.CONNECT)
    store = store_named(merchant, request.POST.get("store", ""))
    return redirect(reverse("magento_add", args=[merchant.public_id]) + (f"?store={store.public_id}" if store else ""))


@takes(WebsiteForm)
@require_http_methods(["GET", "POST"])
@never_cache
@member
def website(request: PersonRequest, public_id: UUID) -> HttpResponse:
    """Choose which of the installation's websites the store sells from."""
    store = get_object_or_404(Store.objects.for_user(request.user), kind=KIND, public_id=public_id)
    demand(request, store.merchant, Action.CONNECT)
    try:
        installation = installation_of(store)
        form = WebsiteForm(request.POST or None, websites=installation.websites)
        if request.method == "POST" and form.is_valid():
            store = website_choose(store=store, code=form.cleaned_data["website"], actor=request.user)
            return go_on(request, store)
    except SyncFailure as failure:
        messages.error(request, failure.summary)
        return redirect("integrations_magento")
    context = {"store": store, "form": form, "installation": installation}
    return page(request, "connections/magento/website.html", context, merchant=store.merchant)


def again(request: PersonRequest, merchant: Merchant) -> dict[str, Any]:
    """The store that is to be connected again, as an address of ours names it, and how that is handed on."""
    store = store_named(merchant, request.GET.get("store", ""))
    return {"store": store, "query": f"?store={store.public_id}" if store else "", "needs": rights_to_tick()}


def store_named(merchant: Merchant, public_id: str) -> Store | None:
    """The merchant's store with this id; None for what is none."""
    try:
        wanted = UUID(public_id)
    except ValueError:
        return None
    return Store.objects.filter(merchant=merchant, kind=KIND, public_id=wanted).first()


def rights_to_tick() -> list[str]:
    """What an integration needs, in the words of Admin's tree."""
    return [need.words for need in KINDS[KIND].profile.needs if need not in (BULK, MODULES)]


def go_on(request: PersonRequest, store: Store) -> HttpResponse:
    """The next step after the secrets work: pairing where that can go in one way only, then as `whither` says."""
    if store.state == AccessState.CONNECTED and store.merchant and not is_back(store):
        messages.success(request, f"{store} is added.")
        pair_what_can(request, store.merchant)
    return whither(request, store)


def whither(request: PersonRequest, store: Store) -> HttpResponse:
    """The website, the page that asks for the pair, the dashboard, or back to a connection that runs."""
    if store.state == AccessState.UNCLAIMED or store.merchant is None:
        return redirect("magento_website", public_id=store.public_id)
    if is_back(store):
        messages.success(request, f"{store} is connected again; what was missed meanwhile is asked for now.")
        return redirect("connection", public_id=store.connection.public_id)
    return next_page(store.merchant, store)


def is_back(store: Store) -> bool:
    """Whether the store ran before it was connected now."""
    connection = Connection.objects.filter(store=store).first()
    return bool(connection and connection.is_running)
