"""App configuration."""

from django.apps import AppConfig, apps
from django.contrib.admin import apps as admin


class ConnectionsConfig(AppConfig):
    name = "connections"
    default = True

    def ready(self) -> None:
        if apps.is_installed("allauth.mfa"):  # the bench's bare server has no log-in
            from connections.signin import trail  # noqa: F401 (its listeners)


class PlatformAdminConfig(admin.AdminConfig):
    """Django's admin behind our own door."""

    default = False
    default_site = "connections.admin_site.PlatformAdminSite"
