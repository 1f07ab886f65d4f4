"""A call for each route that is served: path values, query and body, made in a `World` (see test_schema.py)."""

from __future__ import annotations

import base64
from typing import Any

from tests.sandbox.magento.magento_api import criteria
from tests.sandbox.magento.schema_sample import Samples, at, made
from tests.sandbox.magento.schema_samples_goods import GOODS, STOCK
from tests.sandbox.magento.schema_world import PERSON, World

COMMENT = {"comment": "Told", "is_customer_notified": 0, "is_visible_on_front": 0}
LOGIN = {"username": "admin", "password": "Harbor-and-Pine-1"}
SHOPPER = {"username": World.email, "password": World.password}
EVENT = {
    "name": "observer.sales_order_save_commit_after",
    "parent": "",
    "fields": [{"name": "entity_id"}],
    "rules": [],
    "destination": "default",
    "priority": True,
    "hipaa_audit_required": False,
    "provider_id": "",
}
HOOK = {
    "webhook_method": "plugin.a",
    "webhook_type": "after",
    "batch_name": "b",
    "hook_name": "h",
    "url": "https://a.test",
}
EVENTING: Samples = {
    "POST /V1/eventing/eventSubscribe": lambda w: at(body={"event": EVENT}),
    "PUT /V1/eventing/eventSubscribe/{name}": lambda w: at(body={"event": EVENT}, name=subscribed(w)),
    "POST /V1/eventing/eventUnsubscribe/{name}": lambda w: at(name=subscribed(w)),
    "GET /V1/eventing/getEventSubscriptions": lambda w: (subscribed(w), at())[1],
    "POST /V1/webhooks/subscribe": lambda w: at(body={"webhook": HOOK}),
    "POST /V1/webhooks/unsubscribe": lambda w: at(body={"webhook": HOOK}),
}


def subscribed(w: World) -> str:
    made(w, "/V1/eventing/eventSubscribe", {"event": EVENT})
    return str(EVENT["name"])


