"""What a searchCriteria asks for: groups of filters, sort orders, a page (apis/magento.md §6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ipaas.sandbox.magento.conditions import Filter
from ipaas.sandbox.magento.state import Row

Columns = Mapping[str, str]  # name -> schema type


@dataclass(frozen=True, slots=True)
class SortOrder:
    """One sort order; anything that does not say ASC is DESC."""

    field: str
    ascending: bool


@dataclass(frozen=True, slots=True)
class Criteria:
    """What was asked: groups are AND-ed, the filters of one are OR-ed."""

    groups: tuple[tuple[Filter, ...], ...] = ()
    sorts: tuple[SortOrder, ...] = ()
    page_size: int | None = None
    current_page: int | None = None

    def echo(self) -> Row:
        """`search_criteria` of the answer: as sent, in snake_case, values as text."""
        answer: Row = {"filter_groups": [{"filters": [one.echo() for one in group]} for group in self.groups]}
        if self.sorts:
            answer["sort_orders"] = [
                {"field": one.field, "direction": "ASC" if one.ascending else "DESC"} for one in self.sorts
            ]
        return answer | {"page_size": self.page_size, "current_page": self.current_page}
