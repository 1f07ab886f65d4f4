"""Every address of the product. Pages of one room live in that room's `urls.py`."""

from django.contrib import admin
from django.urls import include, path

from ipaas.health import alive, health, ready

handler500 = "connections.frames.broken"
urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("connections.signin.urls")),
    path("health/", health, name="health"),
    path("healthz", alive, name="healthz"),
    path("readyz", ready, name="readyz"),
    path("v1/", include("syncjobs.api.urls")),
    path("hooks/", include("syncjobs.intake.webhooks")),
    path("", include("connections.urls")),
    path("", include("syncjobs.urls")),
]
