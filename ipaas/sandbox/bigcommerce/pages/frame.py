"""Frames and small parts of the people's pages: the shop's and the control panel's. Everything is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from markupsafe import Markup

from ipaas.sandbox.core.web import Reply, html

H = Markup
FOLDER = Path(__file__).parent
NOTHING = H("")

SHOP = H("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Harbor &amp; Pine</title>
<link rel="stylesheet" href="/shop/style.css">
</head>
<body>
<a class="skip" href="#content">Skip to the goods</a>
<aside class="strip" aria-label="Sandbox"><div class="wrap">
<span>Sandbox shop: nothing is charged, nothing is shipped.</span>
<span>Free returns · 60 days</span></div></aside>
<header class="masthead"><div class="wrap top">
<a class="logo" href="/shop/">{mark}Harbor &amp; Pine</a>
<form class="search" action="/shop/search" role="search">
<input type="search" name="q" value="{query}" placeholder="Search" aria-label="Search the shop"><button>Find</button>
</form>
<div class="tools"><a href="/shop/account">{person}</a>
<a href="/shop/cart">Cart<span class="count">{count}</span></a></div>
</div><nav class="wrap cats" aria-label="Departments">{cats}</nav></header>
<main class="wrap" id="content">{notice}{body}</main>
<footer><div class="wrap"><span>Harbor &amp; Pine, outdoor goods since 1974 (a sandbox)</span>
<span><a href="/shop/gift-certificate">Gift certificates</a> · <a href="/manage/">Control panel</a> ·
 <a href="/_sim/">Sandbox controls</a></span></div></footer>
</body>
</html>
""")
MARK = H(
    '<svg viewBox="0 0 32 32" aria-hidden="true"><path d="M16 2 7 14h4l-6 8h9v4h4v-4h9l-6-8h4z"/>'
    '<path d="M2 27c4-3 8 3 14 0s10 3 14 0v3H2z"/></svg>'
)


def money(amount: Any) -> str:
    """An amount in the store's currency, for people."""
    value = Decimal(amount or 0)
    return f"−${-value:,.2f}" if value < 0 else f"${value:,.2f}"


def join(parts: Iterable[Any]) -> Markup:
    """Parts one after the other; plain text is escaped."""
    return H("").join(parts)


def notice(text: str, kind: str = "") -> Markup:
    """A message above the content: good, bad or neither."""
    role = "alert" if kind == "bad" else "status"
    return H('<p class="notice {}" role="{}">{}</p>').format(kind, role, text) if text else NOTHING


def style(name: str) -> Reply:
    """One of the stylesheets."""
    text = (FOLDER / name).read_text("utf-8")
    return Reply(text, mimetype="text/css", headers={"Cache-Control": "max-age=60"})


def page(frame: Markup, status: int = 200, **parts: Any) -> Reply:
    """Fill a frame."""
    return html(frame.format(**parts), status)


# --- form parts -----------------------------------------------------------------------------------


def field(label: str, name: str, value: Any = "", *, kind: str = "text", required: bool = False, **more: Any) -> Markup:
    """A labelled input; `more` are further attributes, their underscores written as dashes."""
    extra = join(H(' {}="{}"').format(key.rstrip("_").replace("_", "-"), text) for key, text in more.items())
    must = H(" required") if required else NOTHING
    return H('<label>{}<input type="{}" name="{}" value="{}"{}{}></label>').format(
        label, kind, name, "" if value is None else value, must, extra
    )


def area(label: str, name: str, value: str = "", rows: int = 2, **more: Any) -> Markup:
    """A labelled text of several lines."""
    extra = join(H(' {}="{}"').format(key, text) for key, text in more.items())
    return H('<label>{}<textarea name="{}" rows="{}"{}>{}</textarea></label>').format(label, name, rows, extra, value)


def options(rows: Iterable[tuple[Any, Any]], chosen: Any = None) -> Markup:
    """The options of a select."""
    mark = H(" selected")
    return join(
        H('<option value="{}"{}>{}</option>').format(value, mark if str(value) == str(chosen) else NOTHING, text)
        for value, text in rows
    )


def select(label: str, name: str, rows: Iterable[tuple[Any, Any]], chosen: Any = None) -> Markup:
    """A labelled drop-down of (value, text)."""
    return H('<label>{}<select name="{}">{}</select></label>').format(label, name, options(rows, chosen))


def tick(label: Any, name: str, *, checked: bool = False, value: str = "1") -> Markup:
    """A box to tick."""
    mark = H(" checked") if checked else NOTHING
    return H('<label class="tick"><input type="checkbox" name="{}" value="{}"{}><span>{}</span></label>').format(
        name, value, mark, label
    )


def radio(label: Any, name: str, value: Any, *, checked: bool = False) -> Markup:
    """One of several."""
    mark = H(" checked") if checked else NOTHING
    return H('<label class="radio"><input type="radio" name="{}" value="{}"{}><span>{}</span></label>').format(
        name, value, mark, label
    )


def button(text: str, name: str = "", value: str = "", kind: str = "") -> Markup:
    """A submit button; kind: quiet, plain, big, bad."""
    named = H(' name="{}" value="{}"').format(name, value) if name else NOTHING
    return H('<button class="{}"{}>{}</button>').format(kind, named, text)


def form(action: str, *parts: Any, method: str = "post", kind: str = "") -> Markup:
    """A form around its parts, buttons included."""
    return H('<form action="{}" method="{}" class="{}">{}</form>').format(action, method, kind, join(parts))


def totals(rows: Sequence[tuple[str, Any]], last: tuple[str, Any] | None = None) -> Markup:
    """Names and amounts, the last one as the sum."""
    lines = join(H("<dt>{}</dt><dd>{}</dd>").format(name, value) for name, value in rows)
    end = H('<dt class="sum">{}</dt><dd class="sum">{}</dd>').format(*last) if last else NOTHING
    return H('<dl class="totals">{}{}</dl>').format(lines, end)


def pager(base: str, number: int, pages: int) -> Markup:
    """Links to the neighbouring pages; `base` ends with `page=`."""
    if pages <= 1:
        return NOTHING
    before = H('<a href="{}{}">← Previous</a>').format(base, number - 1) if number > 1 else NOTHING
    after = H('<a href="{}{}">Next →</a>').format(base, number + 1) if number < pages else NOTHING
    return H('<nav class="pager" aria-label="Pages">{}<span>Page {} of {}</span>{}</nav>').format(
        before, number, pages, after
    )
