"""Every address of the product. Pages of one room live in that room's `urls.py`."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from ipaas.health import health

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = "Tillbridge admin"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.account.urls")),
    path("health/", health, name="health"),
    path("hooks/", include("syncjobs.webhooks")),
    path("", include("connections.urls")),
    path("", include("errors.urls")),
    path("", include("syncjobs.urls")),
]
