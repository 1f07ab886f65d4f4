"""The frame of the control panel, and what its pages share: badges, dates, refusals shown as messages."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from ipaas.sandbox.bigcommerce.errors import Refused
from ipaas.sandbox.bigcommerce.pages import frame
from ipaas.sandbox.bigcommerce.pages.frame import H, join
from ipaas.sandbox.bigcommerce.pages.session import Store
from ipaas.sandbox.bigcommerce.shop.goods import Unsellable
from ipaas.sandbox.bigcommerce.state import Row, State
from ipaas.sandbox.core.web import Reply, Request, redirect

NAV = (
    ("/manage/orders", "Orders"),
    ("/manage/products", "Products"),
    ("/manage/customers", "Customers"),
    ("/manage/marketing", "Marketing"),
    ("/manage/apps", "Apps"),
    ("/shop/", "View shop"),
    ("/_sim/", "Sandbox"),
)
STAFF = 500
GOOD, BAD, WARN = {2, 8, 9, 10}, {4, 5, 6}, {0, 1, 3, 7, 12, 13, 14}

PAGE = H("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Control panel</title>
<link rel="stylesheet" href="/manage/style.css">
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<div class="app">
<header class="side"><div class="who"><span class="tag">sandbox</span><b>{store}</b>
<small>BigCommerce control panel</small></div>
<nav aria-label="Main">{nav}</nav></header>
<main id="content">{notice}{body}</main>
</div>
</body>
</html>
""")


def panel_page(state: State, request: Request, title: str, body: Any, *, here: str, status: int = 200) -> Reply:
    """A page of the control panel; messages come as `?said=` and `?bad=`."""
    links = join(
        H('<a href="{}"{}>{}</a>').format(url, H(' aria-current="page"') if url == here else "", text)
        for url, text in NAV
    )
    said = frame.notice(request.args.get("bad", ""), "bad") + frame.notice(request.args.get("said", ""), "good")
    return frame.page(PAGE, status, title=title, store=state.profile()["name"], nav=links, notice=said, body=body)


def missing(state: State, request: Request, what: str, here: str) -> Reply:
    """404 of the panel."""
    body = H('<div class="head"><h1>There is no such {}</h1></div><p><a href="{}">Back</a></p>').format(what, here)
    return panel_page(state, request, "Not found", body, here=here, status=404)


def attempt(service: Store, url: str, said: str, action: Callable[[], Any]) -> Reply:
    """Do something and go back with a message; a refusal undoes it and says why."""
    try:
        action()
    except (Refused, Unsellable, ValueError, ArithmeticError) as exc:
        service.state.db.rollback()
        return back(url, bad=_reason(exc))
    return back(url, said=said)


def _reason(exc: Exception) -> str:
    if isinstance(exc, Unsellable):
        return str(exc)
    if not isinstance(exc, Refused):
        return "That is not a number."
    more = (exc.details or {}).get("invalid_reason") or "; ".join(str(text) for text in (exc.errors or {}).values())
    return f"{exc.message} {more}".strip()


def back(url: str, **said: str) -> Reply:
    """Redirect with messages."""
    return redirect(f"{url}?{urlencode(said)}" if said else url)


# --- small parts ----------------------------------------------------------------------------------


def status_badge(state: State, status_id: int) -> Markup:
    """The merchant's label of a status."""
    row = state.statuses.get(status_id) or {"custom_label": str(status_id)}
    kind = "good" if status_id in GOOD else "bad" if status_id in BAD else "warn" if status_id in WARN else "info"
    return H('<span class="badge {}">{}</span>').format(kind, row["custom_label"])


def flag(is_on: bool, on: str, off: str) -> Markup:
    """A yes or no as a badge."""
    return H('<span class="badge {}">{}</span>').format("good" if is_on else "", on if is_on else off)


def date(seconds: int | None) -> str:
    """A date for people, UTC."""
    return time.strftime("%b %d, %Y %H:%M", time.gmtime(seconds)) if seconds else ""


def table(
    heads: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    numeric: Sequence[int] = (),
    wide: Sequence[int] = (),
    none: str = "Nothing here.",
) -> Markup:
    """A table; `numeric` columns align right, `wide` ones go on narrow screens. A head in brackets is only spoken."""
    body = [list(row) for row in rows]
    if not body:
        return H('<p class="quiet">{}</p>').format(none)

    def cell(tag: str, place: int, value: Any) -> Markup:
        kind = " ".join(name for name, places in (("num", numeric), ("wide", wide)) if place in places)
        marked = H(' class="{}"').format(kind) if kind else frame.NOTHING
        return H("<{}{}>{}</{}>").format(H(tag), marked, value, H(tag))

    head = join(cell("th", place, _head(value)) for place, value in enumerate(heads))
    lines = join(
        H("<tr>{}</tr>").format(join(cell("td", place, value) for place, value in enumerate(row))) for row in body
    )
    return H('<div class="scroll"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>').format(head, lines)


def _head(text: str) -> Any:
    return H('<span class="unseen">{}</span>').format(text.strip("()")) if text.startswith("(") else text


def card(title: str, *parts: Any) -> Markup:
    """A titled card."""
    return H('<section class="card"><h2>{}</h2>{}</section>').format(title, join(parts))


def facts(rows: Iterable[tuple[str, Any]]) -> Markup:
    """Names and values."""
    return H('<dl class="facts">{}</dl>').format(join(H("<dt>{}</dt><dd>{}</dd>").format(*row) for row in rows))


def fold(title: str, body: Any) -> Markup:
    """A part that opens on demand."""
    return H("<details><summary>{}</summary>{}</details>").format(title, body)


def tabs(rows: Iterable[tuple[str, str, int]], here: str) -> Markup:
    """Filters with counts: (address, text, count)."""
    return H('<nav class="tabs" aria-label="Filter">{}</nav>').format(
        join(
            H('<a href="{}"{}>{}<b>{}</b></a>').format(
                url, H(' aria-current="page"') if url == here else "", text, count
            )
            for url, text, count in rows
        )
    )


def search(action: str, query: str, label: str, **hidden: str) -> Markup:
    """A search field."""
    kept = join(H('<input type="hidden" name="{}" value="{}">').format(name, value) for name, value in hidden.items())
    return frame.form(
        action,
        kept,
        frame.field(label, "q", query, kind="search"),
        frame.button("Search", kind="quiet"),
        method="get",
        kind="inline",
    )


def person(row: Row) -> str:
    """First and last name of an address or customer."""
    return f"{row.get('first_name', '')} {row.get('last_name', '')}".strip()
