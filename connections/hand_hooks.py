"""Messages that people have a store send us: for each way an address and a secret, made here and shown once.

Nothing of ours sees the other end: a way is known to work by what came, and changes are asked for all the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from connections.audit import audit
from connections.hooks import fresh_secrets
from connections.models import Connection, Hook, User
from connections.store_kinds import HandHook, profile_of

MANUAL = Hook.State.MANUAL


@dataclass(frozen=True, kw_only=True)
class Offered:
    """A way that a kind of store knows, and the connection's hook once somebody made one."""

    hand_hook: HandHook
    hook: Hook | None


def hand_hooks(connection: Connection) -> Sequence[Offered]:
    made = {hook.topic: hook for hook in connection.hooks.filter(state=MANUAL)}
    return [Offered(hand_hook=one, hook=made.get(one.way)) for one in profile_of(connection.store).hand_hooks]


@transaction.atomic
def hand_hook_renew(connection: Connection, offered: HandHook, actor: User) -> Hook:
    """A new address and secret; those before are refused from now on. Whoever shows them shows them once."""
    fresh = {**fresh_secrets(has_secret=offered.has_secret), "state": MANUAL}
    hook, is_new = Hook.objects.update_or_create(
        connection=connection, system=connection.store.kind, topic=offered.way, defaults=fresh
    )
    _note(connection, actor, offered, "set up" if is_new else "renewed")
    return hook


@transaction.atomic
def hand_hook_end(connection: Connection, offered: HandHook, actor: User) -> None:
    """Refuse what comes this way from now on."""
    gone, _ = connection.hooks.filter(state=MANUAL, topic=offered.way).delete()
    if gone:
        _note(connection, actor, offered, "removed")


def _note(connection: Connection, actor: User, offered: HandHook, what: str) -> None:
    detail = {f"{connection.store.kind} {offered.way}": what}
    audit(merchant=connection.merchant, actor=actor, action="hooks.changed", subject=connection, **detail)
