"""What products are found by, kept beside both catalogues as they were last read."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from mappings.core.rules.search_terms import LONGEST, sku_terms, words
from mappings.models import CatalogueProduct, CatalogueSku, ProductTerm, Side

AT_ONCE = 500
NAMES = {Side.STORE: ("name",), Side.HEARTLAND: ("item_description", "description")}  # of facts that are short names


def terms_of(side: str, facts: Iterable[Mapping[str, Any]], skus: Iterable[str]) -> set[str]:
    """The terms of one product: `facts` are its own and its SKUs'."""
    names = (str(one.get(name) or "") for one in facts for name in NAMES[Side(side)])
    return {*(word[:LONGEST] for name in names for word in words(name)), *sku_terms(skus)}


def terms_write(product_ids: Iterable[int], products: Any = None, skus: Any = None, terms: Any = None) -> None:
    """Make the terms of these products what their names and SKUs say. A migration hands in its own managers."""
    ids, products, skus = sorted(product_ids), products or CatalogueProduct.objects, skus or CatalogueSku.objects
    for start in range(0, len(ids), AT_ONCE):
        _page_write(ids[start : start + AT_ONCE], products, skus, terms or ProductTerm.objects)


def _page_write(ids: list[int], products: Any, skus: Any, terms: Any) -> None:
    members: dict[int, list[Any]] = defaultdict(list)
    for sku in skus.filter(product_id__in=ids).only("product_id", "sku", "facts"):
        members[sku.product_id].append(sku)
    wanted: dict[tuple[int, str], int] = {}
    for row in products.filter(pk__in=ids).only("connection_id", "side", "facts"):
        own = members[row.pk]
        found = terms_of(row.side, [row.facts, *(sku.facts for sku in own)], [sku.sku for sku in own])
        wanted |= dict.fromkeys(((row.pk, term) for term in found), row.connection_id)
    there = {(product, term): pk for pk, product, term in _kept(terms, ids)}
    terms.filter(pk__in=[pk for key, pk in there.items() if key not in wanted]).delete()
    fresh = ((key, connection) for key, connection in wanted.items() if key not in there)
    made = [terms.model(connection_id=connection, product_id=key[0], term=key[1]) for key, connection in fresh]
    terms.bulk_create(made, ignore_conflicts=True, batch_size=5_000)


def _kept(terms: Any, ids: list[int]) -> Any:
    return terms.filter(product_id__in=ids).values_list("pk", "product_id", "term")
