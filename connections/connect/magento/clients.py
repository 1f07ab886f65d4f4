"""Ready clients of Magento shops, from what is kept of them.

`Store.api_base` is the address we call. `Store.facts` holds `signing_url`, the same as the shop sees it. Which secrets
the credential holds tells the way: four of an integration, a token alone, or those of a project at Adobe.
"""

from collections.abc import Mapping
from typing import TypeVar

from django.conf import settings

from connections.connect.magento.page_limits import KeptPageLimit
from connections.connectors.magento import MagentoClient
from connections.connectors.magento.ims import ims_client
from connections.connectors.magento.signing import Access, Bearer, CloudService, Signed
from connections.models import Store
from connections.patience import Patient
from errors.failures import CredentialsRejected
from ipaas.types import CallObserver, NoObserver

Kind = TypeVar("Kind", bound=MagentoClient)
SIGNED = ("consumer_key", "consumer_secret", "token", "token_secret")
CLOUD = ("client_id", "client_secret", "organization")


class PatientMagentoClient(Patient, MagentoClient):
    """MagentoClient for set-up and tests."""


def magento_client(store: Store, observer: CallObserver | None = None) -> MagentoClient:
    """A client of the shop. Raises CredentialsRejected when there are no secrets."""
    return _magento(MagentoClient, store, observer or NoObserver())


def magento_setup_client(store: Store, observer: CallObserver | None = None) -> PatientMagentoClient:
    """The same for work that a person waits for: it waits out short throttling."""
    return _magento(PatientMagentoClient, store, observer or NoObserver())


def _magento(kind: type[Kind], store: Store, observer: CallObserver) -> Kind:
    secrets = store.credential.read() if store.credential else {}
    return kind(
        store.api_base,
        access_of(secrets, observer),
        observer,
        signing_url=str(store.facts.get("signing_url") or ""),
        public_only=not settings.ALLOW_PRIVATE_HOSTS,
        page_limit=KeptPageLimit(store) if store.pk else None,
    )


def access_of(secrets: Mapping[str, str], observer: CallObserver) -> Access:
    """How to prove ourselves with these secrets; asks Adobe for a token where they are its.

    Raises CredentialsRejected.
    """
    if all(secrets.get(name) for name in SIGNED):
        return Signed(**{name: secrets[name] for name in SIGNED})
    if all(secrets.get(name) for name in CLOUD):
        ims = ims_client(settings.MAGENTO_IMS_BASE, secrets["client_secret"], observer)
        token = ims.token(secrets["client_id"], secrets["client_secret"])
        return CloudService(client_id=secrets["client_id"], organization=secrets["organization"], token=token)
    if secrets.get("token"):
        return Bearer(token=secrets["token"])
    raise CredentialsRejected("Magento is not connected: reconnect it.")
