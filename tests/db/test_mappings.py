"""Links, value maps, defaults and known variants in the database."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from connections.models import AuditEntry, Connection
from mappings import services
from mappings.core.bigcommerce.customised import variant_options
from mappings.core.bigcommerce.orders import order_from_bigcommerce
from mappings.core.canonical.order import VariantOption
from mappings.models import FieldDefault, Link, StoreVariant, ValueMap
from mappings.value_tables import ValueTables, uses_write
from tests import factories
from tests.unit.mappings.payloads import JSON, D, Priced, order_json
from tests.unit.mappings.test_customised import COLOR, STRAP

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection() -> Connection:
    return factories.connection(factories.merchant())


class Heartland:
    """Items by number, and the questions it was asked."""

    def __init__(self, **ids: int) -> None:
        self.ids = ids
        self.asked: list[list[str]] = []

    def items_by_numbers(self, skus: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        self.asked.append(list(skus))
        return {sku: {"id": self.ids[sku], "public_id": sku} for sku in skus if sku in self.ids}


class Store:
    """Variants by product, and the questions it was asked."""

    def __init__(self, *variants: JSON) -> None:
        self.variants = variants
        self.asked: list[list[str]] = []

    def variant_options(self, product_ids: Sequence[str]) -> Mapping[str, Sequence[VariantOption]]:
        self.asked.append(list(product_ids))
        return options_of(*self.variants)


def options_of(*variants: JSON) -> dict[str, Sequence[VariantOption]]:
    return {str(variant["id"]): variant_options(variant) for variant in variants}


ITEM = Link.Kind.ITEM


def link_item(connection: Connection, sku: str, item_id: str, number: str) -> Link:
    return services.link_store(connection, ITEM, source_id=sku, target_id=item_id, target_label=number)


def test_a_link_is_stored_found_replaced_and_dropped(connection: Connection) -> None:
    kind = Link.Kind.ORDER
    assert services.link_get(connection, kind, "10432") is None
    services.link_store(connection, kind, source_id="10432", target_id="100318", target_label="BC-10432")
    again = services.link_store(connection, kind, source_id="10432", target_id="100319", fingerprint="f")
    found = services.link_get(connection, kind, "10432")
    assert found == again
    assert (again.target_id, again.target_label, again.fingerprint) == ("100319", "", "f")
    services.link_drop(connection, kind, "10432")
    assert Link.objects.count() == 0


def test_two_store_orders_never_share_a_sales_order(connection: Connection) -> None:
    services.link_store(connection, Link.Kind.ORDER, source_id="1", target_id="100318")
    with pytest.raises(IntegrityError), transaction.atomic():
        services.link_store(connection, Link.Kind.ORDER, source_id="2", target_id="100318")
    assert Link.objects.get().source_id == "1"


def test_an_item_under_a_new_number_takes_its_link_along(connection: Connection) -> None:
    link_item(connection, "OLD", "100412", "OLD")
    link_item(connection, "NEW", "100412", "NEW")
    assert [link.source_id for link in Link.objects.all()] == ["NEW"]


def test_c32_an_item_may_have_several_listings(connection: Connection) -> None:
    link_item(connection, "CRD-SET", "100412", "CRD-SET")
    services.link_store(
        connection, ITEM, source_id="CRD-SET-B", target_id="100412", target_label="CRD-SET", is_by_hand=True
    )
    heartland = Heartland()
    skus = {"CRD-SET", "CRD-SET-B"}
    assert services.items_resolve(connection, skus, heartland) == dict.fromkeys(skus, "100412")
    assert heartland.asked == []


def test_a_renumbered_item_is_asked_for_and_gives_way_to_the_one_that_has_the_number(connection: Connection) -> None:
    link_item(connection, "A", "1", "A-OLD")
    heartland = Heartland()
    assert services.items_resolve(connection, {"A"}, heartland) == {"A": "1"}  # nobody else has the number
    heartland.ids["A"] = 2
    assert services.items_resolve(connection, {"A"}, heartland) == {"A": "2"}
    assert services.items_resolve(connection, {"A"}, heartland) == {"A": "2"}
    assert heartland.asked == [["A"], ["A"]]
    link = Link.objects.get()
    assert (link.target_id, link.target_label, link.is_by_hand) == ("2", "A", False)


def test_links_of_one_connection_stay_there(connection: Connection) -> None:
    other = factories.connection(factories.merchant("Other"))
    services.link_store(connection, Link.Kind.CUSTOMER, source_id="customer:7", target_id="1")
    services.link_store(other, Link.Kind.CUSTOMER, source_id="customer:7", target_id="2")
    assert services.link_get(connection, Link.Kind.CUSTOMER, "customer:7").target_id == "1"  # type: ignore[union-attr]
    services.link_drop(connection, Link.Kind.CUSTOMER, "customer:7")
    assert Link.objects.get().connection == other


def test_addresses_of_a_customer_are_forgotten_together(connection: Connection) -> None:
    for source_id in ("100220:aa", "100220:bb", "1002201:cc"):
        services.link_store(connection, Link.Kind.ADDRESS, source_id=source_id, target_id=source_id)
    services.addresses_drop(connection, "100220")
    assert [link.source_id for link in Link.objects.all()] == ["1002201:cc"]


def test_items_are_asked_for_once(connection: Connection) -> None:
    heartland = Heartland(A=1, B=2)
    assert services.items_resolve(connection, {"B", "A", "X"}, heartland) == {"A": "1", "B": "2"}
    assert services.items_resolve(connection, {"A", "B"}, heartland) == {"A": "1", "B": "2"}
    assert services.items_resolve(connection, {"X", "A"}, heartland) == {"A": "1"}
    assert services.items_resolve(connection, set(), heartland) == {}
    assert heartland.asked == [["A", "B", "X"], ["X"]]


def test_known_items_cost_one_query(connection: Connection, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    heartland = Heartland(**{f"S{n}": n for n in range(20)})
    services.items_resolve(connection, heartland.ids, heartland)
    with django_assert_num_queries(1):
        assert len(services.items_resolve(connection, heartland.ids, heartland)) == 20


def test_an_items_case_counts(connection: Connection) -> None:
    assert services.items_resolve(connection, {"cmp-ketl"}, Heartland(**{"CMP-KETL": 1})) == {}


def test_an_unseen_value_is_listed_once_and_counted(connection: Connection) -> None:
    kind = ValueMap.Kind.SHIPPING
    tables = ValueTables(connection)
    for _ in range(3):
        assert tables.resolve(kind, " Flat Rate ") == ""
    assert ValueMap.objects.get().seen == 0  # listed at once, counted later
    for _ in range(2):
        uses_write(connection.pk, tables.uses)
    row = ValueMap.objects.get()
    assert (row.source_value, row.target_value, row.seen) == ("Flat Rate", "", 3)
    assert row.last_seen_at is not None


def test_own_row_then_default_row_then_fallback(connection: Connection) -> None:
    kind = ValueMap.Kind.PAYMENT
    assert ValueTables(connection).resolve(kind, "Cheque", fallback="100009") == "100009"
    services.value_map_set(connection=connection, kind=kind, source_value="*", target_value="100010")
    assert ValueTables(connection).resolve(kind, "Cheque", fallback="100009") == "100010"
    services.value_map_set(connection=connection, kind=kind, source_value="Cheque", target_value="100011")
    assert ValueTables(connection).resolve(kind, "Cheque", fallback="100009") == "100011"
    assert ValueTables(connection).resolve(kind, "PayPal") == "100010"
    assert ValueTables(connection).resolve(ValueMap.Kind.SHIPPING, "Cheque") == ""


def test_a_long_value_is_kept_to_its_length(connection: Connection) -> None:
    tables = ValueTables(connection)
    assert tables.resolve(ValueMap.Kind.PAYMENT, "x" * 500, fallback="1") == "1"
    again = ValueTables(connection, tables.uses)
    assert again.resolve(ValueMap.Kind.PAYMENT, "x" * 500, fallback="1") == "1"
    uses_write(connection.pk, tables.uses)
    assert ValueMap.objects.get().seen == 2


def test_mapping_a_value_is_in_the_audit_trail(connection: Connection) -> None:
    person = factories.member(connection.merchant)
    services.value_map_set(
        connection=connection,
        kind=ValueMap.Kind.PAYMENT,
        source_value="Credit Card",
        target_value="100009",
        target_label="BigCommerce External payments",
        actor=person,
    )
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action) == (person, "value_map.set")
    assert entry.subject == "payment: Credit Card → BigCommerce External payments"
    said = {"kind": "payment", "source_value": "Credit Card", "target_value": "100009"}
    assert entry.detail == said | {"store": str(connection.store)}


def test_field_defaults_are_set_and_taken_away(connection: Connection) -> None:
    services.field_default_set(connection=connection, group="customer", key="tier", value="web")
    services.field_default_set(connection=connection, group="customer", key="tier", value="online")
    services.field_default_set(connection=connection, group="sales.order", key="channel", value="web")
    assert ValueTables(connection).field_defaults["customer"] == {"tier": "online"}
    assert services.field_default_set(connection=connection, group="customer", key="tier", value="") is None
    assert ValueTables(connection).field_defaults["customer"] == {}
    assert FieldDefault.objects.count() == 1
    assert AuditEntry.objects.count() == 4


def variant(variant_id: int, *options: tuple[int, str, int, str]) -> JSON:
    return {
        "id": variant_id,
        "option_values": [
            {"option_id": option_id, "option_display_name": name, "id": value_id, "label": label}
            for option_id, name, value_id, label in options
        ],
    }


def test_variants_are_read_once_and_settle_customisations(connection: Connection) -> None:
    order = order_from_bigcommerce(order_json(Priced(price=D(20), options=(COLOR, STRAP))))
    store = Store(variant(2200, (190, "Color", 611, "Black")), variant(2201, (190, "Color", 612, "Red")))
    settled = services.customisations_settle(connection, order, store)
    assert [(row.name, row.value) for row in settled.lines[0].customisations] == [("Strap", "Leather")]
    assert services.customisations_settle(connection, order, store) == settled
    assert store.asked == [["400"]]
    assert StoreVariant.objects.count() == 2


def test_an_order_without_choices_asks_nothing(connection: Connection) -> None:
    order = order_from_bigcommerce(order_json(Priced(price=D(20))))
    store = Store()
    assert services.customisations_settle(connection, order, store) == order
    assert store.asked == []


def test_a_variant_read_again_is_renewed(connection: Connection) -> None:
    services.variants_store(connection, options_of(variant(2200, (190, "Color", 611, "Black"))))
    services.variants_store(connection, options_of(variant(2200, (190, "Color", 611, "Jet"))))
    assert [option.value for option in services.variants_known(connection, ["2200"])["2200"]] == ["Jet"]
