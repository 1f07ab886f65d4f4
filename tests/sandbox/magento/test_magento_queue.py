"""Asynchronous and bulk calls, their statuses, a consumer that fails in its ways (apis/magento.md §16, case M17)."""

import re

from tests.sandbox.magento.goods_bodies import mug, product, source_items
from tests.sandbox.magento.magento_api import Api, criteria

UUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")


def rows(count: int, quantity: int = 7) -> list[dict[str, object]]:
    return [
        {"sourceItems": [{"sku": f"BULK-{n}", "source_code": "depot", "quantity": quantity, "status": 1}]}
        for n in range(count)
    ]


def queued(shop: Api, count: int, **switches: object) -> str:
    shop.switch(**switches)
    answer = shop.post("/async/bulk/V1/inventory/source-items", rows(count), store="all")
    assert answer.status_code == 202, answer.text
    return str(answer.json()["bulk_uuid"])


def statuses(shop: Api, uuid: str) -> list[int]:
    return [row["status"] for row in shop.get(f"/V1/bulk/{uuid}/status").json()["operations_list"]]


def written(shop: Api) -> int:
    found = shop.get("/V1/inventory/source-items" + criteria([[("sku", "like", "BULK-%")]], size=1)).json()
    return int(found["total_count"])


def test_a_queued_call_is_accepted_and_then_done(shop: Api) -> None:
    shop.switch(consumer_running=False)
    body = {"sourceItems": [{"sku": "AXE-FELL", "source_code": "depot", "quantity": 9, "status": 1}]}
    answer = shop.post("/async/V1/inventory/source-items", body, store="all")
    given = answer.json()
    (item,) = given["request_items"]
    assert (answer.status_code, given["errors"], bool(UUID.match(given["bulk_uuid"]))) == (202, False, True)
    assert (item["id"], item["status"], len(item["data_hash"])) == (0, "accepted", 64)
    status = shop.get(f"/V1/bulk/{given['bulk_uuid']}/status").json()
    assert status == {
        "operations_list": [{"id": 0, "status": 4, "result_message": None, "error_code": None}],
        "user_type": 1,
        "bulk_id": given["bulk_uuid"],
        "description": "Topic async.magento.inventoryapi.api.sourceitemssaveinterface.execute.post",
        "start_time": status["start_time"],
        "user_id": 1,
        "operation_count": 1,
    }
    assert source_items(shop, "AXE-FELL")["depot"] == (0, 0)
    shop.switch(consumer_running=True)
    done = shop.get(f"/V1/bulk/{given['bulk_uuid']}/status").json()["operations_list"]
    message = "Service execution success Magento\\InventoryApi\\Api\\SourceItemsSaveInterface::execute"
    assert done == [{"id": 0, "status": 1, "result_message": message, "error_code": None}]
    assert source_items(shop, "AXE-FELL")["depot"] == (9, 1)


def test_path_values_travel_in_each_element(shop: Api) -> None:
    bodies = [{"sku": "AXE-FELL", "product": {"price": 90}}, {"product": {"sku": "0417", "price": 9}}]
    answer = shop.put("/async/bulk/V1/products/bySku", bodies, store="all")
    assert (answer.status_code, len(answer.json()["request_items"])) == (202, 2)
    assert statuses(shop, answer.json()["bulk_uuid"]) == [1, 1]
    assert [product(shop, sku)["price"] for sku in ("AXE-FELL", "0417")] == [90, 9]
    nameless = shop.put("/async/bulk/V1/products/bySku", [{"product": {"price": 1}}], store="all")
    assert (nameless.status_code, nameless.json()["parameters"]) == (400, {"fieldName": "sku"})


