"""Addresses of version 1 of the API."""

from django.urls import path, re_path

from syncjobs.api import (
    close_resources,
    goods_resources,
    order_resources,
    record_resources,
    run_resources,
    setting_resources,
    store_resources,
    webhook_resources,
)
from syncjobs.api.access import Unknown
from syncjobs.api.schema import openapi

urlpatterns = [
    path("openapi.json", openapi, name="api_document"),
    path("stores", store_resources.Stores.as_view(), name="api_stores"),
    path("stores/<uuid:store>", store_resources.OneStore.as_view(), name="api_store"),
    path("stores/<uuid:store>/health", store_resources.HealthOfStore.as_view(), name="api_store_health"),
    path("stores/<uuid:store>/pause", store_resources.PauseStore.as_view(), name="api_store_pause"),
    path("stores/<uuid:store>/resume", store_resources.ResumeStore.as_view(), name="api_store_resume"),
    path("stores/<uuid:store>/stock", goods_resources.Stock.as_view(), name="api_store_stock"),
    path("stores/<uuid:store>/open-points", close_resources.OpenPoints.as_view(), name="api_open_points"),
    path(
        "stores/<uuid:store>/settings/<slug:section>",
        setting_resources.Settings.as_view(),
        name="api_store_settings",
    ),
    path("orders", order_resources.Orders.as_view(), name="api_orders"),
    path("orders/<int:id>", order_resources.OneOrder.as_view(), name="api_order"),
    path("orders/<int:id>/retry", order_resources.RetryOrder.as_view(), name="api_order_retry"),
    path("payments", order_resources.Payments.as_view(), name="api_payments"),
    path("customers", order_resources.Customers.as_view(), name="api_customers"),
    path("reports/transactions", order_resources.Transactions.as_view(), name="api_transactions"),
    path("products", goods_resources.Products.as_view(), name="api_products"),
    path("inventory", goods_resources.Inventory.as_view(), name="api_inventory"),
    path("links", goods_resources.Links.as_view(), name="api_links"),
    path("links/<int:id>", goods_resources.OneLink.as_view(), name="api_link"),
    path("records", record_resources.Records.as_view(), name="api_records"),
    path("records/<int:id>", record_resources.OneRecord.as_view(), name="api_record"),
    path("records/<int:id>/retry", record_resources.RetryRecord.as_view(), name="api_record_retry"),
    path("records/<int:id>/fix", record_resources.FixRecord.as_view(), name="api_record_fix"),
    path("jobs", record_resources.Jobs.as_view(), name="api_jobs"),
    path("jobs/<int:id>", record_resources.OneJob.as_view(), name="api_job"),
    path("issues", record_resources.Issues.as_view(), name="api_issues"),
    path("issues/<int:id>", record_resources.OneIssue.as_view(), name="api_issue"),
    path("issues/<int:id>/retry", record_resources.RetryIssue.as_view(), name="api_issue_retry"),
    path("runs", run_resources.Runs.as_view(), name="api_runs"),
    path("runs/<int:id>", run_resources.OneRun.as_view(), name="api_run"),
    path("runs/<int:id>/changes", run_resources.RunChanges.as_view(), name="api_run_changes"),
    path("runs/<int:id>/pause", run_resources.PauseRun.as_view(), name="api_run_pause"),
    path("runs/<int:id>/resume", run_resources.ResumeRun.as_view(), name="api_run_resume"),
    path("runs/<int:id>/stop", run_resources.StopRun.as_view(), name="api_run_stop"),
    path("proofs", run_resources.Proofs.as_view(), name="api_proofs"),
    path("proofs/<int:id>", run_resources.OneProof.as_view(), name="api_proof"),
    path("closes", close_resources.Closes.as_view(), name="api_closes"),
    path("closes/<int:id>", close_resources.OneClose.as_view(), name="api_close"),
    path("webhooks", webhook_resources.Webhooks.as_view(), name="api_webhooks"),
    path("webhooks/<int:id>", webhook_resources.OneWebhook.as_view(), name="api_webhook"),
    path("webhooks/<int:id>/test", webhook_resources.TestWebhook.as_view(), name="api_webhook_test"),
    path("webhooks/<int:id>/deliveries", webhook_resources.Deliveries.as_view(), name="api_deliveries"),
    path(
        "webhooks/<int:id>/deliveries/<int:message>/replay",
        webhook_resources.ReplayDelivery.as_view(),
        name="api_delivery_replay",
    ),
    re_path(r"^(?P<rest>[\s\S]+)$", Unknown.as_view(), name="api_unknown"),  # a path may hold line ends
]
