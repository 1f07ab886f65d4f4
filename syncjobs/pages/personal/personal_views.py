"""What is kept of a shopper: exported or erased by an owner; and how long texts are kept."""

import json

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from connections.forms import RetentionForm
from connections.models import Merchant
from connections.permissions import Action
from connections.preferences import SavedMeanwhile
from connections.services.merchants import retention_save
from connections.strict import takes
from connections.views.base import PersonRequest, member, merchant_for, page, proven_lately
from syncjobs.pages.personal.personal_data import personal_erase, personal_export
from syncjobs.pages.personal.shopper_form import ShopperForm


@takes(RetentionForm, ShopperForm, "do")
@require_http_methods(["GET", "POST"])
@member
@proven_lately
def personal(request: PersonRequest, public_id: str) -> HttpResponse:
    """The page, and its three forms: how long texts are kept, an export as a file, an erasure."""
    merchant = merchant_for(request, str(public_id), Action.PERSONAL)
    is_posted = request.method == "POST"
    what = request.POST.get("do", "")
    if is_posted and what not in {"keep", "export", "erase"}:
        raise Http404
    kept = merchant.texts_kept.days
    days = RetentionForm(request.POST if what == "keep" else None, initial={"days": kept, "shown": kept})
    shopper = ShopperForm(request.POST if what in {"export", "erase"} else None)
    if what == "keep" and days.is_valid():
        keep(request, merchant, days)
        return redirect("personal", public_id=merchant.public_id)
    if what == "export" and shopper.is_valid():
        return export(request, merchant, shopper.cleaned_data["email"])
    if what == "erase" and shopper.is_valid():
        counts = personal_erase(merchant=merchant, email=shopper.cleaned_data["email"], actor=request.user)
        messages.success(request, erased_words(counts))
        return redirect("personal", public_id=merchant.public_id)
    context = {"merchant": merchant, "days": days, "shopper": shopper}
    return page(request, "personal/personal.html", context, merchant=merchant)


def keep(request: PersonRequest, merchant: Merchant, form: RetentionForm) -> None:
    wish = form.cleaned_data
    try:
        retention_save(merchant=merchant, days=wish["days"], shown=wish["shown"], actor=request.user)
    except SavedMeanwhile as failure:
        messages.error(request, f"Nothing was saved. {failure.summary}")
    else:
        messages.success(request, f"Texts are kept {wish['days']} days.")


def export(request: PersonRequest, merchant: Merchant, email: str) -> HttpResponse:
    found = personal_export(merchant=merchant, email=email, actor=request.user)
    answer = HttpResponse(json.dumps(found, indent=2, ensure_ascii=False), content_type="application/json")
    answer["Content-Disposition"] = 'attachment; filename="personal-data.json"'
    answer["Cache-Control"] = "no-store"
    return answer


def erased_words(counts: dict[str, int]) -> str:
    """What was erased, counted; that there was nothing is said as well."""
    parts = [f"{count} {name}" for name, count in counts.items() if count]
    if not parts:
        return "Nothing is kept here under this address."
    return f"Erased: {', '.join(parts)}. What Heartland and the store hold is theirs: erase it there too."
