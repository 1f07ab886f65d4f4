"""Small drawing helpers: icons, status chips, money, times, form fields. They format; they decide nothing."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.db.models import Model, Q
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from connections.icons import lucide
from connections.models import AuditEntry, Connection, Merchant, Role, Store, SupportGrant
from connections.permissions import Action, may, role_of
from connections.store_kinds import StoreProfile, names, profile_of
from connections.trail_lists import last_change
from connections.vocabulary import STATES
from ipaas.bundles import bundle

HEARTLAND = {"heartland": "Heartland"}
WRITTEN = {"sku": "SKU", "id": "ID"}  # words of codes, as people write them
ABOUT = ("record", "run", "proof", "connection", "merchant")  # what a page is about, the nearest first
register = template.Library()

# state → (tone, icon, words); the tone picks the colour, the icon and the words say the same without it
CHIPS: dict[str, tuple[str, str, str]] = {
    "booked": ("ok", "check", STATES["booked"]),
    "cancelled": ("mute", "cross", STATES["cancelled"]),
    "skipped": ("mute", "skip", STATES["skipped"]),
    "held": ("warn", "hand", STATES["held"]),
    "retrying": ("info", "retry", STATES["retrying"]),
    "in_flight": ("info", "clock", STATES["in_flight"]),
    "dead": ("bad", "stop", STATES["dead"]),
    "disagrees": ("bad", "alert", "They disagree"),
    "settled": ("mute", "check", STATES["settled"]),
    "resolved": ("ok", "check", STATES["resolved"]),
    "connected": ("ok", "check", "Connected"),
    "unclaimed": ("warn", "hand", "Waiting to be claimed"),
    "revoked": ("bad", "plug", "Access revoked"),
    "disconnected": ("mute", "plug", "Disconnected"),
    "active": ("ok", "check", "Active"),
    "setting_up": ("info", "wrench", "Setting up"),
    "no_access": ("bad", "plug", "Stands still"),
    "paused": ("warn", "pause", "Paused"),
    "live": ("ok", "bolt", "Live webhook"),
    "inactive": ("warn", "pause", "Switched off by the sender"),
    "blocked": ("warn", "pause", "Held back for a while"),
    "missing": ("warn", "alert", "Not registered"),
    "polled": ("info", "clock", "Polled: no webhook exists"),
    "manual": ("info", "hand", "Set up by hand"),
    "ok": ("ok", "check", "In order"),
    "warn": ("warn", "alert", "Look at this"),
    "block": ("bad", "stop", "Blocks orders"),
    "running": ("info", "clock", "Running"),
    "done": ("ok", "check", "Done"),
    "failed": ("bad", "stop", "Failed"),
    "stopped": ("mute", "stop", "Stopped"),
    "pending": ("info", "clock", "Waiting its turn"),
    "superseded": ("mute", "skip", "Gave way to a newer look"),
    "unchanged": ("mute", "check", "Nothing to do"),
    "throttled": ("info", "clock", "Waited for the rate limit"),
    "waiting": ("info", "clock", "Waited"),
    "worker_died": ("warn", "alert", "Worker ended"),
    "undistributed": ("warn", "split", "To distribute"),
    "left_open": ("info", "truck", "Left, open in Heartland"),
    "unmapped": ("warn", "alert", "Unmapped"),
    "circuit_open": ("bad", "plug", "Not answering"),
}
SYMBOLS = {"USD": "$", "CAD": "CA$", "EUR": "€", "GBP": "£", "AUD": "A$"}


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, label: str = "") -> SafeString:
    """An icon by our name or Lucide's (`connections/icons.py`); silent to screen readers unless it has a label."""
    said = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    if name == "mark":
        return render_to_string("shared/_mark.html", {"said": said})
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" {} focusable="false" fill="none" stroke="currentColor" '
        'stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><use href="{}#{}"/></svg>',
        *(said, bundle("svg").address, lucide(name)),
    )


@register.simple_tag
def chip(state: str, text: str = "") -> SafeString:
    """A status chip: icon and words, coloured by tone."""
    tone, picture, words = CHIPS.get(state, ("mute", "dot", state.replace("_", " ").capitalize()))
    return format_html('<span class="chip chip-{}">{}<span>{}</span></span>', tone, icon(picture), text or words)


@register.filter
def money(amount: Decimal | str | None, currency: str = "") -> str:
    """`-1234.5` as `−$1,234.50`; a dash when unknown."""
    if amount is None or amount == "":
        return "—"
    value = Decimal(amount).quantize(Decimal("0.01"))
    sign = "−" if value < 0 else ""
    if currency in SYMBOLS or not currency:
        return f"{sign}{SYMBOLS.get(currency, '')}{abs(value):,.2f}"
    return f"{sign}{abs(value):,.2f} {currency}"


@register.filter
def pieces(quantity: Decimal | int) -> str:
    """A quantity as it is: `1.75`, `-4`, `1200`."""
    return f"{Decimal(quantity).normalize():f}"


@register.filter
def amount(row: dict[str, Any], name: str) -> str:
    """An amount of a stored row in the row's currency; a dash where the row does not say it."""
    return money(row.get(name), row.get("currency", ""))


@register.filter
def system(name: str) -> str:
    """The name people know a system by."""
    return {**HEARTLAND, **names()}.get(name, name)


@register.filter
def as_sentence(reason: str) -> str:
    """A reason with one full stop at its end, which some bring along."""
    return f"{reason.rstrip('. ')}."


