"""The payouts page: a gateway's file is read, its rows matched with orders, and what is left decided by a person."""

from collections.abc import Iterator

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from connections.models import Connection, User
from connections.permissions import Action
from connections.strict import takes
from connections.views.base import OUTDATED, PersonRequest, for_connection, is_as_shown, page
from errors.failures import ConfigurationFailure
from mappings.core.rules import amounts_read
from mappings.core.rules.amounts_read import Unreadable
from mappings.core.rules.tables import ListRefused, text_of
from syncjobs.models import PayoutEntry, PayoutWord
from syncjobs.money.decide_entries import entry_settle, entry_split, entry_unsettle, payout_explain, word_take_back
from syncjobs.money.give_back_offers import offer_of, offer_take
from syncjobs.money.import_payouts import COLUMNS, MORE, currency_of, layout_keep, payouts_import
from syncjobs.pages.payouts.payouts_state import page_state, payout_named
from syncjobs.pages.runs.run_views import csv_answer

LARGEST_FILE = 8 * 2**20
LONGEST = 300
HEADINGS = (
    *("Payout", "Row", "Kind", "Reference", "Happened", "At the bank"),
    *("Currency", "Gross", "Fee", "Net", "Order", "Matched by"),
)


@require_safe
@for_connection(Action.LOOK)
def payouts(request: PersonRequest, connection: Connection) -> HttpResponse:
    """All of it."""
    context = {
        "connection": connection,
        "tab": "fulfilment",
        "columns": COLUMNS.items(),
        "more": MORE,
        "currency": currency_of(connection),
    }
    state = page_state(connection, timezone.now())
    return page(request, "payouts/payouts.html", context | state, merchant=connection.merchant)


@require_safe
@for_connection(Action.LOOK)
def payout(request: PersonRequest, connection: Connection) -> HttpResponse:
    """One payout with every row; `of` is the gateway's name of it, which may hold any sign."""
    name = request.GET.get("of", "")[:LONGEST]
    found, entries = payout_named(connection, name)
    if found is None:
        messages.info(request, "No row that was read belongs to this payout.")
        return back(connection)
    context = {
        "connection": connection,
        "tab": "fulfilment",
        "payout": found,
        "currency": currency_of(connection),
        "entries": entries,
        "words": PayoutWord.objects.filter(connection=connection, payout=name).select_related("by").order_by("pk"),
        "meanings": PayoutWord.Meaning.choices,
    }
    return page(request, "payouts/payout.html", context, merchant=connection.merchant)


@require_safe
@for_connection(Action.LOOK)
def payouts_csv(request: PersonRequest, connection: Connection) -> StreamingHttpResponse:
    """Every row with what it was matched with; the gateways' texts, which may name people, are left out."""
    return csv_answer("payouts.csv", lines_of(connection))


def lines_of(connection: Connection) -> Iterator[tuple[str, ...]]:
    yield HEADINGS
    for one in PayoutEntry.objects.filter(connection=connection).order_by("happened_at", "pk").iterator(2000):
        happened, at_the_bank = one.happened_at.isoformat(), str(one.available_on or "")
        money = (one.currency, str(one.gross), str(one.fee), str(one.net))
        yield (
            one.payout,
            one.gateway_id,
            one.kind,
            one.reference,
            happened,
            at_the_bank,
            *money,
            one.order_id,
            one.how,
        )