def test_a_refused_operation_fails_alone_and_leaves_nothing(shop: Api) -> None:
    bodies = [mug(), mug(sku="TRL-MUG-2", name="Trail Mug 2", attribute_set_id=77), mug(sku="TRL-MUG-3", name="Third")]
    uuid = shop.post("/async/bulk/V1/products", bodies, store="all").json()["bulk_uuid"]
    detailed = shop.get(f"/V1/bulk/{uuid}/detailed-status").json()["operations_list"]
    assert [(row["status"], row["error_code"]) for row in detailed] == [(1, None), (3, 0), (1, None)]
    assert detailed[1]["result_message"] == "Invalid product data: %1"
    assert '"TRL-MUG-2"' in detailed[1]["serialized_data"].replace("\\", "")
    assert detailed[0]["topic_name"] == "async.magento.catalog.api.productrepositoryinterface.save.post"
    assert [shop.get(f"/V1/bulk/{uuid}/operation-status/{status}").json() for status in (1, 3, 4)] == [2, 1, 0]
    assert [shop.get(f"/V1/products/TRL-MUG{end}").status_code for end in ("", "-2", "-3")] == [200, 404, 200]
    found = shop.get("/V1/bulk" + criteria([[("status", "eq", "3")]])).json()
    assert [row["bulk_uuid"] for row in found["items"]] == [uuid]


def test_one_element_that_cannot_be_read_queues_nothing(shop: Api) -> None:
    wrong = {"sourceItems": [{"sku": "BULK-9", "source_code": "depot", "quantity": "many", "status": 1}]}
    answer = shop.post("/async/bulk/V1/inventory/source-items", [*rows(2), wrong], store="all")
    assert (answer.status_code, len(shop.state.bulks), len(shop.state.operations)) == (400, 0, 0)
    assert written(shop) == 0
    assert shop.post("/async/bulk/V1/inventory/source-items", {"sourceItems": []}, store="all").status_code == 400


def test_nothing_is_read_through_the_queue(shop: Api) -> None:
    answer = shop.get("/async/V1/products?searchCriteria=", store="all")
    assert (answer.status_code, answer.json()) == (400, {"message": "Specified request cannot be processed."})
    assert shop.get("/V1/bulk/00000000-0000-0000-0000-000000000000/status").status_code == 404


def test_a_stopped_consumer_leaves_everything_open(shop: Api) -> None:
    uuid = queued(shop, 3, consumer_running=False)
    shop.session.post(f"{shop.url}/_sim/clock/advance", json={"seconds": 86_400}, timeout=10)
    assert (statuses(shop, uuid), written(shop)) == ([4, 4, 4], 0)


def test_work_that_is_done_may_stay_open_in_the_books(shop: Api) -> None:
    """Case M17: 340 of 500 are applied, all 500 say open."""
    uuid = queued(shop, 500, consumer_leaves_open=True, consumer_stops_after=340)
    assert (set(statuses(shop, uuid)), len(statuses(shop, uuid)), written(shop)) == ({4}, 500, 340)


def test_a_slow_consumer_comes_to_operations_by_the_clock(shop: Api) -> None:
    shop.session.put(f"{shop.url}/_sim/clock", json={"frozen_at": "2026-03-02T12:00:00+00:00"}, timeout=10)
    uuid = queued(shop, 10, consumer_delay_ms=5_000, consumer_per_second=2)
    assert statuses(shop, uuid).count(1) == 0
    for seconds, done in ((5, 1), (1, 3), (2, 7), (10, 10)):
        shop.session.post(f"{shop.url}/_sim/clock/advance", json={"seconds": seconds}, timeout=10)
        assert statuses(shop, uuid).count(1) == done
    assert written(shop) == 10


def test_rejected_elements_are_told_at_once_and_never_done(shop: Api) -> None:
    shop.switch(bulk_rejects=1)
    given = shop.post("/async/bulk/V1/inventory/source-items", rows(2), store="all").json()
    assert (given["errors"], [row["status"] for row in given["request_items"]]) == (True, ["accepted", "rejected"])
    assert given["request_items"][1]["error_message"] == "Error processing 1 element of input data"
    assert (statuses(shop, given["bulk_uuid"]), written(shop)) == ([1, 5], 1)
