"""Every address of the resolver with hostile values, by HTTP through the front server: no answer is a 5xx.

The suite's own fuzz (tests/screens) goes deeper and knows the forms' fields; this one meets the processes as they run.
"""

import http.client
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from urllib.parse import quote

from django.urls import URLPattern, URLResolver, get_resolver

from connections.models import Connection
from syncjobs.stories.attack.attack_world import THREADS, TIMEOUT_SECONDS, Finding, Stage, asked
from syncjobs.stories.demo import story

PLACEHOLDER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<\w+>[^()]*\)")
VALUES = (
    "", "\x00", "a\x00b", "-1", "9" * 23, "9" * 5000, "²", "1e400", "NaN", "x" * 5000, "é" * 2000, "[" * 5000,
    '{"a":' * 1000, "\u202eabc", "🧵👩‍👩‍👧", "'; DROP TABLE x; --", '"><script>alert(1)</script>', "{{ 7*7 }}",
    "%25%30%30", "\r\nX-A: b",
    "../../etc/passwd", "//evil.example", "10000-01-01", "00000000-0000-0000-0000-000000000000",
    "__class__", "\ufeff",
)  # fmt: skip
FIELDS = ("q", "page", "code", "status", "state", "sku", "next", "merchant", "shown", "do", "login", "key", "_filter")
METHODS = ("GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, kw_only=True)
class Case:
    """One request; `cookie` is empty for a stranger."""

    method: str
    path: str
    body: bytes | None
    headers: dict[str, str]


def fuzz(stage: Stage, count: int, seed: int) -> Finding:
    """Send so many of the cases, drawn by the seed; 0 sends all of them."""
    chosen = list(cases(stage))
    random.Random(seed).shuffle(chosen)  # noqa: S311
    chosen = chosen[: count or None]
    with ThreadPoolExecutor(THREADS) as pool:
        parts = pool.map(lambda start: sent(stage, chosen[start::THREADS]), range(THREADS))
        seen = [one for part in parts for one in part]
    broken = Counter(f"{case.method} {case.path[:120]!r}: {status}" for case, status in seen if status >= 500)
    statuses = Counter(status // 100 * 100 for _, status in seen)
    return Finding(
        attack="every address with hostile values",
        figures={"sent": len(chosen), "seed": seed, "answers": {str(one): statuses[one] for one in sorted(statuses)}},
        got_through=[f"{words}, {times} times" for words, times in broken.items()],
    )


def sent(stage: Stage, wishes: Sequence[Case]) -> list[tuple[Case, int]]:
    """The status of each; 0 where the connection was cut."""
    port = stage.world.ports["front"]
    line = http.client.HTTPSConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS, context=stage.trusting)
    found = [(case, asked(line, case.method, case.path, case.body, case.headers).status) for case in wishes]
    line.close()
    return found


def cases(stage: Stage) -> Iterator[Case]:
    """Every address × value × method, as a stranger and as the owner, whose own store stands in the address."""
    owner = story.logged_in(stage.world)
    cookies = "; ".join(f"{one.name}={one.value}" for one in owner.session.cookies)
    token = next((one.value or "" for one in owner.session.cookies if "csrf" in one.name), "")
    known = {"X-CSRFToken": token, "Referer": stage.world.url("web"), "Cookie": cookies}
    store = str(Connection.objects.get().public_id)
    for route, value, method in product(routes(), VALUES, METHODS):
        text = quote(value, safe="")
        filled = text[:3000] or "x"
        path = "/" + PLACEHOLDER.sub(filled, route)
        query = "&".join(f"{name}={text}" for name in FIELDS)[:6000]
        for headers in ({}, known):
            own = path.replace(f"stores/{filled}/", f"stores/{store}/", 1) if headers else path
            has_body = method in {"POST", "PUT", "PATCH"}
            yield Case(
                method=method,
                path=own if has_body else f"{own}?{query}"[:7000],
                body=query.encode() if has_body else None,
                headers=headers | (FORM if has_body else {}),
            )


def routes() -> list[str]:
    """Every pattern, but log-out, which would end the owner's session for the rest."""
    return [route for route in _walk(get_resolver().url_patterns) if "logout" not in route]


def _walk(patterns: Sequence[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = before + str(pattern.pattern).replace("^", "").replace("$", "").replace(r"\Z", "")
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
        else:
            yield route
