"""*Show proof*: every day's orders by the store's own list, each with its one disposition; as a page and as a file."""

from collections.abc import Iterator, Mapping

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Max
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from connections.models import Connection
from connections.permissions import Action
from connections.views.base import PersonRequest, for_connection, page
from errors.failures import SyncFailure
from ipaas.counts import many
from syncjobs.models import Proof, Record
from syncjobs.pages.runs.run_views import csv_answer
from syncjobs.proof.judge_order import DISAGREEMENTS, DISAGREES
from syncjobs.proof.prove_day import chain_verify, day_of, proof_make

DAYS, LINES = 31, 100
LABELS = {**{str(state): str(state.label) for state in Record.Disposition}, DISAGREES: "They disagree"}
READ = (
    ("Total in the store", "total"),
    ("Currency", "currency"),
    ("State in Heartland", "heartland"),
    ("Total in Heartland", "heartland_total"),
    ("Balance in Heartland", "heartland_balance"),
)


def by_label(counts: Mapping[str, int]) -> dict[str, int]:
    """A proof's counts as people read them: states of one name are one count."""
    sums = dict.fromkeys(LABELS.values(), 0)
    for state, label in LABELS.items():
        sums[label] += counts.get(state, 0)
    return sums


@require_safe
@for_connection(Action.LOOK)
def proofs(request: PersonRequest, connection: Connection) -> HttpResponse:
    """The newest proof of each day, newest day first, and whether the chain stands."""
    made = Proof.objects.filter(connection=connection)
    newest = made.order_by().values("day").annotate(newest=Max("pk")).values("newest")
    days = made.filter(pk__in=newest).defer("lines").order_by("-day")
    count, problem = chain_verify(connection, newest=DAYS)
    rows = Paginator(days, DAYS).get_page(request.GET.get("page"))
    context = {
        "connection": connection,
        "tab": "fulfilment",
        "rows": rows,
        "counted": {row.pk: by_label(row.counts) for row in rows},
        "labels": list(dict.fromkeys(LABELS.values())),
        "chained": count,
        "problem": problem,
    }
    return page(request, "proof/proofs.html", context, merchant=connection.merchant)


@require_safe
@for_connection(Action.LOOK)
def proof(request: PersonRequest, connection: Connection, proof_id: int) -> HttpResponse:
    """One proof with every order."""
    found = get_object_or_404(Proof, connection=connection, pk=proof_id)
    context = {
        "connection": connection,
        "tab": "fulfilment",
        "proof": found,
        "counts": [(label, count) for label, count in by_label(found.counts).items() if count],
        "disagreements": DISAGREEMENTS,
        "rows": Paginator(found.lines, LINES).get_page(request.GET.get("page")),
    }
    return page(request, "proof/proof.html", context, merchant=connection.merchant)


@require_safe
@for_connection(Action.LOOK)
def proof_csv(request: PersonRequest, connection: Connection, proof_id: int) -> StreamingHttpResponse:
    """One proof as a file."""
    found = get_object_or_404(Proof, connection=connection, pk=proof_id)
    return csv_answer(f"proof-{found.day}-{found.pk}.csv", lines_of(found))


def lines_of(found: Proof) -> Iterator[tuple[str, ...]]:
    yield ("Order", "State", "Heartland number", "Reason code", *(name for name, _ in READ))
    for line in found.lines:
        read = (line.get(key, "") for _, key in READ)  # proofs of old say nothing of both lists
        yield (line["order"], LABELS.get(line["disposition"], ""), line["number"], line["code"], *read)
    for stray in found.strays:
        yield (
            stray["order"],
            "No such order in the store",
            stray["number"],
            "",
            "",
            "",
            stray["status"],
            stray["total"],
        )
    yield ("Seal", found.digest, "Follows", found.previous)


@require_POST
@for_connection(Action.RUNS)
def make(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Prove today as far as it has gone."""
    now = timezone.now()
    try:
        made = proof_make(connection=connection, day=day_of(connection, now), now=now)
    except SyncFailure as failure:
        messages.error(request, f"Nothing was proved: {failure.summary}")
        return redirect("proofs", public_id=connection.public_id)
    if made.disagreements:
        count = made.disagreements
        said = "1 order disagrees" if count == 1 else f"{count} orders disagree"
        messages.warning(request, f"{said} in both systems: each is named below, and is looked at again.")
    if made.repaired:
        count = len(made.repaired)
        words = f"{count} {'order' if count == 1 else 'orders'} that nothing here knew of"
        verb = "is" if count == 1 else "are"
        messages.warning(request, f"{words} {verb} looked at now: prove the day once more soon.")
    elif not made.disagreements:
        messages.success(
            request,
            f"{'The' if made.orders == 1 else 'All'} {many(made.orders, 'order')} of today "
            f"{'is' if made.orders == 1 else 'are'} accounted for.",
        )
    return redirect("proof", public_id=connection.public_id, proof_id=made.pk)
