"""Links, value maps, field defaults and known variants: everything that writes them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Any, Protocol

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from connections.audit import audit
from connections.models import Connection, Location, User
from mappings import person_keys
from mappings.core.canonical.order import Order, VariantOption
from mappings.core.heartland.marks import Marking
from mappings.core.rules import near_misses
from mappings.core.rules.customised import settle, unsettled_products
from mappings.known_links import Key, KnownLink, KnownLinks, link_write, links_known
from mappings.models import CatalogueSku, FieldDefault, Link, Side, StockLevel, StockRule, StoreVariant, ValueMap
from mappings.value_tables import VALUE_LENGTH


class ItemSource(Protocol):
    """What `items_resolve` asks of Heartland."""

    def items_by_numbers(self, skus: Sequence[str]) -> Mapping[str, Mapping[str, Any]]: ...


class VariantSource(Protocol):
    """What `customisations_settle` asks of the store."""

    def variant_options(self, product_ids: Sequence[str]) -> Mapping[str, Sequence[VariantOption]]: ...


def marking_of(connection: Connection) -> Marking:
    """How this store's sales orders are marked in Heartland; both fields are the merchant's choice."""
    settings = connection.order_settings
    return Marking(
        store=connection.store.reference,
        number_field=settings.number_field,
        store_field=settings.source_field,
        former=tuple((row["number_field"], row["source_field"]) for row in settings.former_marks),
    )


def link_get(connection: Connection, kind: Link.Kind, source_id: str) -> Link | None:
    """The link of one of our records; None when it has none."""
    return Link.objects.of(connection, kind).filter(source_id=source_id).first()


def person_link_keys(kind: Link.Kind, key: str) -> list[Key]:
    """Under which keys the link of a person or an address may stand, the one that counts first."""
    return [(kind, form) for form in person_keys.forms(key)]


def person_link(known: KnownLinks, kind: Link.Kind, key: str) -> KnownLink | None:
    """The link of a person or an address, which moves under the newest of our keys when it stands otherwise."""
    keys = person_link_keys(kind, key)
    link = next((known[one] for one in keys if one in known), None)
    if link and link.source_id != keys[0][1]:
        with suppress(IntegrityError), transaction.atomic():  # a worker beside us stored it anew
            Link.objects.filter(pk=link.pk).update(source_id=keys[0][1])
    return link


def person_link_drop(connection: Connection, key: str) -> None:
    """Forget whom a buyer was taken for."""
    Link.objects.of(connection, Link.Kind.CUSTOMER).filter(source_id__in=person_keys.forms(key)).delete()


def links_by_source(connection: Connection, kind: Link.Kind, source_ids: Iterable[str]) -> dict[str, Link]:
    """The links of several records, in one query; records without one are left out."""
    links = Link.objects.of(connection, kind).filter(source_id__in=list(source_ids))
    return {link.source_id: link for link in links}


def link_store(
    connection: Connection,
    kind: Link.Kind,
    *,
    source_id: str,
    target_id: str,
    target_label: str = "",
    fingerprint: str = "",
    store_ref: str = "",
    is_by_hand: bool = False,
    beside: str = "",
) -> Link:
    """Keep what a record is called at the other side, in its own transaction. Safe to repeat. An empty key is refused.

    Several SKUs may sell one item; a SKU that was renamed takes its link along. Two records on one sales order is a
    broken promise: the database refuses it (IntegrityError). `beside`: see `link_write`; not of items.
    """
    if not source_id or not target_id:
        raise ValueError(f"A {kind} link needs both its ids")
    link = Link(
        connection=connection,
        kind=kind,
        source_id=source_id,
        target_id=target_id,
        target_label=target_label,
        fingerprint=fingerprint,
        store_ref=store_ref,
        is_by_hand=is_by_hand,
    )
    if kind != Link.Kind.ITEM:
        return link_write(link, beside)
    with transaction.atomic():
        _former_names(link).delete()
        link_write(link)
        levels = StockLevel.objects.filter(link=link).exclude(item_id=int(target_id))
        levels.update(item_id=int(target_id), quantity=None, is_dirty=True)
    return link


def levels_doubt(connection: Connection, skus: Collection[str]) -> None:
    """Something else than we may have moved the store's stock of these: what it holds is told anew at the next look."""
    levels = StockLevel.objects.filter(connection=connection, sku__in=skus)
    levels.update(quantity=None, held_at=None, is_dirty=True)


