"""Comments by staff: writing one on an order or a SKU, and those that there are."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from connections.models import Connection
from connections.permissions import Action
from connections.strict import takes
from connections.views.base import PersonRequest, for_connection, go_back
from mappings.models import CatalogueSku, Link
from syncjobs.models import Comment, Record

LONGEST = 1_000
SHOWN = 100


def comments_on(connection: Connection, *, external_id: str = "", sku: str = "") -> list[Comment]:
    """The newest SHOWN comments on an order or on a SKU, newest first."""
    rows = Comment.objects.filter(connection=connection)
    rows = rows.filter(external_id=external_id) if external_id else rows.filter(sku=sku).exclude(sku="")
    return list(rows.select_related("by").order_by("-at", "-pk")[:SHOWN])


@takes("order", "sku", "text", "next")
@require_POST
@for_connection(Action.SHOPPERS)
def comment(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Keep what a person writes, for everybody who may see shoppers."""
    external_id, sku = request.POST.get("order", ""), request.POST.get("sku", "")
    if bool(external_id) == bool(sku) or not is_known(connection, external_id, sku):
        raise Http404
    text = request.POST.get("text", "").strip()
    if not text:
        messages.error(request, "Nothing was kept: write the comment first.")
    elif len(text) > LONGEST:
        messages.error(request, f"Nothing was kept: a comment has at most {LONGEST:,} characters.")
    else:
        Comment.objects.create(
            connection=connection, external_id=external_id, sku=sku, text=text, by=request.user, at=timezone.now()
        )
        messages.success(request, "The comment is kept.")
    return go_back(request, "fulfilment", connection.public_id)


def is_known(connection: Connection, external_id: str, sku: str) -> bool:
    """Whether there is such an order, or such a SKU in a catalogue or among the links."""
    if external_id:
        return Record.objects.filter(connection=connection, flow="orders", external_id=external_id).exists()
    links = Link.objects.of(connection, Link.Kind.ITEM).filter(source_id=sku)
    return links.exists() or CatalogueSku.objects.filter(connection=connection, sku=sku).exists()