STORE: Samples = {
    "GET /V1/directory/countries/{countryId}": lambda w: at(countryId="US"),
    "POST /V1/integration/admin/token": lambda w: at(body=LOGIN, expected=400),  # wants the second factor
    "POST /V1/tfa/provider/google/authenticate": lambda w: at(body={**LOGIN, "otp": "123456"}),
    "POST /V1/integration/customer/token": lambda w: (w.customer, at(body=SHOPPER))[1],
    "POST /V1/integration/customer/revoke-customer-token": lambda w: at(token=w.token),
    "GET /V1/taxClasses/{taxClassId}": lambda w: at(taxClassId=2),
    "GET /V1/taxRates/{rateId}": lambda w: at(rateId=1),
    "GET /V1/taxRules/{ruleId}": lambda w: at(ruleId=1),
}
SALES: Samples = {
    "GET /V1/orders/{id}": lambda w: at(id=w.order),
    "GET /V1/orders": lambda w: (w.memo, w.paid, w.shipment, at(criteria(size=5)))[3],
    "GET /V1/orders/items/{id}": lambda w: at(id=w.item),
    "GET /V1/orders/items": lambda w: (w.order, at(criteria(size=3)))[1],
    "POST /V1/orders": lambda w: at(body={"entity": {"entity_id": w.order, "ext_order_id": "HR-1"}}),
    "PUT /V1/orders/create": lambda w: at(body={"entity": {"entity_id": w.order, "ext_order_id": "HR-1"}}),
    "PUT /V1/orders/{parent_id}": lambda w: at(body={"entity": {**address(w), "city": "Ann Arbor"}}, parent_id=w.order),
    "POST /V1/orders/{id}/cancel": lambda w: at(id=w.order),
    "POST /V1/orders/{id}/hold": lambda w: at(id=w.order),
    "POST /V1/orders/{id}/unhold": lambda w: (w.shop.post(f"/V1/orders/{w.order}/hold"), at(id=w.order))[1],
    "POST /V1/orders/{id}/emails": lambda w: at(id=w.order),
    "GET /V1/orders/{id}/statuses": lambda w: at(id=w.order),
    "GET /V1/orders/{id}/comments": lambda w: at(id=w.order),
    "POST /V1/orders/{id}/comments": lambda w: at(
        body={"statusHistory": {**COMMENT, "parent_id": w.order, "status": "pending"}}, id=w.order
    ),
    "POST /V1/order/{orderId}/invoice": lambda w: at(body={}, orderId=w.order),
    "GET /V1/invoices/{id}": lambda w: at(id=w.invoice),
    "GET /V1/invoices": lambda w: (w.invoice, at(criteria(size=3)))[1],
    "POST /V1/invoices": lambda w: at(
        body={"entity": {"order_id": w.order, "grand_total": 1, "items": [], "total_qty": 0}}
    ),
    "POST /V1/invoices/{id}/capture": lambda w: at(id=w.invoice, expected=400),
    "POST /V1/invoices/{id}/void": lambda w: at(id=w.invoice, expected=400),
    "POST /V1/invoices/{id}/emails": lambda w: at(id=w.invoice),
    "GET /V1/invoices/{id}/comments": lambda w: at(id=w.invoice),
    "POST /V1/invoices/comments": lambda w: at(body={"entity": {**COMMENT, "parent_id": w.invoice}}),
    "POST /V1/order/{orderId}/ship": lambda w: at(
        body={
            "items": [{"order_item_id": w.item, "qty": 1}],
            "arguments": {"extension_attributes": {"source_code": w.source}},
        },
        orderId=w.order,
    ),
    "GET /V1/shipment/{id}": lambda w: at(id=w.shipment),
    "GET /V1/shipments": lambda w: (w.shipment, at(criteria(size=3)))[1],
    "POST /V1/shipment/track": lambda w: at(
        body={
            "entity": {
                "order_id": w.order,
                "parent_id": w.shipment,
                "track_number": "2",
                "title": "UPS",
                "carrier_code": "ups",
                "weight": 1,
                "qty": 1,
                "description": "x",
            }
        }
    ),
    "DELETE /V1/shipment/track/{id}": lambda w: at(id=w.track),
    "POST /V1/shipment/{id}/emails": lambda w: at(id=w.shipment),
    "GET /V1/shipment/{id}/label": lambda w: at(id=w.shipment),
    "GET /V1/shipment/{id}/comments": lambda w: at(id=w.shipment),
    "POST /V1/shipment/{id}/comments": lambda w: at(
        body={"entity": {**COMMENT, "parent_id": w.shipment}}, id=w.shipment
    ),
    "POST /V1/shipment": lambda w: at(
        body={"entity": {"order_id": w.order, "items": [{"order_item_id": w.item, "qty": 1}]}}
    ),
    "POST /V1/order/notify-orders-are-ready-for-pickup": lambda w: at(body={"orderIds": [w.order]}),
    "POST /V1/order/{orderId}/refund": lambda w: (
        w.invoice,
        at(body={"items": [{"order_item_id": w.item, "qty": 1}], "arguments": {"shipping_amount": 0}}, orderId=w.order),
    )[1],
    "POST /V1/invoice/{invoiceId}/refund": lambda w: at(
        body={"items": [{"order_item_id": w.item, "qty": 1}], "isOnline": False}, invoiceId=w.invoice
    ),
    "GET /V1/creditmemo/{id}": lambda w: at(id=w.memo),
    "GET /V1/creditmemos": lambda w: (w.memo, at(criteria(size=3)))[1],
    "PUT /V1/creditmemo/{id}": lambda w: at(id=w.memo, expected=400),
    "POST /V1/creditmemo": lambda w: at(body={"entity": {"order_id": w.order, "items": []}}),
    "POST /V1/creditmemo/refund": lambda w: (
        w.invoice,
        at(
            body={
                "creditmemo": {
                    "order_id": w.order,
                    "grand_total": 24,
                    "base_grand_total": 24,
                    "items": [{"order_item_id": w.item, "qty": 1}],
                }
            }
        ),
    )[1],
    "POST /V1/creditmemo/{id}/emails": lambda w: at(id=w.memo),
    "GET /V1/creditmemo/{id}/comments": lambda w: at(id=w.memo),
    "POST /V1/creditmemo/{id}/comments": lambda w: at(body={"entity": {**COMMENT, "parent_id": w.memo}}, id=w.memo),
    "GET /V1/transactions/{id}": lambda w: at(id=w.transaction),
    "GET /V1/transactions": lambda w: (w.transaction, at(criteria(size=3)))[1],
}


