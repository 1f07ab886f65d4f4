"""Where the orders are: each in one stage, and each count with the list of exactly these."""

from decimal import Decimal
from typing import Any

import pytest

from syncjobs.models import Record
from syncjobs.pages.orders.pipeline import STAGES, pipeline
from tests import factories
from tests.screens.conftest import Shop

State = Record.Disposition
ORDERS: list[tuple[str, State, dict[str, Any]]] = [
    ("coming", State.IN_FLIGHT, {}),
    ("coming", State.RETRYING, {}),
    ("waiting", State.HELD, {}),
    ("waiting", State.DEAD, {}),
    ("distribute", State.BOOKED, {"is_distributed": False}),
    ("packing", State.BOOKED, {"is_distributed": True}),
    ("partly", State.BOOKED, {"source_status": "Partially Shipped"}),
    ("distribute", State.BOOKED, {"source_status": "Partially Shipped", "is_distributed": False, "to_distribute": 1}),
    ("left", State.BOOKED, {"source_status": "Partially Shipped", "is_distributed": False, "to_distribute": 0}),
    ("shipped", State.BOOKED, {"source_status": "Shipped"}),
    ("left", State.BOOKED, {"source_status": "Completed", "is_distributed": False}),
    ("ended", State.BOOKED, {"source_status": "Refunded"}),
    ("ended", State.CANCELLED, {}),
    ("ended", State.SKIPPED, {"source_status": "Shipped"}),
]


@pytest.fixture
def filled(shop: Shop) -> Shop:
    for number, (_, state, fields) in enumerate(ORDERS):
        factories.order(shop.connection, str(10000 + number), state, **{"is_distributed": True} | fields)
    return shop


def test_every_order_is_in_exactly_one_stage(filled: Shop) -> None:
    found = dict(zip(STAGES, pipeline(filled.connection), strict=True))
    assert {key: stage.count for key, stage in found.items()} == {
        key: sum(one == key for one, _, _ in ORDERS) for key in STAGES
    }
    money = sum((total for stage in found.values() for _, total in stage.money), Decimal(0))
    assert money == sum((row.source_total or Decimal(0) for row in Record.objects.all()), Decimal(0))


def test_an_order_that_the_store_never_had_is_in_no_stage_as_in_no_list(filled: Shop) -> None:
    factories.order(filled.connection, "20000", State.SKIPPED, code="not_in_store", source_placed_at=None)
    assert sum(stage.count for stage in pipeline(filled.connection)) == len(ORDERS)
    assert "20000" not in filled.client().get("/orders/").content.decode()


def test_the_money_of_a_stage_is_summed_by_currency(filled: Shop) -> None:
    factories.order(filled.connection, "20000", State.HELD, source_total=Decimal("7.00"), currency="EUR")
    (stage,) = [one for one in pipeline(filled.connection) if one.name == "Needs you"]
    held = Record.objects.filter(disposition__in=(State.HELD, State.DEAD), currency="USD")
    assert stage.count == 3
    assert stage.money == (("EUR", Decimal("7.00")), ("USD", sum(row.source_total or 0 for row in held)))


@pytest.mark.parametrize("key", STAGES)
def test_each_count_leads_to_its_orders(filled: Shop, key: str) -> None:
    client = filled.client()
    page = client.get(filled.at("fulfillment/")).content.decode()
    (stage,) = [one for one in pipeline(filled.connection) if f"stage={key}&" in one.href]
    assert stage.href.replace("&", "&amp;") in page
    rows = client.get(stage.href).context["rows"]
    assert [row.external_id for row in rows] == [
        str(10000 + number) for number, (one, _, _) in reversed(list(enumerate(ORDERS))) if one == key
    ]
