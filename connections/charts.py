"""Small charts drawn on the server: SVG that needs no script, no style attribute and prints.

A tone is one of `ok`, `info`, `warn`, `bad`, `mute`, `accent` (static/css/chart.css). Each picture is told in words by
its label; what it shows stands beside it as text or in its table, so that nothing hangs on colour or sight.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT = 120.0, 28.0  # of a sparkline, in units of its picture
COLUMN, GAP, TALL = 10.0, 2.0, 100.0  # of a time chart: a column's width, what is free of it, the height


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One row of bars: `value` for its length, `text` as people read it; `href` leads to what it counts."""

    label: str
    value: float
    text: str
    tone: str = "accent"
    href: str = ""


@dataclass(frozen=True, kw_only=True)
class Series:
    """One layer of a time chart."""

    key: str
    label: str
    tone: str


@dataclass(frozen=True, kw_only=True)
class Column:
    """One moment of a time chart: `counts` by series key; `href` leads to what it counts."""

    label: str
    counts: dict[str, int] = field(default_factory=dict)
    href: str = ""


def sparkline(values: Sequence[float], label: str, tone: str = "accent") -> SafeString:
    """A line through the values, oldest first, from zero up to the highest; its last point is marked."""
    points = _points([float(value) for value in values])
    if not points:
        return format_html('<span class="quiet small">{}</span>', "no data yet")
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    area = f"{points[0][0]:.1f},{HEIGHT:.1f} {line} {points[-1][0]:.1f},{HEIGHT:.1f}"
    return format_html(
        '<svg class="sparkline tone-{}" viewBox="0 0 {} {}" role="img" aria-label="{}" focusable="false">'
        '<polygon points="{}"/><polyline points="{}"/><circle cx="{}" cy="{}" r="2.2"/></svg>',
        *(tone, int(WIDTH), int(HEIGHT), label, area, line, *(f"{one:.1f}" for one in points[-1])),
    )


def _points(values: Sequence[float]) -> list[tuple[float, float]]:
    """Where each value stands in the picture, two units from its edges; one value stands at both ends."""
    row = list(values) * 2 if len(values) == 1 else list(values)
    highest = max([*row, 0.0]) or 1.0
    step = (WIDTH - 5) / max(len(row) - 1, 1)
    return [(2.5 + number * step, HEIGHT - 2.5 - max(value, 0.0) / highest * (HEIGHT - 5)) for number, value in
            enumerate(row)]  # fmt: skip


def bars(rows: Sequence[Bar]) -> SafeString:
    """Bars one below the other beside their words, the longest over the whole width."""
    longest = max([row.value for row in rows], default=0) or 1
    return format_html('<ul class="bars">{}</ul>', format_html_join("", "{}", ((_bar(row, longest),) for row in rows)))


def _bar(row: Bar, longest: float) -> SafeString:
    label = format_html('<a href="{}">{}</a>', row.href, row.label) if row.href else row.label
    picture = format_html(
        '<svg class="bars-line tone-{}" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" '
        'focusable="false"><rect class="chart-ground" width="100" height="8"/><rect width="{}" height="8"/></svg>',
        row.tone, f"{max(row.value, 0) / longest * 100:.1f}",
    )  # fmt: skip
    return format_html('<li><span class="bars-label">{}</span>{}<b>{}</b></li>', label, picture, row.text)


def share_bar(rows: Sequence[Bar], label: str) -> SafeString:
    """One bar over the whole width, divided as the values are; `label` says all of it in words."""
    total = sum(row.value for row in rows) or 1
    start, parts = 0.0, []
    for row in rows:
        width = row.value / total * 100
        parts.append((row.tone, f"{start:.2f}", f"{width:.2f}", f"{row.label}: {row.text}"))
        start += width
    return format_html(
        '<svg class="share-bar" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="{}" '
        'focusable="false"><rect class="chart-ground" width="100" height="10"/>{}</svg>',
        label,
        format_html_join(
            "", '<rect class="tone-{}" x="{}" width="{}" height="10"><title>{}</title></rect>', parts
        ),
    )  # fmt: skip