def address(w: World) -> dict[str, Any]:
    """The order's billing address as it is."""
    row = w.state.addresses.find(parent_id=w.order)[0]
    names = (
        "entity_id",
        "address_type",
        "firstname",
        "lastname",
        "street",
        "city",
        "postcode",
        "country_id",
        "telephone",
    )
    return {name: row[name] for name in names}


GROUP = {"code": "Walkers", "tax_class_id": 3}
MOVED = {"customer": {**PERSON, "email": World.email, "firstname": "Walter"}}
CREDIT = {"_email": World.email, "_website": "base", "_finance_website": "base", "store_credit": 5, "reward_points": 0}
CSV = base64.b64encode(f"{','.join(CREDIT)}\n{','.join(map(str, CREDIT.values()))}\n".encode()).decode()
IMPORT = {
    "entity": "customer_finance",
    "behavior": "add_update",
    "validation_strategy": "validation-stop-on-errors",
    "allowed_error_count": "1",
}
PEOPLE: Samples = {
    "GET /V1/customers/{customerId}": lambda w: at(customerId=w.customer),
    "POST /V1/customers": lambda w: at(body={"customer": {**PERSON, "email": "new@example.com"}}),
    "PUT /V1/customers/{customerId}": lambda w: at(body=MOVED, customerId=w.customer),
    "DELETE /V1/customers/{customerId}": lambda w: at(customerId=w.customer),
    "PUT /V1/customers/validate": lambda w: at(body={"customer": {**PERSON, "email": "new@example.com"}}),
    "GET /V1/customers/me": lambda w: at(token=w.token),
    "PUT /V1/customers/me": lambda w: at(body=MOVED, token=w.token),
    "POST /V1/customers/isEmailAvailable": lambda w: at(body={"customerEmail": "new@example.com", "websiteId": 1}),
    "GET /V1/customers/{customerId}/confirm": lambda w: at(customerId=w.customer),
    "GET /V1/customers/{customerId}/permissions/readonly": lambda w: at(customerId=w.customer),
    "GET /V1/customers/addresses/{addressId}": lambda w: at(addressId=w.address),
    "DELETE /V1/addresses/{addressId}": lambda w: at(addressId=w.address),
    "GET /V1/customers/{customerId}/billingAddress": lambda w: at(customerId=w.customer),
    "GET /V1/customers/{customerId}/shippingAddress": lambda w: at(customerId=w.customer),
    "GET /V1/customerGroups/{id}": lambda w: at(id=1),
    "POST /V1/customerGroups": lambda w: at(body={"group": GROUP}),
    "PUT /V1/customerGroups/{id}": lambda w: at(body={"group": GROUP}, id=2),
    "DELETE /V1/customerGroups/{id}": lambda w: at(id=made(w, "/V1/customerGroups", {"group": GROUP})["id"]),
    "GET /V1/customerGroups/{id}/permissions": lambda w: at(id=1),
    "GET /V1/customerGroups/default/{storeId}": lambda w: at(storeId=1),
    "PUT /V1/customerGroups/default/{id}": lambda w: at(id=1),
    "GET /V1/customers/{customerId}/balance/{websiteId}": lambda w: at(customerId=w.customer, websiteId=1),
    "POST /V1/import/csv": lambda w: (w.customer, at(body={"source": {**IMPORT, "csv_data": CSV}}))[1],
    "POST /V1/import/json": lambda w: (w.customer, at(body={"source": {**IMPORT, "items": [CREDIT]}}))[1],
    "GET /V1/carts/guest-carts/{cartId}/checkGiftCard/{giftCardCode}": lambda w: at(
        cartId="masked", giftCardCode=next(iter(w.state.gift_cards.all()))["code"]
    ),
}

SAMPLES = {**STORE, **GOODS, **STOCK, **SALES, **PEOPLE, **EVENTING}
