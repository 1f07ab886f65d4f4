"""What the address of the list of runs asks for: read, turned into a queryset, and said in words."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.db.models import F, QuerySet

from connections.components import FilterChip, StateTab
from connections.models import Connection
from syncjobs.bulk.run_progress import GROUPS, TITLES
from syncjobs.models import Run
from syncjobs.pages.lists.keyset import Sort, count_words, counted, moment

State = Run.State
TABS: dict[str, tuple[str, tuple[State, ...]]] = {  # state in the address → its tab, and what stands there
    "": ("All", ()),
    "open": ("Going on", (State.RUNNING, State.PAUSED)),
    "done": ("Done", (State.DONE,)),
    "failed": ("Failed", (State.FAILED,)),
    "stopped": ("Stopped", (State.STOPPED,)),
}
SUBJECTS = {"stock": "Inventory", "items": "Items", "orders": "Orders", "distribution": "Distribution"}
KINDS = {
    **{group: f"{SUBJECTS[group]}: all" for group in GROUPS},
    **{kind: f"{SUBJECTS[kind.partition('_')[0]]}: {title.lower()}" for kind, title in TITLES.items()},
}  # of runs, or the group of some → what the filter calls it
PERIODS = {"7d": ("Last 7 days", timedelta(days=7)), "30d": ("Last 30 days", timedelta(days=30))}
SORTS: dict[str, Sort] = {
    "newest": Sort(label="Newest first", by=F("started_at"), read=moment),
    "oldest": Sort(label="Oldest first", by=F("started_at"), read=moment, falls=False),
}


@dataclass(frozen=True, kw_only=True)
class RunFilters:
    """What the address of the list asks for."""

    state: str = ""  # of TABS
    kind: str = ""  # of KINDS
    period: str = ""  # of PERIODS
    sort: str = "newest"

    @property
    def ordered(self) -> Sort:
        return SORTS[self.sort]

    @property
    def address(self) -> dict[str, str]:
        """The filters as an address has them, without those that say nothing."""
        sort = "" if self.sort == "newest" else self.sort
        values = {"state": self.state, "kind": self.kind, "period": self.period, "sort": sort}
        return {name: value for name, value in values.items() if value}


def filters_of(asked: Mapping[str, str]) -> RunFilters:
    """What is not known is left out."""
    return RunFilters(
        state=asked.get("state", "") if asked.get("state") in TABS else "",
        kind=asked.get("kind", "") if asked.get("kind") in KINDS else "",
        period=asked.get("period", "") if asked.get("period") in PERIODS else "",
        sort=asked.get("sort", "newest") if asked.get("sort") in SORTS else "newest",
    )


def runs_filtered(connection: Connection, filters: RunFilters, now: datetime) -> QuerySet[Run]:
    """The runs of a store, unsorted."""
    kinds = list(GROUPS.get(filters.kind, {})) or ([filters.kind] if filters.kind else list(TITLES))
    rows = Run.objects.filter(connection=connection, kind__in=kinds)
    if states := TABS[filters.state][1]:
        rows = rows.filter(state__in=states)
    if filters.period:
        rows = rows.filter(started_at__gte=now - PERIODS[filters.period][1])
    return rows


def href(filters: RunFilters, **changes: str) -> str:
    values = {name: value for name, value in {**filters.address, **changes}.items() if value}
    return f"?{urlencode(values)}"


def tabs(connection: Connection, filters: RunFilters, now: datetime) -> list[StateTab]:
    """By state, with how many runs the other filters leave there: bounded questions, one a tab."""
    found = []
    for key, (label, _) in TABS.items():
        one = replace(filters, state=key)
        count = counted([runs_filtered(connection, one, now)], SORTS["newest"])
        is_here = filters.state == key
        tab = StateTab(
            label=label,
            href=href(one),
            is_current=is_here,
            count=count_words(count),
            counted="runs",
            needs_you=key == "failed" and count > 0,
        )
        found.append(tab)
    return found


def chips(filters: RunFilters) -> list[FilterChip]:
    """Each filter that is set beside the tab, with the list without it."""
    values = {
        "kind": ("Kind", KINDS.get(filters.kind, "")),
        "period": ("Started", PERIODS[filters.period][0] if filters.period else ""),
    }
    return [
        FilterChip(name=name, value=words, href=href(filters, **{key: ""}))
        for key, (name, words) in values.items()
        if words
    ]