@register.filter
def kind_name(store: Store) -> str:
    """What the store's kind is called in the middle of a sentence."""
    return profile_of(store).name


@register.filter
def profile(store: Store) -> StoreProfile:
    """What the store's kind is called, and where its pages are."""
    return profile_of(store)


@register.filter
def kind_names(connections: Iterable[Connection], word: str = "and") -> str:
    """What the kinds of these connections' stores are called, each once; of all kinds where there is none."""
    found = sorted({profile_of(one.store).name for one in connections} or names().values())
    return f" {word} ".join(found)


@register.simple_tag
def all_kind_names(word: str = "or") -> str:
    """What the kinds of stores are called that can be connected."""
    return f" {word} ".join(sorted(names().values()))


def elapsed(span: timedelta) -> str:
    """A span in its largest whole unit: `4 min`."""
    seconds = int(abs(span.total_seconds()))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


@register.simple_tag
def ago(moment: datetime | str | None) -> SafeString:
    """Relative time that goes on by itself; exact on hover, on `t`, and without a script. Takes ISO text too."""
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment) if moment else None
    if moment is None:
        return SafeString('<span class="quiet">never</span>')
    return format_html(
        '<relative-time datetime="{}" time-zone="{}" no-title title="{}">{}</relative-time>',
        *(moment.isoformat(), timezone.get_current_timezone_name(), exact(moment), short(moment)),
    )


def short(moment: datetime) -> str:
    """Day and time as the merchant's clock shows it: `Nov 30, 09:02`."""
    return date_format(timezone.localtime(moment), "M j, H:i")


@register.filter
def exact(moment: datetime | None) -> str:
    """Date, time and zone, as the merchant's clock shows it."""
    if moment is None:
        return "—"
    local = timezone.localtime(moment)
    return f"{date_format(local, 'M j, Y H:i:s')} {local.tzname()}"


@register.filter
def duration(milliseconds: float) -> str:
    """`812 ms`, `3.4 s`, `12 min`."""
    if milliseconds >= 120_000:
        return f"{milliseconds / 60_000:.0f} min"
    return f"{milliseconds:.0f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"


@register.filter
def plain(code: str) -> str:
    """A code as words: `line_without_sku` as `line without SKU`."""
    written = {**HEARTLAND, **names(), **WRITTEN}
    return " ".join(written.get(word, word) for word in code.split("_"))


@register.filter
def span(length: timedelta) -> str:
    """A length of time in its largest whole unit: `4 min`."""
    return elapsed(length)


@register.filter
def get(mapping: dict[Any, Any], key: Any) -> Any:
    """A dictionary's value by a variable key; empty text when absent."""
    return mapping.get(key, "")


@register.inclusion_tag("shared/_field.html")
def field(bound: BoundField) -> dict[str, Any]:
    """A form field with its label, help and errors."""
    widget = bound.field.widget
    if isinstance(widget, (CheckboxSelectMultiple, RadioSelect)):
        kind = "group"
    elif isinstance(widget, CheckboxInput):
        kind = "check"
    else:
        kind = "plain"
    return {"field": bound, "kind": kind}


@register.inclusion_tag("shared/_pages.html", takes_context=True)
def pages(context: dict[str, Any], rows: Any) -> dict[str, Any]:
    """Links to the pages of a list, keeping the filters of the address."""
    query = context["request"].GET.copy()
    query.pop("page", None)
    return {"rows": rows, "query": query.urlencode()}


@register.inclusion_tag("shared/_changed_by.html", takes_context=True)
def changed_by(context: dict[str, Any], merchant: Merchant, action: str, subject: object = "") -> dict[str, Any]:
    """Who changed a thing last and when, by the trail; for who may read it with the way there."""
    entry = last_change(merchant, action, str(subject))
    may_look = may(role_of(context["request"].user, merchant), Action.TRAIL)
    return {"entry": entry, "merchant": merchant, "may_look": may_look}


@register.inclusion_tag("shared/_changed_by.html", takes_context=True)
def changed_row(
    context: dict[str, Any], merchant: Merchant, entries: Mapping[str, AuditEntry], subject: object
) -> dict[str, Any]:
    """The same in a row of a table, of what the page read at once (`connections.trail_lists.last_changes`)."""
    entry = entries.get(str(subject)[:160])
    return {"entry": entry, "merchant": merchant, "may_look": context["can"][Action.TRAIL]}


@register.inclusion_tag("shared/_support.html", takes_context=True)
def support_banner(context: dict[str, Any]) -> dict[str, Any]:
    """Who of our support may look, for all of the merchant's people; who asks, for those that may answer."""
    user, now = context["request"].user, timezone.now()
    if not user.is_authenticated:
        return {}
    mine = Q(merchant__memberships__user=user)
    answers = Q(given_at=None, merchant__memberships__role=Role.OWNER)
    open_ones = SupportGrant.objects.open(now).filter(mine & (Q(given_at__isnull=False) | answers) | Q(staff=user))
    grants = list(open_ones.select_related("merchant", "staff").distinct().order_by("pk"))
    return {
        "user": user,
        "grants": [grant for grant in grants if grant.given_at],
        "asked": [grant for grant in grants if not grant.given_at and grant.staff != user],
    }


@register.simple_tag(takes_context=True)
def admin_address(context: template.Context) -> str:
    """The platform admin's page of what a page is about, or its first one."""
    rows = (context.get(name) for name in ABOUT)
    row = next((one for one in rows if isinstance(one, Model) and one.pk), None)
    if row is None:
        return reverse("admin:index")
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
