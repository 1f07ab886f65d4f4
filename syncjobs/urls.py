"""Addresses of pages about records: dashboard, orders, Order Fulfillment tab, retry."""

from django.urls import path

from syncjobs.views import dashboard, fulfilment, orders, retry

urlpatterns = [
    path("", dashboard.dashboard, name="dashboard"),
    path("search/", dashboard.search, name="search"),
    path("orders/", orders.orders, name="orders"),
    path("stores/<uuid:public_id>/orders/<str:external_id>/", orders.order, name="order"),
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
