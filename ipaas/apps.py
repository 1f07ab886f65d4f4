"""App configuration: loads the system checks; there are no models here."""

from django.apps import AppConfig

from ipaas import no_pickle


class IpaasConfig(AppConfig):
    name = "ipaas"

    def ready(self) -> None:
        from ipaas import checks  # noqa: F401 (registers itself)

        no_pickle.install()