def _former_names(link: Link) -> QuerySet[Link]:
    """Links of the same variant, or that rested on the item's former number, whose SKU the store does not have."""
    others = Link.objects.of(link.connection, Link.Kind.ITEM).exclude(source_id=link.source_id)
    renumbered = Q(target_id=link.target_id, is_by_hand=False) & ~Q(target_label=link.target_label)
    renamed = Q(store_ref=link.store_ref) if link.store_ref else Q(pk=None)
    sold = CatalogueSku.objects.filter(connection=link.connection, side=Side.STORE, sku=OuterRef("source_id"))
    return others.filter(renamed | renumbered).exclude(Exists(sold))


def link_drop(connection: Connection, kind: Link.Kind, source_id: str) -> None:
    """Forget a link, because the other side no longer has the record."""
    Link.objects.of(connection, kind).filter(source_id=source_id).delete()


def addresses_drop(connection: Connection, customer_id: str) -> None:
    """Forget the addresses of a Heartland customer; their links begin with the customer's id."""
    Link.objects.of(connection, Link.Kind.ADDRESS).filter(source_id__startswith=f"{customer_id}:").delete()


def items_resolve(
    connection: Connection, skus: Iterable[str], client: ItemSource, known: KnownLinks | None = None
) -> dict[str, str]:
    """Heartland item id per SKU, for those that exist. One call for all SKUs that are in doubt, none when none is.

    Item # and SKU must be equal, case and all, or a person says that they belong together. In doubt is a SKU without a
    link, and one whose item got another number: if another item has the SKU as its number now, that one is meant; if
    none has, it is the same item still. Items switched off count: Heartland still sells them (note §4.4). `known` are
    their links, where those were read already.
    """
    wanted = sorted(set(skus))
    if known is None:
        known = links_known(connection, [(Link.Kind.ITEM, sku) for sku in wanted])
    links = {sku: known[Link.Kind.ITEM, sku] for sku in wanted if (Link.Kind.ITEM, sku) in known}
    ids = {sku: link.target_id for sku, link in links.items()}
    doubtful = [sku for sku in wanted if sku not in links or not links[sku].is_sure]
    found = client.items_by_numbers(doubtful) if doubtful else {}
    for sku in doubtful:
        if (item := found.get(sku)) and ids.get(sku) != str(item["id"]):
            ids[sku] = str(item["id"])
            link_store(connection, Link.Kind.ITEM, source_id=sku, target_id=ids[sku], target_label=sku)
    return ids


def is_sure(link: Link) -> bool:
    """Whether an item's link rests on equal numbers, or on what a person said."""
    return link.is_by_hand or link.target_label == link.source_id


def items_alike(connection: Connection, skus: Iterable[str]) -> dict[str, list[str]]:
    """Item #s that look like each SKU, as the catalogue was last read: hints, to be asked for before they are named."""
    wanted = {sku: key for sku in skus if (key := near_misses.folded(sku))}
    if not wanted:
        return {}
    rows = CatalogueSku.objects.filter(connection=connection, side=Side.HEARTLAND, folded__in=set(wanted.values()))
    found: dict[str, list[str]] = defaultdict(list)
    for key, number in rows.values_list("folded", "sku"):
        found[key].append(number)
    return {sku: found[key] for sku, key in wanted.items()}


def customisations_settle(connection: Connection, order: Order, source: VariantSource) -> Order:
    """Tell the customisations on an order's lines from the choices that only name the variant.

    Variants are read once and kept: no call for lines without choices or with known variants, else one for all.
    """
    variants = variants_known(connection, (line.variant_id for line in order.lines if line.choices))
    if missing := unsettled_products(order, variants):
        variants |= variants_store(connection, source.variant_options(missing))
    return settle(order, variants)


