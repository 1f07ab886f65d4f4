"""The form in a cause's card, and the Heartland items that it lets choose from."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, IntegerField, Q, Value, When
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from connections.models import Connection
from connections.permissions import Action, may, refusal, role_of
from connections.strict import takes
from connections.views.base import PersonRequest, for_connection, go_back, page
from errors.failures import SyncFailure
from mappings.models import CatalogueSku, Side
from syncjobs.pages.errors.apply_fix import fix_apply
from syncjobs.pages.errors.card_fixes import RIGHTS, card_fixes
from syncjobs.pages.errors.triage_views import issue_or_404

ITEMS_OFFERED = 50


@takes("do", "shown", "number", "target", "value", "next")
@require_POST
@for_connection(Action.RETRY)
def fix(request: PersonRequest, connection: Connection, issue_id: int) -> HttpResponse:
    """Fix a cause, and let go on what waits for it. Each kind of fix needs its own right as well."""
    issue = issue_or_404(connection, issue_id)
    role = role_of(request.user, connection.merchant)
    found = card_fixes(connection, [issue], role).get(issue.pk)
    if found is None:
        messages.warning(request, "Nothing was done: this cause has no fix of this kind any more.")
        return go_back(request, "issue", connection.public_id, issue_id)
    if not may(role, RIGHTS[found.kind]):
        raise PermissionDenied(refusal(role, RIGHTS[found.kind]))
    given = {name: request.POST.get(name, "") for name in ("do", "shown", "number", "target", "value")}
    try:
        messages.success(request, fix_apply(issue, found, given, actor=request.user, now=timezone.now()))
    except SyncFailure as failure:
        messages.error(request, failure.summary)
    return go_back(request, "issue", connection.public_id, issue_id)


@require_safe
@for_connection(Action.LOOK)
def items(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Heartland items whose number or name has the typed words, as options: those that begin with them first."""
    text = request.GET.get("number", "").strip()[:80]
    rows = CatalogueSku.objects.filter(connection=connection, side=Side.HEARTLAND).exclude(sku="")
    if text:
        rows = rows.filter(Q(sku__icontains=text) | Q(product__facts__description__icontains=text))
    begins = Case(When(sku__istartswith=text, then=Value(0)), default=Value(1), output_field=IntegerField())
    found = rows.select_related("product").order_by(begins, "sku")[:ITEMS_OFFERED]
    offered = [(row.sku, str(row.product.facts.get("description") or "")) for row in found]
    return page(request, "errors/_items.html", {"items": offered}, merchant=connection.merchant)
