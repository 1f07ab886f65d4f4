"""Calls of the routes of goods and stock (see test_schema.py)."""

from __future__ import annotations

from tests.sandbox.magento.goods_bodies import mug
from tests.sandbox.magento.magento_api import criteria
from tests.sandbox.magento.schema_sample import Samples, at, made
from tests.sandbox.magento.schema_world import World

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
ENTRY = {
    "media_type": "image",
    "label": "",
    "position": 1,
    "disabled": False,
    "types": [],
    "content": {"base64_encoded_data": PIXEL, "type": "image/png", "name": "a.png"},
}
TIER = {
    "price": 20,
    "price_type": "fixed",
    "website_id": 0,
    "sku": World.sku,
    "customer_group": "ALL GROUPS",
    "quantity": 5,
}
SPECIAL = {
    "price": 9,
    "store_id": 0,
    "sku": World.sku,
    "price_from": "2026-01-01 00:00:00",
    "price_to": "2036-01-01 00:00:00",
}
SKUS = {"skus": [World.sku]}
CHANNEL = {"type": "website", "code": "base"}
ITEM = {"sku": World.sku, "source_code": World.source, "quantity": 4, "status": 1}
NEW_SOURCE = {"source_code": "walker", "name": "Walker", "country_id": "US", "postcode": "48104", "enabled": True}
ATTRIBUTE = {
    "attribute_code": "walk",
    "frontend_input": "select",
    "default_frontend_label": "Walk",
    "is_required": False,
    "scope": "global",
    "options": [{"label": "Fast"}],
}


def axis(w: World) -> int:
    return int(w.product(w.configurable)["axes"][0]["id"])


def option(w: World) -> int:
    return int(w.state.options.find(attribute_id=w.size)[0]["id"])


def customised(w: World) -> tuple[str, int]:
    """A product with an option of its own, and the option."""
    row = next(iter(w.state.product_options.all()))
    product = w.state.products.get(row["product_id"])
    assert product is not None
    return product["sku"], row["id"]


def media(w: World) -> int:
    return int(w.state.media_entries.find(product_id=w.product(w.sku)["id"])[0]["id"])


def spare(w: World) -> str:
    """A simple product that is nobody's child."""
    return str(made(w, "/V1/products", mug(sku=w.plain, name="Walker's mug"))["sku"])


def bulk(w: World) -> str:
    sent = w.shop.call("POST", "/async/V1/inventory/source-items", {"sourceItems": [ITEM]})
    assert sent.status_code == 202, sent.text
    return str(sent.json()["bulk_uuid"])


