"""App configuration: loads the system checks; there are no models here."""

from django.apps import AppConfig


class IpaasConfig(AppConfig):
    name = "ipaas"

    def ready(self) -> None:
        from ipaas import checks  # noqa: F401 (registers itself)
