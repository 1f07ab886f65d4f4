"""The state machine of note §26: every change of the store, with its effects and events, in one place.

API and pages call these; none of them knows HTTP. They raise `errors.Refused`.
"""

from ipaas.sandbox.bigcommerce.actions.app import (
    app_configure,
    app_row,
    app_uninstall,
    grant_create,
    reconsent,
    token_insert,
    token_issue,
    user_remove,
)
from ipaas.sandbox.bigcommerce.actions.catalog import (
    product_create,
    product_delete,
    product_update,
    variant_create,
    variant_delete,
    variant_update,
    variants_batch,
)
from ipaas.sandbox.bigcommerce.actions.customers import (
    address_create,
    address_delete,
    address_update,
    attribute_create,
    attribute_value_upsert,
    customer_delete,
    customers_create,
    customers_update,
)
from ipaas.sandbox.bigcommerce.actions.marketing import certificate_create, certificate_delete, certificate_update
from ipaas.sandbox.bigcommerce.actions.options import (
    brand_create,
    category_create,
    image_create,
    modifier_create,
    option_create,
)
from ipaas.sandbox.bigcommerce.actions.order_api import order_create, order_edit
from ipaas.sandbox.bigcommerce.actions.orders import (
    INCOMPLETE,
    address_edit,
    charge,
    message_create,
    order_archive,
    order_changed,
    order_get,
    order_place,
    order_set_status,
)
from ipaas.sandbox.bigcommerce.actions.payments import authorize_again, capture, order_pay, void
from ipaas.sandbox.bigcommerce.actions.refunds import panel_refund, quote, refund_create
from ipaas.sandbox.bigcommerce.actions.shipments import shipment_create, shipment_delete, shipment_edit
from ipaas.sandbox.bigcommerce.actions.stock import (
    inventory_absolute,
    inventory_relative,
    product_level,
    settings_write,
    stock_set,
    variant_level,
)

__all__ = [
    "INCOMPLETE",
    "address_create",
    "address_delete",
    "address_edit",
    "address_update",
    "app_configure",
    "app_row",
    "app_uninstall",
    "attribute_create",
    "attribute_value_upsert",
    "authorize_again",
    "brand_create",
    "capture",
    "category_create",
    "certificate_create",
    "certificate_delete",
    "certificate_update",
    "charge",
    "customer_delete",
    "customers_create",
    "customers_update",
    "grant_create",
    "image_create",
    "inventory_absolute",
    "inventory_relative",
    "message_create",
    "modifier_create",
    "option_create",
    "order_archive",
    "order_changed",
    "order_create",
    "order_edit",
    "order_get",
    "order_pay",
    "order_place",
    "order_set_status",
    "panel_refund",
    "product_create",
    "product_delete",
    "product_level",
    "product_update",
    "quote",
    "reconsent",
    "refund_create",
    "settings_write",
    "shipment_create",
    "shipment_delete",
    "shipment_edit",
    "stock_set",
    "token_insert",
    "token_issue",
    "user_remove",
    "variant_create",
    "variant_delete",
    "variant_level",
    "variant_update",
    "variants_batch",
    "void",
]
