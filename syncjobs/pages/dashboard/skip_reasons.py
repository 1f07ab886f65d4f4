"""Orders that were left out, by reason."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Max
from django.urls import reverse

from syncjobs.engine.settings_changed import STATUS_CODES
from syncjobs.pages.dashboard.dashboard_scope import Disposition, Scope, within

NUMBERED = re.compile(r"^Order \S+: ")


@dataclass(frozen=True, kw_only=True)
class SkipGroup:
    """Orders left out for the same reason, with the list of exactly these."""

    code: str
    source_status: str  # only where the status is the reason
    count: int
    sentence: str
    href: str


def skips(scope: Scope, period: str, *, store: str = "") -> list[SkipGroup]:
    """Skipped orders by reason, the most frequent first; the sentence is one order's, without its number."""
    rows = within(scope, period).filter(disposition=Disposition.SKIPPED).order_by()
    by_status = rows.filter(code__in=STATUS_CODES).values("code", "source_status")
    by_code = rows.exclude(code__in=STATUS_CODES).values("code")
    found = [
        skip_group(row, period, store)
        for grouped in (by_status, by_code)
        for row in grouped.annotate(n=Count("id"), sentence=Max("reason"))
    ]
    return sorted(found, key=lambda group: (-group.count, group.code, group.source_status))


def skip_group(row: Mapping[str, Any], period: str, store: str) -> SkipGroup:
    status = row.get("source_status", "")
    asked = {"state": "skipped", "code": row["code"], "status": status, "period": period, "store": store}
    return SkipGroup(
        code=row["code"],
        source_status=status,
        count=row["n"],
        sentence=NUMBERED.sub("", row["sentence"]),
        href=f"{reverse('orders')}?{urlencode({name: value for name, value in asked.items() if value})}",
    )