@takes("file")
@require_POST
@for_connection(Action.MONEY)
def read(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Take a file in."""
    upload = request.FILES.get("file")
    if upload is None:
        messages.error(request, "Nothing was read: choose the file that your gateway exported.")
        return back(connection)
    try:
        text = file_text(upload)
        file = payouts_import(
            connection=connection, name=str(upload.name), text=text, actor=request.user, now=timezone.now()
        )
    except ListRefused as refusal:
        messages.error(request, f"Nothing was read. {refusal}")
        return back(connection)
    refused = f", {len(file.refused)} left out" if file.refused else ""
    known = f", {file.rows_known} known" if file.rows_known else ""
    messages.success(request, f"{file.name}, read as {file.layout}: {file.rows_new} new{known}{refused}.")
    return back(connection)


def file_text(upload: "UploadedFile[bytes]") -> str:
    """What a file holds. Raises ListRefused where it is too large or no text."""
    if (upload.size or 0) > LARGEST_FILE:
        raise ListRefused(f"The file is larger than {LARGEST_FILE // 2**20} MB: send it in parts.")
    return text_of(upload.read())


@takes("name", *COLUMNS, *MORE)
@require_POST
@for_connection(Action.MONEY)
def layout(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Keep which column of the merchant's own file holds what."""
    columns = {column: request.POST.get(column, "")[:LONGEST] for column in (*COLUMNS, *MORE)}
    try:
        kept = layout_keep(
            connection=connection, name=request.POST.get("name", ""), columns=columns, actor=request.user
        )
    except ListRefused as refusal:
        messages.error(request, f"Nothing was kept. {refusal}")
    else:
        messages.success(request, f"{kept.name} is kept: files with these columns are read now.")
    return back(connection)


@takes("was", "number", "amount", "note")
@require_POST
@for_connection(Action.MONEY)
def settle(request: PersonRequest, connection: Connection, entry_id: int) -> HttpResponse:
    """Say which order a row, or a part of it, is of, or why it is none's."""
    entry = get_object_or_404(PayoutEntry, connection=connection, pk=entry_id)
    if not is_as_shown(request, entry.shown, "was"):
        return back(connection)
    number, note, part = (request.POST.get(name, "").strip()[:LONGEST] for name in ("number", "note", "amount"))
    try:
        said = settled(entry, number, part, note, request.user)
    except (ConfigurationFailure, Unreadable) as failure:
        messages.error(request, f"Nothing was changed. {str(failure).rstrip('.')}.")
    else:
        messages.success(request, said)
    return back(connection)


def settled(entry: PayoutEntry, number: str, part: str, note: str, actor: User) -> str:
    """Do it; answers what was done. Raises ConfigurationFailure, or Unreadable for an amount that is none."""
    amount = amounts_read.amount(part, amounts_read.decimal_sign([part])) if part else abs(entry.gross)
    if amount == abs(entry.gross):
        entry_settle(entry=entry, number=number, note=note, actor=actor)
        return f"The row of {entry.gross} is of {f'order {number}' if number else 'no order'}."
    if not number:
        raise ConfigurationFailure("Say which order the part is of.")
    made = entry_split(entry=entry, number=number, amount=amount, note=note, actor=actor)
    return f"{made.gross} of the row is of order {number}; {entry.gross - made.gross} of it waits on."


@takes("was")
@require_POST
@for_connection(Action.MONEY)
def give_back(request: PersonRequest, connection: Connection, entry_id: int) -> HttpResponse:
    """Have the store note, or give back, what a row says that it lacks: once, however often it is pressed."""
    entry = get_object_or_404(PayoutEntry, connection=connection, pk=entry_id)
    entry.connection = connection
    offer = offer_of(entry)
    if offer is None or request.POST.get("was") != offer.shown:
        messages.warning(request, OUTDATED)
        return back(connection)
    try:
        messages.success(request, offer_take(entry=entry, offer=offer, actor=request.user, now=timezone.now()))
    except ConfigurationFailure as failure:
        messages.error(request, f"Nothing more was done. {failure.summary}")
    return back(connection)


@takes("was")
@require_POST
@for_connection(Action.MONEY)
def unsettle(request: PersonRequest, connection: Connection, entry_id: int) -> HttpResponse:
    """Take back what a person said of a row."""
    entry = get_object_or_404(PayoutEntry, connection=connection, pk=entry_id, how="person")
    if not is_as_shown(request, entry.shown, "was"):
        return back(connection)
    entry_unsettle(entry=entry, actor=request.user)
    messages.success(request, f"The row of {entry.gross} is matched anew.")
    return back(connection)


@takes("of", "was", "meaning", "note")
@require_POST
@for_connection(Action.MONEY)
def explain(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Say what a payout's difference is."""
    name = request.POST.get("of", "")[:LONGEST]
    found, _ = payout_named(connection, name)
    meaning = request.POST.get("meaning", "")
    if found is None or meaning not in PayoutWord.Meaning.values:
        raise Http404
    if request.POST.get("was") != str(found.difference) or not found.difference:
        messages.warning(request, OUTDATED)
    else:
        payout_explain(
            connection=connection, payout=name, meaning=meaning, amount=found.difference,
            note=request.POST.get("note", "").strip(), actor=request.user, now=timezone.now(),
        )  # fmt: skip
        messages.success(request, f"{found.difference} of {name} is kept as said.")
    return redirect(f"{reverse('payout', args=[connection.public_id])}?{urlencode({'of': name})}")


@takes()
@require_POST
@for_connection(Action.MONEY)
def unexplain(request: PersonRequest, connection: Connection, word_id: int) -> HttpResponse:
    """Take back what was said of a payout."""
    word = get_object_or_404(PayoutWord, connection=connection, pk=word_id)
    if word_take_back(word=word, actor=request.user, now=timezone.now()):
        messages.success(request, f"What was said of {word.amount} counts no more.")
    return redirect(f"{reverse('payout', args=[connection.public_id])}?{urlencode({'of': word.payout})}")


def back(connection: Connection) -> HttpResponse:
    return redirect("payouts", public_id=connection.public_id)
