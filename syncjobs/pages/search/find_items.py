"""Items by SKU, a part of one, barcode, Item # or words of the product's name, each with what it is linked to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from django.db.models import Q, QuerySet

from connections.models import Connection
from mappings.core.canonical.product import barcode_key
from mappings.core.rules.search_terms import LONGEST, MOST_WORDS, SHORTEST_WORD, after, plain, sku_terms, words
from mappings.models import CatalogueSku, Link, ProductTerm, Side

LOOKED_AT = 50  # products of a store


@dataclass(frozen=True, kw_only=True)
class ItemFound:
    """A SKU of the store with its item, or an item that no SKU is linked with."""

    connection: Connection
    sku: str  # "" where the store has none
    name: str
    number: str  # Item #; "" where it is not linked
    picture: str = ""  # address at the store


def items_found(connections: Sequence[Connection], text: str, most: int) -> list[ItemFound]:
    """The SKUs that hold the text come first, then those of products whose names do."""
    found: list[ItemFound] = []
    for connection in connections:
        found += _of_store(connection, text, most)
    return found[:most]


def _of_store(connection: Connection, text: str, most: int) -> list[ItemFound]:
    rows, part = list(_skus(connection, text)), plain(text)
    of_store = [row for row in rows if row.side == Side.STORE and row.sku]
    of_store.sort(key=lambda row: (not _holds(row.sku, part), row.sku))
    shown = dict(islice({row.sku: row for row in of_store}.items(), most))
    item_ids = [row.external_id for row in rows if row.side == Side.HEARTLAND]
    spelled = {text, text.upper(), text.lower()}
    is_meant = Q(source_id__in={*spelled, *shown}) | Q(target_label__in=spelled)
    of_items = Link.objects.of(connection, Link.Kind.ITEM)
    links = {link.source_id: link for link in of_items.filter(is_meant)}
    links |= {link.source_id: link for link in of_items.filter(target_id__in=item_ids)}
    names = {row.external_id: _name(row) for row in rows if row.side == Side.HEARTLAND}
    listed = {sku: _found(connection, row, links.get(sku)) for sku, row in shown.items()}
    linked = {
        sku: ItemFound(
            connection=connection,
            sku=sku,
            name=names.get(link.target_id, ""),
            number=link.target_label or link.target_id,
        )
        for sku, link in sorted(links.items())
        if sku not in listed
    }
    there = {link.target_id for link in links.values()}
    alone = [
        ItemFound(connection=connection, sku="", name=_name(row), number=row.sku)
        for row in rows
        if row.side == Side.HEARTLAND and row.external_id not in there
    ]
    return [*listed.values(), *linked.values(), *alone]


def _skus(connection: Connection, text: str) -> Iterable[CatalogueSku]:
    rows = CatalogueSku.objects.filter(connection=connection).prefetch_related("product")
    ids = list(_products(connection, text))
    found = list(rows.filter(product_id__in=ids).order_by("product_id", "pk")[: LOOKED_AT * 4]) if ids else []
    part = plain(text)
    if by_sku := [row for row in found if _holds(row.sku, part)]:
        found = by_sku
    if barcode := barcode_key(text.strip()):
        sides = [rows.filter(side=side, barcode=barcode)[:LOOKED_AT] for side in Side]
        found += [row for side in sides for row in side if row not in found]
    return found


def _products(connection: Connection, text: str) -> QuerySet[ProductTerm, int]:
    """Ids of the products with a SKU that holds the text, or with each of its words in their names."""
    terms = ProductTerm.objects.filter(connection=connection)
    asked = [word for word in words(text)[:MOST_WORDS] if len(word) >= SHORTEST_WORD]
    whole = plain(text)[:LONGEST]
    if len(whole) < SHORTEST_WORD:
        return terms.none().values_list("product", flat=True)
    is_one = len(asked) < 2 or terms.filter(beginning(whole)).exists()
    if is_one:
        found = terms.filter(beginning(whole))
    else:
        found, *others = (terms.filter(beginning(word)) for word in asked)
        for other in others:
            found = found.filter(product__in=other.values("product"))
    return found.order_by("term", "product").values_list("product", flat=True)[:LOOKED_AT]


def beginning(term: str) -> Q:
    return Q(term__gte=term, term__lt=after(term))


def _holds(sku: str, part: str) -> bool:
    return any(term.startswith(part) for term in sku_terms([sku]))


def _name(row: CatalogueSku) -> str:
    facts = {**row.product.facts, **row.facts} if row.side == Side.HEARTLAND else row.product.facts
    return str(facts.get("name") or facts.get("item_description") or facts.get("description") or "")


def _found(connection: Connection, row: CatalogueSku, link: Link | None) -> ItemFound:
    pictures = [one for one in row.product.facts.get("pictures") or () if one]
    return ItemFound(
        connection=connection,
        sku=row.sku,
        name=_name(row),
        number=link.target_label or link.target_id if link else "",
        picture=str(pictures[0]) if pictures else "",
    )