GOODS: Samples = {
    "GET /V1/products/{sku}": lambda w: at(sku=w.configurable),
    "POST /V1/products": lambda w: at(body=mug()),
    "PUT /V1/products/{sku}": lambda w: at(body={"product": {"name": "Tee"}}, sku=w.sku),
    "DELETE /V1/products/{sku}": lambda w: at(sku=spare(w)),
    "POST /V1/products/{sku}/websites": lambda w: at(
        body={"productWebsiteLink": {"sku": w.sku, "website_id": 2}}, sku=w.sku
    ),
    "PUT /V1/products/{sku}/websites": lambda w: at(
        body={"productWebsiteLink": {"sku": w.sku, "website_id": 2}}, sku=w.sku
    ),
    "DELETE /V1/products/{sku}/websites/{websiteId}": lambda w: at(sku=w.sku, websiteId=1),
    "GET /V1/products/{sku}/media": lambda w: at(sku=w.sku),
    "GET /V1/products/{sku}/media/{entryId}": lambda w: at(sku=w.sku, entryId=media(w)),
    "POST /V1/products/{sku}/media": lambda w: at(body={"entry": ENTRY}, sku=w.sku),
    "PUT /V1/products/{sku}/media/{entryId}": lambda w: at(
        body={
            "entry": {
                "id": media(w),
                "media_type": "image",
                "label": "x",
                "position": 1,
                "disabled": False,
                "types": [],
            }
        },
        sku=w.sku,
        entryId=media(w),
    ),
    "DELETE /V1/products/{sku}/media/{entryId}": lambda w: at(sku=w.sku, entryId=media(w)),
    "GET /V1/products/{sku}/options": lambda w: at(sku=customised(w)[0]),
    "GET /V1/products/{sku}/options/{optionId}": lambda w: at(sku=customised(w)[0], optionId=customised(w)[1]),
    "DELETE /V1/products/{sku}/options/{optionId}": lambda w: at(sku=customised(w)[0], optionId=customised(w)[1]),
    "POST /V1/products/options": lambda w: at(
        body={"option": {"product_sku": w.sku, "title": "Note", "type": "field", "sort_order": 1, "is_require": False}}
    ),
    "PUT /V1/products/options/{optionId}": lambda w: at(
        body={
            "option": {
                "option_id": customised(w)[1],
                "product_sku": customised(w)[0],
                "title": "Note",
                "type": "field",
                "sort_order": 1,
                "is_require": False,
            }
        },
        optionId=customised(w)[1],
    ),
    "POST /V1/products/base-prices": lambda w: at(body={"prices": [{"price": 25, "store_id": 0, "sku": w.sku}]}),
    "POST /V1/products/base-prices-information": lambda w: at(body=SKUS),
    "POST /V1/products/cost": lambda w: at(body={"prices": [{"cost": 9, "store_id": 0, "sku": w.sku}]}),
    "POST /V1/products/cost-information": lambda w: at(body=SKUS),
    "POST /V1/products/cost-delete": lambda w: at(body=SKUS),
    "POST /V1/products/special-price": lambda w: at(body={"prices": [SPECIAL]}),
    "POST /V1/products/special-price-information": lambda w: (
        made(w, "/V1/products/special-price", {"prices": [SPECIAL]}),
        at(body=SKUS),
    )[1],
    "POST /V1/products/special-price-delete": lambda w: (
        made(w, "/V1/products/special-price", {"prices": [SPECIAL]}),
        at(body={"prices": [SPECIAL]}),
    )[1],
    "POST /V1/products/tier-prices": lambda w: at(body={"prices": [TIER]}),
    "PUT /V1/products/tier-prices": lambda w: at(body={"prices": [TIER]}),
    "POST /V1/products/tier-prices-delete": lambda w: (
        made(w, "/V1/products/tier-prices", {"prices": [TIER]}),
        at(body={"prices": [TIER]}),
    )[1],
    "POST /V1/products/tier-prices-information": lambda w: (
        made(w, "/V1/products/tier-prices", {"prices": [TIER]}),
        at(body=SKUS),
    )[1],
    "GET /V1/products/attributes/{attributeCode}": lambda w: at(attributeCode="color"),
    "POST /V1/products/attributes": lambda w: at(body={"attribute": ATTRIBUTE}),
    "PUT /V1/products/attributes/{attributeCode}": lambda w: at(
        body={"attribute": {"attribute_code": "color", "default_frontend_label": "Colour", "frontend_input": "select"}},
        attributeCode="color",
    ),
    "DELETE /V1/products/attributes/{attributeCode}": lambda w: (
        made(w, "/V1/products/attributes", {"attribute": ATTRIBUTE}),
        at(attributeCode="walk"),
    )[1],
    "GET /V1/products/attributes/{attributeCode}/options": lambda w: at(attributeCode="color"),
    "POST /V1/products/attributes/{attributeCode}/options": lambda w: at(
        body={"option": {"label": "Mauve", "sort_order": 9}}, attributeCode="color"
    ),
    "PUT /V1/products/attributes/{attributeCode}/options/{optionId}": lambda w: at(
        body={"option": {"label": "Tiny"}}, attributeCode="size", optionId=option(w)
    ),
    "DELETE /V1/products/attributes/{attributeCode}/options/{optionId}": lambda w: at(
        attributeCode="size", optionId=option(w)
    ),
    "GET /V1/products/attribute-sets/{attributeSetId}": lambda w: at(attributeSetId=w.set_id),
    "GET /V1/products/attribute-sets/{attributeSetId}/attributes": lambda w: at(attributeSetId=w.set_id),
    "POST /V1/products/attribute-sets": lambda w: at(
        body={"attributeSet": {"attribute_set_name": "Walk", "sort_order": 1}, "skeletonId": w.set_id}
    ),
    "POST /V1/products/attribute-sets/groups": lambda w: at(
        body={"group": {"attribute_group_name": "Walk", "attribute_set_id": w.set_id}}
    ),
    "POST /V1/products/attribute-sets/attributes": lambda w: (
        made(w, "/V1/products/attributes", {"attribute": ATTRIBUTE}),
        at(body={"attributeSetId": w.set_id, "attributeGroupId": 7, "attributeCode": "walk", "sortOrder": 9}),
    )[1],
    "DELETE /V1/products/attribute-sets/{attributeSetId}/attributes/{attributeCode}": lambda w: (
        made(w, "/V1/products/attributes", {"attribute": ATTRIBUTE}),
        made(
            w,
            "/V1/products/attribute-sets/attributes",
            {"attributeSetId": w.set_id, "attributeGroupId": 7, "attributeCode": "walk", "sortOrder": 9},
        ),
        at(attributeSetId=w.set_id, attributeCode="walk"),
    )[2],
    "GET /V1/configurable-products/{sku}/options/all": lambda w: at(sku=w.configurable),
    "GET /V1/configurable-products/{sku}/options/{id}": lambda w: at(sku=w.configurable, id=axis(w)),
    "POST /V1/configurable-products/{sku}/options": lambda w: at(
        body={"option": {"attribute_id": str(w.color), "label": "Color", "values": [{"value_index": 107}]}},
        sku=made(w, "/V1/products", mug(sku="WALK-C", name="C", type_id="configurable"))["sku"],
    ),
    "PUT /V1/configurable-products/{sku}/options/{id}": lambda w: at(
        body={"option": {"attribute_id": str(w.size), "label": "Fit", "values": [{"value_index": 100}]}},
        sku=w.configurable,
        id=axis(w),
    ),
    "DELETE /V1/configurable-products/{sku}/options/{id}": lambda w: at(sku=w.configurable, id=axis(w)),
    "GET /V1/configurable-products/{sku}/children": lambda w: at(sku=w.configurable),
    "POST /V1/configurable-products/{sku}/child": lambda w: (
        w.shop.delete(f"/V1/configurable-products/{w.configurable}/children/{w.sku}"),
        at(body={"childSku": w.sku}, sku=w.configurable),
    )[1],
    "DELETE /V1/configurable-products/{sku}/children/{childSku}": lambda w: at(sku=w.configurable, childSku=w.sku),
    "GET /V1/bundle-products/{sku}/options/all": lambda w: at(sku=w.bundle),
    "GET /V1/bundle-products/{sku}/options/{optionId}": lambda w: at(sku=w.bundle, optionId=1),
    "GET /V1/bundle-products/{productSku}/children": lambda w: at(productSku=w.bundle),
    "GET /V1/categories/{categoryId}": lambda w: at(categoryId=3),
    "POST /V1/categories": lambda w: at(body={"category": {"name": "Walks", "parent_id": 2, "is_active": True}}),
    "PUT /V1/categories/{id}": lambda w: at(body={"category": {"name": "Walks"}}, id=3),
    "DELETE /V1/categories/{categoryId}": lambda w: at(categoryId=50),
    "GET /V1/categories/{categoryId}/products": lambda w: at(categoryId=3),
    "POST /V1/categories/{categoryId}/products": lambda w: at(
        body={"productLink": {"sku": w.sku, "position": 1, "category_id": "28"}}, categoryId=28
    ),
    "PUT /V1/categories/{categoryId}/products": lambda w: at(
        body={"productLink": {"sku": w.sku, "position": 1, "category_id": "28"}}, categoryId=28
    ),
    "DELETE /V1/categories/{categoryId}/products/{sku}": lambda w: at(categoryId=3, sku=w.sku),
}
STOCK: Samples = {
    "POST /V1/inventory/source-items": lambda w: at(body={"sourceItems": [ITEM]}),
    "POST /V1/inventory/source-items-delete": lambda w: at(body={"sourceItems": [ITEM]}),
    "GET /V1/inventory/sources/{sourceCode}": lambda w: at(sourceCode=w.source),
    "POST /V1/inventory/sources": lambda w: at(body={"source": NEW_SOURCE}),
    "PUT /V1/inventory/sources/{sourceCode}": lambda w: at(
        body={"source": {"name": "Harbor", "country_id": "US", "postcode": "78701"}}, sourceCode=w.source
    ),
    "POST /V1/inventory/stock-source-links": lambda w: (
        made(w, "/V1/inventory/sources", {"source": NEW_SOURCE}),
        at(body={"links": [{"source_code": "walker", "stock_id": w.stock, "priority": 9}]}),
    )[1],
    "POST /V1/inventory/stock-source-links-delete": lambda w: at(
        body={"links": [{"source_code": w.source, "stock_id": w.stock}]}
    ),
    "GET /V1/inventory/get-sources-assigned-to-stock-ordered-by-priority/{stockId}": lambda w: at(stockId=w.stock),
    "GET /V1/inventory/stocks/{stockId}": lambda w: at(stockId=w.stock),
    "POST /V1/inventory/stocks": lambda w: at(body={"stock": {"name": "Walk"}}),
    "PUT /V1/inventory/stocks/{stockId}": lambda w: at(
        body={"stock": {"name": "Walk", "extension_attributes": {"sales_channels": [CHANNEL]}}}, stockId=w.stock
    ),
    "DELETE /V1/inventory/stocks/{stockId}": lambda w: at(
        stockId=made(w, "/V1/inventory/stocks", {"stock": {"name": "Walk"}})
    ),
    "GET /V1/inventory/stock-resolver/{type}/{code}": lambda w: at(type="website", code="base"),
    "GET /V1/inventory/get-product-salable-quantity/{sku}/{stockId}": lambda w: at(sku=w.sku, stockId=w.stock),
    "GET /V1/inventory/is-product-salable/{sku}/{stockId}": lambda w: at(sku=w.sku, stockId=w.stock),
    "GET /V1/inventory/is-product-salable-for-requested-qty/{sku}/{stockId}/{requestedQty}": lambda w: at(
        sku=w.sku, stockId=w.stock, requestedQty=1
    ),
    "GET /V1/inventory/are-products-salable": lambda w: at(f"?skus[0]={w.sku}&stockId={w.stock}"),
    "GET /V1/inventory/export-stock-salable-qty/{salesChannelType}/{salesChannelCode}": lambda w: at(
        criteria(size=3), salesChannelType="website", salesChannelCode="base"
    ),
    "GET /V1/inventory/dump-stock-index-data/{salesChannelType}/{salesChannelCode}": lambda w: at(
        salesChannelType="website", salesChannelCode="base"
    ),
    "GET /V1/stockItems/{productSku}": lambda w: at(productSku=w.sku),
    "GET /V1/stockStatuses/{productSku}": lambda w: at(productSku=w.sku),
    "PUT /V1/products/{productSku}/stockItems/{itemId}": lambda w: at(
        body={"stockItem": {"qty": 7, "is_in_stock": True}}, productSku=w.sku, itemId=1
    ),
    "GET /V1/stockItems/lowStock": lambda w: at("?scopeId=0&qty=5&pageSize=3"),
    "GET /V1/bulk/{bulkUuid}/status": lambda w: at(bulkUuid=bulk(w)),
    "GET /V1/bulk/{bulkUuid}/detailed-status": lambda w: at(bulkUuid=bulk(w)),
    "GET /V1/bulk/{bulkUuid}/operation-status/{status}": lambda w: at(bulkUuid=bulk(w), status=1),
    "GET /V1/bulk": lambda w: (bulk(w), at(criteria(size=3)))[1],
}
