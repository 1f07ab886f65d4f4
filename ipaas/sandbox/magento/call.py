"""What a handler gets: one call of one route, by HTTP or from the queue."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ipaas.sandbox.core.tables import Table
from ipaas.sandbox.magento.access import Caller
from ipaas.sandbox.magento.official import Official, Operation, official
from ipaas.sandbox.magento.search_rows import Related, View, search
from ipaas.sandbox.magento.searchcriteria import columns_of, read_criteria
from ipaas.sandbox.magento.state import CLOCKED, Row, State


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `path`, `body` and `query` are read and cast already; `query` is nested text as PHP has it."""

    state: State
    operation: Operation
    caller: Caller
    store: Row  # row of `store_views`: the view of the URL's code, the default one, or 0 for "all"
    path: Mapping[str, Any]
    query: Mapping[str, Any]
    body: Mapping[str, Any]
    base_url: str  # of the installation, with a slash at its end

    @property
    def store_id(self) -> int:
        """0 for the code "all" (admin scope)."""
        return int(self.store["id"])

    @property
    def official(self) -> Official:
        """The schemas of the version that is played."""
        return official(self.state.profile.version)

    def search(
        self,
        rows: Table | Iterable[Row],
        shape: Callable[[Row], Mapping[str, Any]] = dict,
        *,
        columns: Mapping[str, str] | None = None,
        eav: bool = False,
        view: View = dict,
        related: Related | None = None,
    ) -> Row:
        """The list envelope of the rows that the call's `searchCriteria` ask for, each shaped (§6).

        `columns` (name -> schema type) may be filtered and sorted by; without it, the scalar fields that the schema
        gives an item. `eav` says how an unknown one is refused: 400, or as a failed statement 500. For `view`
        and `related` see `search_rows.search`.
        """
        criteria = read_criteria(self.query)
        known = columns if columns is not None else columns_of(self.official, self.operation.answer)
        found, total = search(self.state, rows, criteria, known, eav=eav, view=view, related=related)
        if isinstance(rows, Table) and rows.name in CLOCKED:
            drift(self.state, rows, found)
        return {"items": [shape(row) for row in found], "search_criteria": criteria.echo(), "total_count": total}


def drift(state: State, table: Table, page: Iterable[Row]) -> None:
    """Let the first rows of a page that was read change once, so that they leave their place (switch `page_drift`)."""
    still = (row for row in page if not row.get("_drifted"))
    for _, row in zip(range(state.switches["page_drift"]), still, strict=False):
        table.update(row["id"], updated_at=state.now(), _drifted=True)
