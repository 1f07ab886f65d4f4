"""Access that was taken away and given back: flows pause and resume with it (GUARANTEES.md, fault 22)."""

from connections.audit import audit
from connections.clients import heartland_client
from connections.models import AccessState, HeartlandAccount, Store, User
from connections.store_kinds import kind_of, profile_of
from errors.failures import CredentialsRejected, SyncFailure
from ipaas.types import System

Owner = HeartlandAccount | Store


def system_of(owner: Owner) -> System:
    return System.HEARTLAND if isinstance(owner, HeartlandAccount) else profile_of(owner).system


def access_recheck(*, owner: Owner, reason: str) -> bool:
    """After a 401: ask once more with the cheapest call, and mark the access revoked when that is refused too.

    Answers whether it is revoked. One call, however many records failed: the state changes once.
    """
    try:
        if isinstance(owner, HeartlandAccount):
            heartland_client(owner).whoami()
        else:
            kind_of(owner).ping(owner)
    except CredentialsRejected:
        access_revoked(owner=owner, reason=reason)
        return True
    except SyncFailure:
        return False
    return False


def access_revoked(*, owner: Owner, reason: str) -> bool:
    """Pause everything that needs this access; True when this call changed the state."""
    changed = type(owner)._default_manager.filter(pk=owner.pk, state=AccessState.CONNECTED)
    if not changed.update(state=AccessState.REVOKED, state_reason=reason[:300]):
        return False
    owner.refresh_from_db(fields=["state", "state_reason"])
    audit(merchant=owner.merchant, actor=None, action=f"{system_of(owner)}.revoked", subject=owner, reason=reason)
    return True


def access_restored(*, owner: Owner, actor: User | None = None) -> bool:
    """Let flows go on after access came back; True when this call changed the state."""
    changed = type(owner)._default_manager.filter(pk=owner.pk, state=AccessState.REVOKED)
    if not changed.update(state=AccessState.CONNECTED, state_reason=""):
        return False
    owner.refresh_from_db(fields=["state", "state_reason"])
    audit(merchant=owner.merchant, actor=actor, action=f"{system_of(owner)}.restored", subject=owner)
    return True
