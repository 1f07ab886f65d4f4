"""What went wrong when somebody just typed an address and a token, in words of that moment."""

from urllib.parse import urlsplit

from errors.failures import (
    ConfigurationFailure,
    CredentialsRejected,
    NotFound,
    NotItsApi,
    PermissionMissing,
    Rejected,
    SyncFailure,
    Unreachable,
)

STRANGERS = (NotItsApi, NotFound, PermissionMissing, Rejected)  # no answer of the system to the question who we are


def told_at_first_contact(failure: SyncFailure, name: str, address: str, *, store: str = "") -> SyncFailure:
    """The failure of the first question to a system, as the person who is connecting it needs to hear it.

    `store`: which of the system's stores was asked about, where it has many at one address.
    """
    host = urlsplit(address).netloc or address
    if store and isinstance(failure, PermissionMissing | NotFound):
        words = f"This token does not open store {store}: it belongs to another one, or lacks store information."
        return ConfigurationFailure(words, detail=failure.detail)
    if isinstance(failure, CredentialsRejected):
        words = f"This token is not valid at {host}. Copy it whole, and see that it belongs to this address."
    elif isinstance(failure, Unreachable):
        words = f"Nobody answers at {host}. Check it, its https or http too, and that it can be reached from here."
    elif isinstance(failure, STRANGERS):
        words = f"{host} is not a {name} address: something else answers there."
    else:
        return failure
    return ConfigurationFailure(words, detail=failure.detail)