def variants_known(connection: Connection, variant_ids: Iterable[str]) -> dict[str, list[VariantOption]]:
    """Options by variant id, as read before."""
    wanted = set(variant_ids)
    if not wanted:
        return {}  # most orders: wording a query that asks for nothing costs as much as one
    rows = StoreVariant.objects.filter(connection=connection, variant_id__in=wanted)
    return {row.variant_id: [VariantOption(**option) for option in row.options] for row in rows}


def variants_store(
    connection: Connection, variants: Mapping[str, Sequence[VariantOption]]
) -> dict[str, list[VariantOption]]:
    """Keep the options of variants just read, by variant id."""
    options = {variant: list(row) for variant, row in variants.items()}
    StoreVariant.objects.bulk_create(
        (
            StoreVariant(connection=connection, variant_id=variant_id, options=[asdict(option) for option in row])
            for variant_id, row in options.items()
        ),
        update_conflicts=True,
        unique_fields=["connection", "variant_id"],
        update_fields=["options", "read_at"],
    )
    return options


def value_map_paid_set(*, row: ValueMap, is_paid: bool, actor: User | None = None) -> None:
    """Say whether a payment method counts as paid when ordered. Noted in the audit trail."""
    with transaction.atomic():
        ValueMap.objects.filter(pk=row.pk).update(is_paid=is_paid)
        audit(
            merchant=row.connection.merchant,
            actor=actor,
            action="value_map.paid",
            subject=row,
            store=str(row.connection.store),
            source_value=row.source_value,
            is_paid=is_paid,
        )


def value_map_set(
    *,
    connection: Connection,
    kind: ValueMap.Kind,
    source_value: str,
    target_value: str,
    target_label: str = "",
    actor: User | None = None,
) -> ValueMap:
    """Map a value, or take its target away with ""; `*` is the default row. Noted in the audit trail."""
    with transaction.atomic():
        row, _ = ValueMap.objects.update_or_create(
            connection=connection,
            kind=kind,
            source_value=source_value.strip()[:VALUE_LENGTH],
            defaults={"target_value": target_value, "target_label": target_label},
        )
        audit(
            merchant=connection.merchant,
            actor=actor,
            action="value_map.set",
            subject=row,
            store=str(connection.store),
            kind=row.kind,
            source_value=row.source_value,
            target_value=target_value,
        )
    return row


def field_default_set(
    *, connection: Connection, group: str, key: str, value: str, actor: User | None = None
) -> FieldDefault | None:
    """Give a custom field a value, or take it away with "". Noted in the audit trail."""
    with transaction.atomic():
        row = None
        if value:
            row, _ = FieldDefault.objects.update_or_create(
                connection=connection, group=group, key=key, defaults={"value": value}
            )
        else:
            FieldDefault.objects.filter(connection=connection, group=group, key=key).delete()
        audit(
            merchant=connection.merchant,
            actor=actor,
            action="field_default.set",
            subject=f"{group}.{key}",
            store=str(connection.store),
            group=group,
            key=key,
            value=value,
        )
    return row


def stock_rule_set(
    *, connection: Connection, field: str, value: str, actor: User, location: Location | None = None, **kept: int
) -> StockRule:
    """Keep something back of a SKU (`field` is ""), of a category or at a location; `kept` are StockRule's numbers."""
    with transaction.atomic():
        rule, _ = StockRule.objects.update_or_create(
            connection=connection, field=field, value=value, location=location, defaults={**kept, "problem": ""}
        )
        audit(
            merchant=connection.merchant,
            actor=actor,
            action="stock_rule.set",
            subject=rule,
            store=str(connection.store),
            **kept,
        )
    return rule


def stock_rule_remove(*, connection: Connection, rule_id: int, actor: User) -> bool:
    """The store-wide rule holds again; False when there was no such rule."""
    with transaction.atomic():
        rule = StockRule.objects.filter(connection=connection, pk=rule_id).first()
        if rule is None:
            return False
        audit(
            merchant=connection.merchant,
            actor=actor,
            action="stock_rule.removed",
            subject=rule,
            store=str(connection.store),
        )
        rule.delete()
    return True
