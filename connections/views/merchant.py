"""What holds for all stores of a merchant."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from connections.forms import MerchantForm
from connections.models import Merchant
from connections.permissions import Action
from connections.preferences import SavedMeanwhile
from connections.services.merchants import time_zone_save
from connections.views.base import PersonRequest, demand, member, page


@require_http_methods(["GET", "POST"])
@member
def merchant(request: PersonRequest, public_id: str) -> HttpResponse:
    """The time zone by which days begin and end, and in which currencies the stores and Heartland reckon."""
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
    return page(request, "connections/merchant.html", {"merchant": ours, "form": form, "rows": rows}, merchant=ours)
