"""HTML for the people's pages: page frame, tables, forms, notices. Everything is escaped unless it is `Markup`."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

Nav = Sequence[tuple[str, str]]

FRAME = Markup("""<!doctype html>
<html lang="en" data-system="{system}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · {label}</title>
<link rel="stylesheet" href="/_sim/style.css">
</head>
<body>
<header class="bar"><a class="brand" href="{home}"><b>{label}</b> <span class="tag">sandbox</span></a>
<nav aria-label="Main">{nav}</nav></header>
<main>
<h1>{title}</h1>
{flash}{body}
</main>
<footer>A stand-in for trying things out: nothing here is real. <a href="/_sim/">Sandbox controls</a></footer>
</body>
</html>
""")


def page(
    title: str,
    body: str | Markup,
    nav: Nav = (),
    *,
    system: str,
    label: str,
    home: str = "/",
    flash: str = "",
    here: str = "",
) -> str:
    """A whole page. `system` picks the accent: heartland, bigcommerce or shop. `here` is the current nav address."""
    links = Markup("").join(
        Markup('<a href="{}"{}>{}</a>').format(url, Markup(' aria-current="page"') if url == here else "", text)
        for url, text in nav
    )
    return FRAME.format(
        title=title, system=system, label=label, home=home, nav=links, flash=notice(flash) if flash else "", body=body
    )


def notice(text: str, kind: str = "info") -> Markup:
    """A message above the content; kind: info, good or bad."""
    return Markup('<p class="notice {}" role="status">{}</p>').format(kind, text)


def link(url: str, text: Any) -> Markup:
    """An anchor."""
    return Markup('<a href="{}">{}</a>').format(url, text)


def badge(text: str, kind: str = "") -> Markup:
    """A status word in a pill; kind: good, bad, warn or nothing."""
    return Markup('<span class="badge {}">{}</span>').format(kind, text)


def money(amount: Any) -> str:
    """An amount with two decimals and thousands separators."""
    return f"{Decimal(str(amount or 0)):,.2f}"


def table(
    heads: Sequence[str], rows: Iterable[Sequence[Any]], *, numeric: Sequence[int] = (), none: str = "Nothing here."
) -> Markup:
    """A table that scrolls sideways on a narrow screen. `numeric` columns align right."""
    body = [list(row) for row in rows]
    if not body:
        return Markup('<p class="quiet">{}</p>').format(none)

    def cells(tag: str, values: Sequence[Any]) -> Markup:
        return Markup("").join(
            Markup("<{0}{1}>{2}</{0}>").format(tag, Markup(' class="num"') if i in numeric else "", value)
            for i, value in enumerate(values)
        )

    lines = Markup("").join(Markup("<tr>{}</tr>").format(cells("td", row)) for row in body)
    return Markup('<div class="scroll"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>').format(
        cells("th", heads), lines
    )


def facts(pairs: Iterable[tuple[str, Any]]) -> Markup:
    """A definition list of names and values."""
    rows = Markup("").join(Markup("<dt>{}</dt><dd>{}</dd>").format(name, value) for name, value in pairs)
    return Markup('<dl class="facts">{}</dl>').format(rows)


def section(title: str, body: Any) -> Markup:
    """A titled card."""
    return Markup("<section><h2>{}</h2>{}</section>").format(title, body)


def field(
    label: str, name: str, value: Any = "", *, kind: str = "text", required: bool = False, hint: str = "", **more: Any
) -> Markup:
    """A labelled input; `more` are further attributes (min, step, autocomplete...)."""
    extra = Markup("").join(Markup(' {}="{}"').format(key, text) for key, text in more.items())
    mark = Markup(" required") if required else ""
    note = Markup("<small>{}</small>").format(hint) if hint else ""
    return Markup('<label>{}<input type="{}" name="{}" value="{}"{}{}>{}</label>').format(
        label, kind, name, "" if value is None else value, mark, extra, note
    )


def select(label: str, name: str, options: Iterable[tuple[Any, Any]], chosen: Any = None) -> Markup:
    """A labelled drop-down of (value, text)."""
    rows = Markup("").join(
        Markup('<option value="{}"{}>{}</option>').format(value, Markup(" selected") if value == chosen else "", text)
        for value, text in options
    )
    return Markup('<label>{}<select name="{}">{}</select></label>').format(label, name, rows)


def checkbox(label: str, name: str, *, checked: bool = False, value: str = "1") -> Markup:
    """A labelled tick box."""
    return Markup('<label class="tick"><input type="checkbox" name="{}" value="{}"{}> {}</label>').format(
        name, value, Markup(" checked") if checked else "", label
    )


def form(action: str, *parts: Any, submit: str = "Save", method: str = "post", quiet: bool = False) -> Markup:
    """A form with its button."""
    inner = Markup("").join(escape(part) for part in parts)
    button = Markup('<button class="{}">{}</button>').format("quiet" if quiet else "", submit)
    return Markup('<form action="{}" method="{}">{}{}</form>').format(action, method, inner, button)


def pager(base: str, page_number: int, pages: int) -> Markup:
    """Links to the neighbouring pages; `base` ends with `page=`."""
    before = link(f"{base}{page_number - 1}", "← Previous") if page_number > 1 else Markup("")
    after = link(f"{base}{page_number + 1}", "Next →") if page_number < pages else Markup("")
    return Markup('<p class="pager">{} <span>Page {} of {}</span> {}</p>').format(
        before, page_number, max(pages, 1), after
    )


STYLE = Path(__file__).with_name("style.css").read_text()
