"""What the address of the list of SKUs asks for: read, turned into a queryset, and said in words."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, Q, QuerySet
from django.utils.crypto import salted_hmac

from connections.components import FilterChip, StateTab
from connections.models import Connection
from connections.vocabulary import WORDS
from mappings.core.rules.search_terms import LONGEST, SHORTEST_WORD, plain
from mappings.models import CatalogueSku, Link, ProductTerm, Side
from syncjobs.pages.lists.keyset import MOST_COUNTED, Sort, count_words, counted
from syncjobs.pages.search.find_items import beginning

STATES = CatalogueSku.State
OPEN = (STATES.UNLINKED, STATES.AMBIGUOUS, STATES.BLANK)  # of the index catalogue_sku_open
WAITING, ALL = "open", "all"
TABS: dict[str, str] = {WAITING: WORDS["held"], ALL: "All", **{str(one): str(one.label) for one in STATES}}
AT_ONCE = 500  # SKUs that one act is about
SORTS: dict[str, Sort] = {
    "sku": Sort(label="SKU, A to Z", by=F("sku"), read=str, falls=False),
    "sku_back": Sort(label="SKU, Z to A", by=F("sku"), read=str),
}


@dataclass(frozen=True, kw_only=True)
class SkuFilters:
    """What the address of the list asks for."""

    state: str = WAITING  # of TABS
    text: str = ""
    sort: str = "sku"

    @property
    def ordered(self) -> Sort:
        return SORTS[self.sort]

    @property
    def address(self) -> dict[str, str]:
        """The filters as an address has them, without those that say nothing."""
        state = "" if self.state == usual_state(self.text) else self.state
        sort = "" if self.sort == "sku" else self.sort
        return {name: value for name, value in {"state": state, "q": self.text, "sort": sort}.items() if value}


def usual_state(text: str) -> str:
    """The tab that an address without one means: words are looked for in all SKUs."""
    return ALL if text else WAITING


def filters_of(asked: Mapping[str, str]) -> SkuFilters:
    """What is not known is left out."""
    text = asked.get("q", "").strip()[:LONGEST]
    return SkuFilters(
        state=asked["state"] if asked.get("state") in TABS else usual_state(text),
        text=text,
        sort=asked.get("sort", "sku") if asked.get("sort") in SORTS else "sku",
    )


def skus_filtered(
    connection: Connection, filters: SkuFilters, found: Collection[int] | None = None
) -> QuerySet[CatalogueSku]:
    """The store's SKUs, unsorted; `found`: ids of those with the words, where they are known already.

    A state is of the store's SKUs alone.
    """
    rows = CatalogueSku.objects.filter(connection=connection)
    if filters.state == WAITING:
        rows = rows.filter(state__in=OPEN)
    elif filters.state == ALL:
        rows = rows.filter(side=Side.STORE)
    else:
        rows = rows.filter(state=filters.state)
    if not filters.text:
        return rows
    return rows.filter(pk__in=ids_found(connection, filters.text) if found is None else found)


def ids_found(connection: Connection, text: str) -> set[int]:
    """Ids of the store's SKUs that hold the text from a part's beginning, or whose Item # or suggestion it is."""
    spelled = {text, text.upper(), text.lower()}
    linked = Link.objects.of(connection, Link.Kind.ITEM).filter(target_label__in=spelled).values("source_id")
    rows = CatalogueSku.objects.filter(connection=connection, side=Side.STORE)
    part = plain(text)[:LONGEST]
    wanted = [Q(sku__in=spelled), Q(suggestion__in=spelled) & ~Q(suggestion=""), Q(sku__in=linked)]
    if len(part) >= SHORTEST_WORD:
        terms = ProductTerm.objects.filter(beginning(part), connection=connection).order_by("term", "product")
        products = list(terms.values_list("product", flat=True)[:MOST_COUNTED])
        wanted.append(Q(product__in=products, sku__icontains=text))
    return {pk for one in wanted for pk in rows.filter(one).values_list("pk", flat=True)[:MOST_COUNTED]}


def href(filters: SkuFilters, **changes: str) -> str:
    """The list with other filters, at its place on the tab."""
    values = {name: value for name, value in {**filters.address, **changes}.items() if value}
    return f"?{urlencode(values)}#linking"


def tabs(connection: Connection, filters: SkuFilters, found: Collection[int]) -> list[StateTab]:
    """By state, with how many SKUs the words leave there: bounded questions, one a tab."""
    drawn = []
    for key, label in TABS.items():
        one = replace(filters, state=key)
        count = counted([skus_filtered(connection, one, found)], SORTS["sku"])
        is_here = filters.state == key
        if count or is_here or key in {WAITING, ALL}:
            needs_you = key == WAITING and count > 0
            drawn.append(_tab(label, href(one), count, is_current=is_here, needs_you=needs_you))
    return drawn


def _tab(label: str, where: str, count: int, **looks: Any) -> StateTab:
    return StateTab(label=label, href=where, count=count_words(count), counted="SKUs", **looks)


def chips(filters: SkuFilters) -> list[FilterChip]:
    """The words, where some are set beside the tab."""
    without = href(replace(filters, text=""))
    return [FilterChip(name="SKU or Item #", value=filters.text, href=without)] if filters.text else []


def all_matching(connection: Connection, filters: SkuFilters, found: Collection[int] | None = None) -> dict[str, str]:
    """The first AT_ONCE SKUs that match, with what is suggested for each."""
    rows = skus_filtered(connection, filters, found).exclude(sku="").order_by("sku", "pk")
    return dict(rows.values_list("sku", "suggestion")[:AT_ONCE])


def mark_of(skus: Mapping[str, str]) -> str:
    """What a page meant by all that match, so that nothing else is done."""
    return salted_hmac("skus that match", repr(sorted(skus.items())), algorithm="sha256").hexdigest()[:32]
