"""Ready clients of BigCommerce stores."""

from django.conf import settings

from connections.clients import token_of
from connections.connectors.bigcommerce import BigCommerceClient
from connections.models import Store
from connections.patience import Patient
from ipaas.types import CallObserver, NoObserver


class PatientBigCommerceClient(Patient, BigCommerceClient):
    """BigCommerceClient for set-up and tests."""


def bigcommerce_client(store: Store, observer: CallObserver | None = None) -> BigCommerceClient:
    """A client of the store. Raises CredentialsRejected when there is no token."""
    return _bigcommerce(BigCommerceClient, store, observer)


def bigcommerce_setup_client(store: Store, observer: CallObserver | None = None) -> BigCommerceClient:
    """The same for work that a person waits for: it waits out short throttling."""
    return _bigcommerce(PatientBigCommerceClient, store, observer)


def _bigcommerce(kind: type[BigCommerceClient], store: Store, observer: CallObserver | None) -> BigCommerceClient:
    return kind(
        store.api_base,
        store.store_hash,
        token_of(store.credential, "BigCommerce"),
        observer or NoObserver(),
        public_only=not settings.ALLOW_PRIVATE_HOSTS,
    )
