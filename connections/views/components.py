"""Every component of the pages in both colour schemes, with how it is asked for: for those who build pages."""

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from connections.charts import Bar, Column, Series
from connections.components import FilterChip, StateTab, undoable
from connections.strict import takes
from connections.views.base import PersonRequest, page, person, wants_partial
from ipaas.bundles import files

HOURS = (0, 0, 1, 0, 2, 4, 9, 14, 12, 18, 22, 17, 15, 19, 24, 21, 16, 11, 8, 6, 5, 3, 1, 2)
SERIES = (
    Series(key="booked", label="Booked", tone="ok"),
    Series(key="waiting", label="Waiting", tone="info"),
    Series(key="needs_you", label="Needs you", tone="warn"),
)


@takes("pick[]", "all_matching", "say", "prefix", "status", "notify", "item")
@require_http_methods(["GET", "POST"])
@person
def components(request: PersonRequest) -> HttpResponse:
    """Nobody's data is on it. In production it is for platform staff; a local installation shows it to everybody."""
    if settings.PRODUCTION and not request.user.is_staff:
        raise Http404
    if request.method == "POST":
        return _acted(request)
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"results": picks(request.GET.get("q", ""))})
    if wants_partial(request):
        return page(request, "components/_beside.html")
    return page(request, "components/components.html", sample())


def _acted(request: PersonRequest) -> HttpResponse:
    """What a form of the page would say; it changes nothing."""
    picked = len(request.POST.getlist("pick"))
    if request.POST.get("say") == "undone":
        messages.info(request, "Undone: it is as it was.")
    elif request.POST.get("say") == "warn":
        messages.warning(request, "Nothing was done: the list has changed since it was drawn.")
    else:
        words = f"{picked} row{'' if picked == 1 else 's'} retried."
        undoable(request, words, undo=request.path, fields={"say": "undone"})
    return redirect("components")


def picks(words: str) -> list[dict[str, str]]:
    """What a picker's address answers: the rows that hold the words."""
    rows = (
        ("HT-M-RED", "Harbor tee M red", "$24.00"),
        ("GW-1", "Gift wrapping", "$4.00"),
        ("BIN-8X32", "Bin", "$9.50"),
    )
    return [
        {"value": value, "text": text, "hint": hint}
        for value, text, hint in rows
        if words.lower() in f"{value} {text}".lower()
    ]


def sample() -> dict[str, object]:
    """Made-up rows for every component."""
    return {
        "schemes": ("light", "dark"),
        "tabs": [
            StateTab(label="All", href="?", is_current=True, count=61),
            StateTab(label="Needs you", href="?", count=9, counted="orders", needs_you=True),
            StateTab(label="Booked", href="?", count="10,000+"),
        ],
        "chips": [
            FilterChip(name="Store", value="Harbor & Pine", href="?"),
            FilterChip(name="Age", value="over 1 h", href="?"),
        ],
        "hours": HOURS,
        "columns": [
            Column(label=f"{hour:02}:00", href="?", counts={"booked": n, "waiting": n // 6, "needs_you": n // 9})
            for hour, n in enumerate(HOURS)
        ],
        "series": SERIES,
        "shares": [
            Bar(label="Booked", value=42, text="42", tone="ok"),
            Bar(label="Waiting", value=10, text="10", tone="info"),
            Bar(label="Needs you", value=9, text="9", tone="warn"),
        ],
        "bars": [
            Bar(label="Web store", value=1840.5, text="$1,840.50", href="?"),
            Bar(label="Harbor Main", value=960, text="$960.00", tone="info"),
            Bar(label="A shop that sold nothing yet", value=0, text="$0.00", tone="mute"),
        ],
        "states": ("booked", "in_flight", "held", "skipped", "cancelled", "dead", "undistributed", "circuit_open"),
        "moments": (timezone.now() - timedelta(minutes=5), timezone.now() + timedelta(hours=3)),
        "icons": sorted(path.stem for path in files("svg")),
        "rows": (("10457", "$71.28"), ("10458", "$18.00"), ("10459", "$240.10")),
    }
