"""Platform admin of links and value maps: looked at here, changed on the merchant's screens."""

from django.contrib import admin

from connections.admin_pages import ReadOnlyAdmin
from mappings.models import (
    CatalogueProduct,
    CatalogueSku,
    FieldDefault,
    Link,
    ProductTerm,
    StockLevel,
    StockRule,
    StoreVariant,
    ValueMap,
)

CONNECTION = ["connection__heartland", "connection__store"]


@admin.register(Link)
class LinkAdmin(ReadOnlyAdmin):
    changed_on = ("Items", "items")
    list_display = ["kind", "source_id", "target_id", "target_label", "connection", "created_at"]
    list_select_related = CONNECTION
    list_filter = ["kind"]
    search_fields = ["source_id", "target_id", "target_label"]
    raw_id_fields = ["connection"]


@admin.register(ValueMap)
class ValueMapAdmin(ReadOnlyAdmin):
    changed_on = ("Order Fulfillment", "fulfilment")
    list_display = ["kind", "source_value", "target_label", "target_value", "seen", "last_seen_at", "connection"]
    list_select_related = CONNECTION
    list_filter = ["kind"]
    search_fields = ["source_value", "target_label"]
    raw_id_fields = ["connection"]


@admin.register(FieldDefault)
class FieldDefaultAdmin(ReadOnlyAdmin):
    changed_on = ("Order Fulfillment", "fulfilment")
    list_display = ["group", "key", "value", "connection"]
    list_select_related = CONNECTION
    search_fields = ["group", "key"]
    raw_id_fields = ["connection"]


@admin.register(StoreVariant)
class StoreVariantAdmin(ReadOnlyAdmin):
    list_display = ["variant_id", "connection", "read_at"]
    list_select_related = CONNECTION
    search_fields = ["variant_id"]
    raw_id_fields = ["connection"]


@admin.register(StockLevel)
class StockLevelAdmin(ReadOnlyAdmin):
    list_display = ["sku", "store_location", "quantity", "pending", "is_dirty", "pushed_at", "refusal", "connection"]
    list_select_related = CONNECTION
    list_filter = ["is_dirty", "store_location"]
    search_fields = ["sku"]
    raw_id_fields = ["connection", "link"]


@admin.register(StockRule)
class StockRuleAdmin(ReadOnlyAdmin):
    changed_on = ("Inventory", "inventory")
    list_display = ["field", "value", "safety_units", "safety_percent", "last_units", "connection"]
    list_select_related = CONNECTION
    search_fields = ["field", "value"]
    raw_id_fields = ["connection"]


@admin.register(CatalogueProduct)
class CatalogueProductAdmin(ReadOnlyAdmin):
    list_display = ["external_id", "side", "connection"]
    list_select_related = CONNECTION
    list_filter = ["side"]
    search_fields = ["external_id"]
    raw_id_fields = ["connection"]


@admin.register(CatalogueSku)
class CatalogueSkuAdmin(ReadOnlyAdmin):
    list_display = ["sku", "side", "state", "suggestion", "external_id", "connection"]
    list_select_related = CONNECTION
    list_filter = ["side", "state"]
    search_fields = ["sku"]
    raw_id_fields = ["connection", "product"]


@admin.register(ProductTerm)
class ProductTermAdmin(ReadOnlyAdmin):
    list_display = ["term", "product", "connection"]
    list_select_related = [*CONNECTION, "product"]
    search_fields = ["=term"]
    raw_id_fields = ["connection", "product"]
