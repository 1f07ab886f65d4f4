"""App configuration."""

from django.apps import AppConfig, apps
from django.contrib.admin import apps as admin
from django.core.signals import request_finished, request_started
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class ConnectionsConfig(AppConfig):
    name = "connections"
    default = True

    def ready(self) -> None:
        if apps.is_installed("allauth.mfa"):  # the bench's bare server has no log-in
            from connections.signin import signin_trail  # noqa: F401 (its listeners)

        from connections import checks  # noqa: F401 (registers itself)
        from connections.wall import wall_again, wall_build, wall_lower

        post_migrate.connect(wall_build, sender=self)
        connection_created.connect(wall_again)
        for signal in (request_started, request_finished):
            signal.connect(wall_lower)


class PlatformAdminConfig(admin.AdminConfig):
    """Django's admin behind our own door."""

    default = False
    default_site = "connections.admin_site.PlatformAdminSite"
