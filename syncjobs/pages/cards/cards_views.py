"""Gift cards: the list with what is owed, one card, a list taken over, and how they are kept in step."""

from collections.abc import Iterable
from decimal import Decimal

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from connections.models import Connection
from connections.permissions import Action
from connections.strict import takes
from connections.views.base import PersonRequest, for_connection, is_as_shown, page
from errors.failures import ConfigurationFailure, SyncFailure
from mappings.core.rules.card_numbers import OddNumber, card_number
from mappings.core.rules.tables import ListRefused
from syncjobs.engine.enqueueing import jobs_enqueue
from syncjobs.engine.replays import record_retry
from syncjobs.flows.cards import CARDS
from syncjobs.flows.cards.card_choices import card_act, card_settings_save
from syncjobs.flows.cards.card_entries import card_find
from syncjobs.models import CardSettings, GiftCard
from syncjobs.money.import_cards import Taken, cards_import, cards_import_lists
from syncjobs.money.import_payouts import currency_of
from syncjobs.pages.cards.cards_forms import CardSettingsForm
from syncjobs.pages.cards.cards_state import card_state, page_state, record_of
from syncjobs.pages.payouts.payouts_views import file_text

LONGEST = 300


@require_safe
@for_connection(Action.LOOK)
def cards(request: PersonRequest, connection: Connection) -> HttpResponse:
    """All of it."""
    return _list(request, connection)


def _list(request: PersonRequest, connection: Connection, taken: Taken | None = None) -> HttpResponse:
    context = {"connection": connection, "tab": "fulfilment", "currency": currency_of(connection), "taken": taken}
    return page(request, "cards/cards.html", context | page_state(connection), merchant=connection.merchant)


@require_safe
@for_connection(Action.LOOK)
def card(request: PersonRequest, connection: Connection, card_id: int) -> HttpResponse:
    """One card and all that it moved."""
    found = get_object_or_404(GiftCard, connection=connection, pk=card_id)
    context = {"connection": connection, "tab": "fulfilment", "currency": currency_of(connection)}
    return page(request, "cards/card.html", context | card_state(found), merchant=connection.merchant)


@takes("number")
@require_POST
@for_connection(Action.LOOK)
def find(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Lead to a card by its number, which stands in no address."""
    try:
        found = card_find(connection, card_number(request.POST.get("number", "")[:LONGEST]))
    except OddNumber as why:
        messages.error(request, str(why))
        return back(connection)
    if found is None:
        messages.info(request, "No card that is followed here has this number.")
        return back(connection)
    return redirect("card", public_id=connection.public_id, card_id=found.pk)


@takes("was", "follows", "sharing", "reserve", "email", "till_asks", "credit_field")
@require_POST
@for_connection(Action.SETTINGS)
def settings_save(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Switch them on or off, and say who may spend how much."""
    known = CardSettings.objects.filter(connection=connection).first() or CardSettings(connection=connection)
    if not is_as_shown(request, known.shown, "was"):
        return back(connection)
    form = CardSettingsForm(request.POST)
    if not form.is_valid():
        messages.error(request, f"Nothing was kept. {form.said}")
        return back(connection)
    try:
        kept = card_settings_save(connection=connection, actor=request.user, now=timezone.now(), **form.cleaned_data)
    except SyncFailure as failure:
        messages.error(request, f"Nothing was kept. {failure.summary}")
    else:
        _look_again(connection, kept)
        messages.success(request, "Gift cards are kept in step." if kept.follows else "Gift cards are left alone.")
    return back(connection)


def _look_again(connection: Connection, kept: CardSettings) -> None:
    """What each side may spend is another now."""
    ids = GiftCard.objects.filter(connection=connection).values_list("pk", flat=True) if kept.follows else ()
    _look_at(connection, ids)


def _look_at(connection: Connection, ids: Iterable[int]) -> None:
    found = [str(one) for one in ids]
    jobs_enqueue(connection=connection, flow=CARDS.name, external_ids=found, cause="fix", now=timezone.now())


@takes("file", "run", "source")
@require_POST
@for_connection(Action.MONEY)
def take_over(request: PersonRequest, connection: Connection) -> HttpResponse:
    """Say what a list of existing cards would come to, or take it over."""
    upload = request.FILES.get("file")
    is_dry, now = request.POST.get("run") != "yes", timezone.now()
    is_of_systems = request.POST.get("source") == "systems"
    if upload is None and not is_of_systems:
        messages.error(request, "Nothing was read: choose a CSV file with the columns number and balance.")
        return back(connection)
    try:
        if is_of_systems or upload is None:
            taken = cards_import_lists(connection=connection, is_dry=is_dry, actor=request.user, now=now)
        else:
            text = file_text(upload)
            taken = cards_import(connection=connection, text=text, is_dry=is_dry, actor=request.user, now=now)
    except ListRefused as refusal:
        messages.error(request, f"Nothing was taken over. {refusal}")
        return back(connection)
    except SyncFailure as failure:
        messages.error(request, f"Nothing was taken over. {failure.summary}")
        return back(connection)
    return _list(request, connection, taken)


@takes("act", "was", "note", "number")
@require_POST
@for_connection(Action.MONEY)
def act(request: PersonRequest, connection: Connection, card_id: int) -> HttpResponse:
    """Decide something of a card, and have it looked at."""
    found = get_object_or_404(GiftCard, connection=connection, pk=card_id)
    if is_as_shown(request, found.shown, "was"):
        record = record_of(found)
        shown = record.facts.get("till" if found.till_holds is None else "store") if record else None
        try:
            fresh = card_act(
                card=found, act=request.POST.get("act", ""), code=record.code if record else "",
                note=request.POST.get("note", "").strip()[:LONGEST], shown=Decimal(shown) if shown else None,
                number=request.POST.get("number", "")[:LONGEST],
                actor=request.user, now=timezone.now(),
            )  # fmt: skip
        except ConfigurationFailure as failure:
            messages.error(request, f"Nothing was done. {failure.summary}")
        else:
            record_retry(connection=connection, flow=CARDS.name, external_id=str(found.pk), actor=request.user)
            if fresh:
                _look_at(connection, [fresh.pk])
            messages.success(request, f"{found}: kept, and both sides are looked at.")
    return redirect("card", public_id=connection.public_id, card_id=found.pk)


def back(connection: Connection) -> HttpResponse:
    return redirect("cards", public_id=connection.public_id)