def time_chart(columns: Sequence[Column], series: Sequence[Series], label: str) -> SafeString:
    """Columns over time, each divided by series; below it the legend with sums, and the numbers as a table."""
    highest = max([sum(one.counts.get(row.key, 0) for row in series) for one in columns], default=0)
    role = "group" if any(one.href for one in columns) else "img"  # a picture has no links in it
    picture = format_html(
        '<svg viewBox="0 0 {} {}" preserveAspectRatio="none" role="{}" aria-label="{}" focusable="false">'
        '<line class="chart-line" x1="0" x2="{}" y1="0.5" y2="0.5"/>{}</svg>',
        f"{len(columns) * COLUMN or COLUMN:.0f}", int(TALL), role, label,
        f"{len(columns) * COLUMN:.0f}",
        format_html_join("", "{}", ((_column(*one, series, highest or 1),) for one in enumerate(columns))),
    )  # fmt: skip
    return format_html(
        '<figure class="time-chart"><div class="time-chart-picture"><span class="time-chart-top">{}</span>{}</div>'
        '<p class="time-chart-axis">{}</p><figcaption>{}</figcaption>{}</figure>',
        *(highest, picture, _axis(columns), _legend(columns, series), _numbers(columns, series, label)),
    )


def _column(number: int, column: Column, series: Sequence[Series], highest: int) -> SafeString:
    top, rects, words = TALL, [], []
    for row in series:
        if count := column.counts.get(row.key, 0):
            high = count / highest * (TALL - 4)
            top -= high
            rects.append((row.tone, f"{number * COLUMN + GAP / 2:.1f}", f"{top:.2f}", f"{high:.2f}"))
            words.append(f"{count} {row.label}")
    told = f"{column.label}: {', '.join(words) or 'none'}"
    drawn = format_html(
        '<title>{}</title><rect class="chart-reach" x="{}" width="{}" height="{}"/>{}', told, f"{number * COLUMN:.0f}",
        int(COLUMN), int(TALL),
        format_html_join(
            "", '<rect class="tone-{}" x="{}" y="{}" width="{}" height="{}"/>',
            ((tone, x, y, f"{COLUMN - GAP:.0f}", high) for tone, x, y, high in rects),
        ),
    )  # fmt: skip
    if column.href and rects:
        return format_html('<a href="{}" aria-label="{}">{}</a>', column.href, told, drawn)
    return format_html("<g>{}</g>", drawn)


def _axis(columns: Sequence[Column]) -> SafeString:
    """The first, the middle and the last moment in words."""
    shown = [columns[place].label for place in sorted({0, len(columns) // 2, len(columns) - 1})] if columns else []
    return format_html_join("", "<span>{}</span>", ((words,) for words in shown))


def _legend(columns: Sequence[Column], series: Sequence[Series]) -> SafeString:
    rows = ((row.tone, row.label, sum(one.counts.get(row.key, 0) for one in columns)) for row in series)
    return format_html_join("", '<span class="legend tone-{}">{} <b>{}</b></span>', rows)


def _numbers(columns: Sequence[Column], series: Sequence[Series], label: str) -> SafeString:
    head = format_html_join("", '<th scope="col" class="num">{}</th>', ((row.label,) for row in series))
    body = format_html_join(
        "", '<tr><th scope="row">{}</th>{}</tr>',
        ((_moment(one), format_html_join("", '<td class="num">{}</td>', ((one.counts.get(row.key, 0),) for row in
          series))) for one in columns),
    )  # fmt: skip
    return format_html(
        '<details class="time-chart-numbers"><summary class="small">Numbers</summary><div class="table-wrap">'
        '<table class="table"><caption class="unseen">{}</caption><thead><tr><th scope="col">Time</th>{}</tr></thead>'
        "<tbody>{}</tbody></table></div></details>",
        *(label, head, body),
    )


def _moment(column: Column) -> SafeString:
    return format_html('<a href="{}">{}</a>', column.href, column.label) if column.href else format_html(
        "{}", column.label
    )  # fmt: skip
