"""Frame of the desk's pages: navigation, messages, actions that come back with a word about what happened."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from markupsafe import Markup

from ipaas.sandbox.core import pages
from ipaas.sandbox.core.tables import Row
from ipaas.sandbox.core.web import ApiError, Reply, Request, html, redirect
from ipaas.sandbox.heartland.navigation import NAV
from ipaas.sandbox.heartland.service import Heartland

STATUS_LOOK = {
    "open": "good",
    "complete": "good",
    "closed": "",
    "pending": "warn",
    "incomplete": "warn",
    "canceled": "bad",
    "void": "bad",
}
ROWS = 50


def desk_page(request: Request, title: str, body: Any, *, here: str = "") -> Reply:
    """A page of the desk; `?done=` and `?sorry=` show as messages."""
    sorry = request.args.get("sorry", "")
    content = (pages.notice(sorry, "bad") if sorry else Markup("")) + body
    text = pages.page(
        title,
        content,
        NAV,
        system="heartland",
        label="Heartland Retail",
        home="/desk/",
        flash=request.args.get("done", ""),
        here=here or "/" + "/".join(request.path.split("/")[1:3]),
    )
    return html(text)


def action(handler: Callable[..., str]) -> Callable[..., Reply]:
    """A form's handler: answers "address|what was done"; a refusal undoes everything and goes back with the reason."""

    @wraps(handler)
    def run(service: Heartland, request: Request, **values: Any) -> Reply:
        try:
            target, _, done = handler(service, request, **values).partition("|")
            return redirect(with_word(target, done=done))
        except ApiError as refusal:
            with service.lock:  # held already, but for the one action that waits for a payment hook
                service.database.rollback()
            return redirect(with_word(back(request), sorry=reason(refusal)))

    return run


def with_word(target: str, **words: str) -> str:
    """An address with a message for the next page."""
    joint = "&" if "?" in target else "?"
    shown = {name: word for name, word in words.items() if word}
    return f"{target}{joint}{urlencode(shown)}" if shown else target


def back(request: Request) -> str:
    """Where the form was: path and query of the referring page, without old messages."""
    parts = urlsplit(request.headers.get("Referer", "/desk/"))
    query = "&".join(one for one in parts.query.split("&") if one and not one.startswith(("done=", "sorry=")))
    return f"{parts.path or '/desk/'}{'?' + query if query else ''}"


def reason(refusal: ApiError) -> str:
    """A refusal in a sentence."""
    body = refusal.body if isinstance(refusal.body, dict) else {}
    details = body.get("details") or {}
    told = "; ".join(f"{field} {' and '.join(messages)}" for field, messages in details.items())
    return told or str(body.get("message") or "That did not work.")


def number(value: Any) -> int | Decimal | None:
    """A number typed into a form; None when blank. Raises a refusal."""
    text = str(value or "").strip().replace(",", ".")
    if not text:
        return None
    try:
        read = Decimal(text)
    except InvalidOperation as exc:
        raise ApiError(400, {"message": f"“{text}” is not a number"}) from exc
    return int(read) if read == read.to_integral_value() else read


def status(text: str) -> Markup:
    """A status as a pill."""
    return pages.badge(text, STATUS_LOOK.get(text, ""))


def when(stamp: Any) -> str:
    """A stamp, readable."""
    return str(stamp or "")[:16].replace("T", " ")


def places(service: Heartland) -> list[Row]:
    """Every location."""
    return list(service.table("locations").all())


def place_name(service: Heartland, location_id: int | None) -> str:
    """A location's name."""
    row = service.table("locations").get(location_id or 0)
    return row["name"] if row else "—"


def chosen_place(service: Heartland, request: Request) -> int:
    """The location somebody is signed in to: `?location=`, else the first."""
    wanted = request.args.get("location", type=int)
    known: list[int] = [row["id"] for row in places(service)]
    return wanted if wanted is not None and wanted in known else known[0]


def place_picker(service: Heartland, request: Request, target: str) -> Markup:
    """Choose the location to be signed in to."""
    options = [(row["id"], row["name"]) for row in places(service)]
    picker = pages.select("Signed in to", "location", options, chosen_place(service, request))
    return pages.form(target, picker, submit="Go", method="get", quiet=True)


def cut(rows: list[Row], request: Request) -> tuple[list[Row], int, int]:
    """One page of rows, its number and the number of pages."""
    page = max(1, request.args.get("page", 1, type=int))
    return rows[(page - 1) * ROWS : page * ROWS], page, -(-len(rows) // ROWS)


def contains(text: str, *values: Any) -> bool:
    """Whether a search text is in any of the values, letter case aside."""
    wanted = text.casefold()
    return any(wanted in str(value or "").casefold() for value in values)
