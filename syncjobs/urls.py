"""Addresses of pages about records: dashboard, orders, Order Fulfillment tab, retry."""

from django.urls import path

from syncjobs.views import dashboard, fulfilment, inventory, linking, orders, retry

urlpatterns = [
    path("", dashboard.dashboard, name="dashboard"),
    path("search/", dashboard.search, name="search"),
    path("orders/", orders.orders, name="orders"),
    path("stores/<uuid:public_id>/orders/<str:external_id>/", orders.order, name="order"),
    path("stores/<uuid:public_id>/items/match/", linking.match, name="item_match"),
    path("stores/<uuid:public_id>/items/link/", linking.link, name="item_link"),
    path("stores/<uuid:public_id>/items/unlink/", linking.unlink, name="item_unlink"),
    path("stores/<uuid:public_id>/inventory/", inventory.inventory, name="inventory"),
    path("stores/<uuid:public_id>/inventory/all/", inventory.all_locations, name="inventory_all"),
    path("stores/<uuid:public_id>/inventory/add/", inventory.add, name="inventory_add"),
    path("stores/<uuid:public_id>/inventory/remove/", inventory.remove, name="inventory_remove"),
    path("stores/<uuid:public_id>/inventory/feeds/", inventory.feeds, name="inventory_feeds"),
    path("stores/<uuid:public_id>/inventory/lists/", inventory.lists, name="inventory_lists"),
    path("stores/<uuid:public_id>/inventory/rule/", inventory.rule, name="inventory_rule"),
    path("stores/<uuid:public_id>/inventory/rules/", inventory.item_rule, name="inventory_rules"),
    path("stores/<uuid:public_id>/inventory/rules/remove/", inventory.rule_remove, name="inventory_rule_remove"),
    path("stores/<uuid:public_id>/inventory/send/", inventory.send, name="inventory_send"),
    path("stores/<uuid:public_id>/inventory/why/", inventory.why, name="inventory_why"),
    path("stores/<uuid:public_id>/inventory/runs/", inventory.start, name="inventory_start"),
    path("stores/<uuid:public_id>/inventory/runs/<int:run_id>/", inventory.run, name="inventory_run"),
    path("stores/<uuid:public_id>/inventory/runs/<int:run_id>/csv/", inventory.run_csv, name="inventory_run_csv"),
    path("stores/<uuid:public_id>/inventory/runs/<int:run_id>/move/", inventory.move, name="inventory_move"),
    path("stores/<uuid:public_id>/fulfillment/", fulfilment.fulfilment, name="fulfilment"),
    path("stores/<uuid:public_id>/fulfillment/counts/", fulfilment.counts, name="fulfilment_counts"),
    path("stores/<uuid:public_id>/fulfillment/lists/", fulfilment.lists, name="fulfilment_lists"),
    path("stores/<uuid:public_id>/fulfillment/maps/<str:kind>/", fulfilment.value_map, name="fulfilment_map"),
    path("stores/<uuid:public_id>/fulfillment/fields/", fulfilment.field_defaults, name="fulfilment_fields"),
    path("stores/<uuid:public_id>/fulfillment/backfill/", fulfilment.backfill, name="fulfilment_backfill"),
    path("stores/<uuid:public_id>/connection/resume/", retry.resume, name="connection_resume"),
    path("stores/<uuid:public_id>/retry/", retry.many, name="retry_many"),
    path("stores/<uuid:public_id>/retry/<str:flow>/<str:external_id>/", retry.one, name="retry_one"),
    path("stores/<uuid:public_id>/release/<int:issue_id>/", retry.release, name="release"),
]
