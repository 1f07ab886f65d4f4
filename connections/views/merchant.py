"""What holds for all stores of a merchant."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from connections.forms import MerchantForm
from connections.models import Merchant
from connections.permissions import Action
from connections.preferences import SavedMeanwhile
from connections.services.accounts import account_currency_save
from connections.services.merchants import time_zone_save
from connections.services.people import second_factor_demand
from connections.setup import CURRENCY
from connections.signin.factors import is_proven
from connections.strict import takes
from connections.views.base import PersonRequest, demand, is_as_shown, member, merchant_for, page, proven_lately


@takes(MerchantForm)
@require_http_methods(["GET", "POST"])
@member
def merchant(request: PersonRequest, public_id: str) -> HttpResponse:
    """The time zone by which days begin and end, and in which currencies stores and Heartland reckon."""
    ours = get_object_or_404(Merchant.objects.for_user(request.user), public_id=public_id)
    form = MerchantForm(request.POST or None, initial={"time_zone": ours.time_zone, "shown": ours.time_zone})
    if request.method == "POST":
        demand(request, ours, Action.SETTINGS)
        if form.is_valid():
            wish = form.cleaned_data
            try:
                time_zone_save(merchant=ours, time_zone=wish["time_zone"], shown=wish["shown"], actor=request.user)
            except SavedMeanwhile as failure:
                messages.error(request, f"Nothing was saved. {failure.summary}")
            else:
                messages.success(request, f"Days begin and end by {wish['time_zone']}.")
            return redirect("merchant", public_id=public_id)
    rows = ours.connections.select_related("store", "heartland").order_by("store__name")
    context = {"merchant": ours, "form": form, "rows": rows, "accounts": ours.heartland_accounts.order_by("name", "pk")}
    return page(request, "connections/merchant.html", context, merchant=ours)


@takes("account", "currency", "shown")
@require_POST
@member
def currency(request: PersonRequest, public_id: UUID) -> HttpResponse:
    """In which currency a Heartland account reckons: orders that are paid in another one are held."""
    ours = merchant_for(request, str(public_id), Action.SETTINGS)
    wish = request.POST.get("currency", "").strip().upper()
    try:
        wanted = UUID(request.POST.get("account", ""))
    except ValueError as exc:
        raise Http404 from exc
    account = get_object_or_404(ours.heartland_accounts, public_id=wanted)
    if not CURRENCY.fullmatch(wish):
        messages.error(request, "Nothing was saved: give the currency by its three letters, such as USD.")
    elif is_as_shown(request, account.currency, "shown"):
        account_currency_save(account=account, currency=wish, actor=request.user)
        messages.success(request, f"{account} reckons in {wish}: orders paid in another currency are held.")
    return redirect("merchant", public_id=public_id)


@takes("needed")
@require_POST
@member
@proven_lately
def second_factor(request: PersonRequest, public_id: UUID) -> HttpResponse:
    """Ask everybody of the merchant for a second factor, or no longer. Who asks others for one has one."""
    ours = merchant_for(request, str(public_id), Action.PEOPLE)
    is_needed = request.POST.get("needed") == "yes"
    if is_needed and not is_proven(request):
        messages.error(request, "Set up a second factor of your own first, so that you do not lock yourself out.")
    elif second_factor_demand(merchant=ours, is_needed=is_needed, actor=request.user):
        words = "Everybody needs a second factor from now on." if is_needed else "A password is enough again."
        messages.success(request, words)
    return redirect("team", public_id=public_id)
