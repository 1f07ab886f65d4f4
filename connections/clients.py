"""Ready clients of Heartland, and the only place where a stored credential is opened."""

from django.conf import settings

from connections.connectors.heartland import HeartlandClient
from connections.models import Credential, HeartlandAccount
from connections.patience import PatientHeartlandClient
from errors.failures import CredentialsRejected
from ipaas.types import CallObserver, NoObserver


def heartland_client(account: HeartlandAccount, observer: CallObserver | None = None) -> HeartlandClient:
    """A client of the account's tenant. Raises CredentialsRejected when there is no token."""
    return _heartland(HeartlandClient, account, observer)


def heartland_setup_client(account: HeartlandAccount, observer: CallObserver | None = None) -> HeartlandClient:
    """The same for work that a person waits for: it waits out short throttling."""
    return _heartland(PatientHeartlandClient, account, observer)


def _heartland(
    kind: type[HeartlandClient], account: HeartlandAccount, observer: CallObserver | None
) -> HeartlandClient:
    return kind(
        account.base_url,
        token_of(account.credential, "Heartland"),
        observer or NoObserver(),
        public_only=not settings.ALLOW_PRIVATE_HOSTS,
    )


def token_of(credential: Credential | None, system: str) -> str:
    """The opened token, for whoever makes a client. Raises CredentialsRejected when there is none."""
    token = credential.read().get("token", "") if credential else ""
    if not token:
        raise CredentialsRejected(f"{system} is not connected: reconnect it.")
    return token
