"""A killed shop is there again: goods, stock, reservations and what waits in the queue (apis/magento.md §22)."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import requests

from ipaas.sandbox.magento.app import build_app
from ipaas.sandbox.magento.goods.product_rows import product_by_sku, product_shape
from ipaas.sandbox.magento.goods.product_save import product_save
from ipaas.sandbox.magento.inventory.stock_levels import reservation_add, salable, source_item_set
from ipaas.sandbox.magento.service import Magento
from tests.sandbox.conftest import Running

ORDER = {"entity_id": 412, "increment_id": "000000412"}


def begun(folder: Path) -> Magento:
    service: Magento = build_app(folder).service
    service.start()
    return service


def seen(service: Magento) -> Any:
    """Every product as answered, and what can be sold of one."""
    state = service.state
    shapes = [product_shape(state, row, 2) for row in state.products.all()]
    return shapes, salable(state, "AXE-FELL", 2), len(state.reservations), list(state.url_keys.all())


def test_goods_and_stock_are_the_same_after_a_kill(tmp_path: Path) -> None:
    first = begun(tmp_path)
    with first.transaction():
        body = {"sku": "AXE-FELL", "price": Decimal("91.50"), "name": "Axt", "tier_prices": []}
        product_save(first.state, first.state.store_views.get(2) or {}, body)
        source_item_set(first.state, "AXE-FELL", "depot", Decimal("4.5"), 1)
        reservation_add(first.state, "AXE-FELL", 2, Decimal(-2), "order_placed", ORDER)
    before = seen(first)
    first.stop()
    second = begun(tmp_path)
    after = seen(second)
    name = product_shape(second.state, product_by_sku(second.state, "axe-fell"), 2)["name"]
    second.stop()
    assert after == before
    assert (name, after[1]) == ("Axt", Decimal("3.5"))


def test_a_token_that_admin_allowed_opens_the_same_after_a_kill(tmp_path: Path) -> None:
    """Admin's own website and view are numbered 0: without them no address below /rest/all is there."""
    first = Running(build_app(tmp_path))
    requests.post(f"{first.url}/admin/integrations/bearer", data={"on": "on"}, timeout=5)
    first.close()
    second = Running(build_app(tmp_path))
    header = {"Authorization": "Bearer sandboxaccesstoken00000000000001"}
    answer = requests.get(f"{second.url}/rest/all/V1/store/websites", headers=header, timeout=5)
    second.close()
    assert (answer.status_code, [row["id"] for row in answer.json()]) == (200, [0, 1, 2])


def test_the_queue_goes_on_after_a_kill(tmp_path: Path) -> None:
    first = begun(tmp_path)
    first.switches.set({"consumer_running": False})
    with first.transaction():
        first.save_engine()
        operation = first.state.operations.insert(
            {
                "bulk_id": 1,
                "number": 0,
                "method": "POST",
                "path": "/V1/inventory/source-items",
                "store_id": 0,
                "path_values": {},
                "body": {"sourceItems": [{"sku": "Q", "source_code": "depot", "quantity": 3, "status": 1}]},
                "base_url": "",
                "status": 4,
            }
        )
        first.state.queue.insert({"due": 0, "operation_id": operation["id"]})
    first.stop()
    second = begun(tmp_path)
    waiting = [row["status"] for row in second.state.operations.all()]
    second.switches.set({"consumer_running": True})
    second.consumer.run_due()
    done = [row["status"] for row in second.state.operations.all()]
    held = second.state.source_items.first(sku_key="q") or {}
    second.stop()
    assert (waiting, done, held["quantity"]) == ([4], [1], 3)
