"""The page of all merchants, for platform staff that may see merchants in the admin."""

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from connections.audit import audit_person
from connections.models import Merchant
from connections.views.base import PersonRequest, member, page
from connections.wall import wall_lifted
from syncjobs.pages.merchants.merchant_health import merchant_health

ROWS = 50


@require_safe
@member
def merchants(request: PersonRequest) -> HttpResponse:
    """Every merchant with how it is; looking at the list leaves an entry in the platform's trail."""
    if not (request.user.is_staff and request.user.has_perm("connections.view_merchant")):
        raise Http404
    text = request.GET.get("q", "").replace("\x00", "").strip()[:80]
    with wall_lifted():
        rows = Merchant.objects.filter(name__icontains=text) if text else Merchant.objects.all()
        shown = Paginator(rows.order_by("name", "pk"), ROWS).get_page(request.GET.get("page"))
        found = merchant_health(list(shown), timezone.now())
    audit_person(actor=request.user, action="staff.listed", subject="merchants")
    return page(request, "merchants/merchants.html", {"rows": shown, "found": found, "text": text})
