"""The audit trail as a file: all entries that the page's filters leave, whatever their number."""

from collections.abc import Iterator
from uuid import UUID

from django.http import StreamingHttpResponse
from django.views.decorators.http import require_safe

from connections.models import AuditEntry, Merchant
from connections.permissions import Action
from connections.trail_lists import TrailFilters, filtered, filters_from
from connections.views.base import PersonRequest, member, merchant_for
from syncjobs.pages.runs.run_views import csv_answer

HEAD = ("At (UTC)", "Who", "What", "Code", "About", "Details", "Number", "Digest")
AT_ONCE = 500


@require_safe
@member
def trail_csv(request: PersonRequest, public_id: UUID) -> StreamingHttpResponse:
    """Newest first; numbers and digests are those by which the chain is proven."""
    merchant = merchant_for(request, str(public_id), Action.TRAIL)
    return csv_answer("trail.csv", lines(merchant, filters_from(request.GET)))


def lines(merchant: Merchant, asked: TrailFilters) -> Iterator[tuple[str, ...]]:
    yield HEAD
    for entry in filtered(merchant, asked).iterator(AT_ONCE):
        yield cells(entry)


def cells(entry: AuditEntry) -> tuple[str, ...]:
    number = "" if entry.number is None else str(entry.number)
    return (
        entry.at.isoformat(), entry.who, entry.words, entry.action, entry.subject, "; ".join(entry.told), number,
        entry.digest,
    )  # fmt: skip
