"""Questions to Magento's lists: `searchCriteria` (notes §6).

Groups hold together by AND, the filters inside one by OR. Directions are always sent, because a sort without one runs
downwards; a page size always, because without one every row comes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Literal

from connections.connectors.wire import Params

MOST = 10  # of filters in a group, groups, or sorts: the shop sorts [2] before [10] and then takes no signature (§2.3)
LARGEST_PAGE = 300  # where limits are switched on (§5)

Condition = Literal["eq", "neq", "gt", "gteq", "lt", "lteq", "like", "nlike", "in", "nin", "null", "notnull", "finset"]


@dataclass(frozen=True, kw_only=True)
class Filter:
    """One condition on a field. With `in` a value may hold no comma but those between values: see `any_of`."""

    field: str
    value: str = ""
    condition: Condition = "eq"


@dataclass(frozen=True, kw_only=True)
class Sort:
    """One field to sort by."""

    field: str
    direction: Literal["ASC", "DESC"] = "ASC"


Group = Sequence[Filter]  # any of them holds


def any_of(field: str, values: Sequence[str]) -> Group:
    """One of the values: as one `in`, those with a comma of their own as one `eq` each, of which nine fit."""
    plain = [value for value in values if "," not in value]
    listed = [Filter(field=field, value=",".join(plain), condition="in")] if plain else []
    return [*listed, *(Filter(field=field, value=value) for value in values if "," in value)]


def criteria(
    groups: Sequence[Group] = (), *, sort: Sequence[Sort] = (), page_size: int, page: int = 1, fields: str = ""
) -> Params:
    """The query of a list. `fields` projects the answer, such as `items[entity_id],total_count` (§3).

    Raises ValueError for more groups, filters or sorts than can be signed.
    """
    if len(groups) > MOST or len(sort) > MOST or any(len(group) > MOST for group in groups):
        raise ValueError(f"more than {MOST} filters, groups or sorts in one question")
    pairs = [pair for number, group in enumerate(groups) for pair in _group(number, group)]
    for number, one in enumerate(sort):
        pairs += _keys(f"[sortOrders][{number}]", field=one.field, direction=one.direction)
    pairs += _keys("", pageSize=str(page_size), currentPage=str(page))
    return [*pairs, ("fields", fields)] if fields else pairs


def _group(number: int, group: Group) -> Params:
    return [
        pair
        for at, one in zip(count(), group, strict=False)
        for pair in _keys(
            f"[filterGroups][{number}][filters][{at}]", field=one.field, value=one.value, conditionType=one.condition
        )
    ]


def _keys(inside: str, **values: str) -> list[tuple[str, str]]:
    return [(f"searchCriteria{inside}[{key}]", value) for key, value in values.items()]
