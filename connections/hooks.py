"""Webhooks at both systems: registered, compared with what the other side says, repaired, removed.

Each topic has an address of its own with an unguessable part; where no webhook exists a poller stands in.
"""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Length
from django.utils import timezone

from connections.audit import audit
from connections.clients import heartland_setup_client
from connections.hook_sides import HeartlandSide, Registered, Side
from connections.models import Connection, Hook, User
from connections.models.pairs import DIGEST_LENGTH, token_digest
from connections.store_kinds import KINDS, kind_of, name_of
from errors.failures import NotFound, PermissionMissing, Rejected, SyncFailure
from ipaas.types import System

HEARTLAND_EVENTS = (
    "item_created",
    "item_updated",
    "customer_created",
    "customer_updated",
    "sales_transaction_completed",
)
HEARTLAND_POLLED = ("orders",)  # no webhook is known (Heartland notes §15): asked for instead
LIVE, INACTIVE, MISSING, POLLED = Hook.State.LIVE, Hook.State.INACTIVE, Hook.State.MISSING, Hook.State.POLLED
BLOCKED, MANUAL = Hook.State.BLOCKED, Hook.State.MANUAL
OF_ONE_HOOK = (Rejected, NotFound, PermissionMissing)  # the others concern the whole side


@dataclass(frozen=True, kw_only=True)
class HookReport:
    """How a look at the webhooks ended; `problems` are sentences for the merchant."""

    hooks: tuple[Hook, ...]
    problems: tuple[str, ...]
    lost: int = 0  # live ones that were found gone or switched off: what they should have told is to be asked for
    blocked_seconds: float = 0.0  # how long the sender holds everything back
    failures: tuple[SyncFailure, ...] = ()  # what was refused or not answered

    @property
    def is_ok(self) -> bool:
        return not self.problems and all(hook.state in (LIVE, POLLED) for hook in self.hooks)


def hook_address(hook: Hook) -> str:
    """Where the other system delivers to."""
    return f"{settings.PUBLIC_URL}/hooks/{hook.system}/{hook.token}"


def hooks_arm(connection: Connection, actor: User | None = None) -> HookReport:
    """Register what is missing, switch on what was switched off, mend what differs. Safe to run again and again."""
    before = _states(connection)
    report = _visit(connection, _arm)
    _note_changes(connection, actor, before)
    return report


def hooks_check(connection: Connection) -> HookReport:
    """Compare what we registered with what both systems say, changing nothing there."""
    return _visit(connection, _look)


def hooks_remove(connection: Connection, actor: User | None = None) -> tuple[str, ...]:
    """Remove our webhooks at both sides. Answers, in words, what could not be removed."""
    before = _states(connection)
    report = _visit(connection, _remove)
    _note_changes(connection, actor, before)
    return report.problems


def _states(connection: Connection) -> dict[str, str]:
    return {f"{hook.system} {hook.topic}": hook.state for hook in connection.hooks.all()}


def _note_changes(connection: Connection, actor: User | None, before: dict[str, str]) -> None:
    """One entry in the audit trail for all webhooks whose state changed."""
    changed = {name: state for name, state in _states(connection).items() if before.get(name, MISSING) != state}
    if changed:
        audit(merchant=connection.merchant, actor=actor, action="hooks.changed", subject=connection, **changed)


def hooks_wanted(connection: Connection) -> list[Hook]:
    """The connection's webhooks of topics that we ask for; others are about to go."""
    return _wanted(connection, connection.hooks.order_by("system", "topic"))


def _wanted(connection: Connection, hooks: Iterable[Hook]) -> list[Hook]:
    topics = {system: topics_of(connection, system) for system in (connection.store.kind, System.HEARTLAND)}
    return [hook for hook in hooks if hook.topic in topics.get(hook.system, ())]


def topics_of(connection: Connection, system: str) -> tuple[str, ...]:
    """What is asked of a system: by webhook, else by polling."""
    if system == System.HEARTLAND:
        return (*HEARTLAND_EVENTS, *HEARTLAND_POLLED)
    return (*KINDS[system].profile.topics, *(topic for more in MORE for topic in more(connection)))


MORE: list[Callable[[Connection], tuple[str, ...]]] = []


def register(*more: Callable[[Connection], tuple[str, ...]]) -> None:
    """Have these topics of the store asked for too, where a connection wants them (`syncjobs/apps.py`)."""
    MORE.extend(one for one in more if one not in MORE)


Problem = tuple[str, SyncFailure]  # in words, and what it came from
Visit = Callable[[Side, list[Hook]], list[Problem]]


def _visit(connection: Connection, work: Visit) -> HookReport:
    """Do `work` at each side for its webhooks, and note their state; trouble at one side spares the other."""
    hooks, now = _rows(connection), timezone.now()
    problems: list[str] = []
    failures: list[SyncFailure] = []
    blocked = 0.0
    for system, side in _sides(connection).items():
        registrable = [hook for hook in hooks if hook.system == system and hook.state != POLLED]
        try:
            reached = side()
            for words, failure in work(reached, registrable):
                problems.append(words)
                failures.append(failure)
            blocked = max(blocked, _note_block(name_of(system), reached, registrable, problems))
        except SyncFailure as failure:
            problems.append(failure.in_full)
            failures.append(failure)
    hooks = [hook for hook in hooks if hook.pk]  # others were forgotten
    for hook in hooks:
        hook.checked_at = now
        hook.save(update_fields=["state", "external_id", "checked_at", "armed_at", "lost_at"])
    lost = sum(hook.lost_at is not None and hook.lost_at >= now for hook in hooks)
    return HookReport(
        hooks=tuple(_wanted(connection, hooks)),
        problems=tuple(dict.fromkeys(problems)),
        lost=lost,
        blocked_seconds=blocked,
        failures=tuple(failures),
    )


def _note_block(name: str, side: Side, hooks: list[Hook], problems: list[str]) -> float:
    """Live webhooks that get nothing for the moment are said to be blocked."""
    live = [hook for hook in hooks if hook.state == LIVE]
    host = urlsplit(settings.PUBLIC_URL).hostname or ""
    seconds = side.blocked_seconds(host) if live else 0.0
    if seconds:
        for hook in live:
            hook.state = BLOCKED
        problems.append(
            f"{name} sends nothing to {host} for {seconds:.0f} s, because too many deliveries failed: orders are "
            "found by polling meanwhile."
        )
    return seconds


def _sides(connection: Connection) -> dict[str, Callable[[], Side]]:
    """Both sides of a connection, each reached when it is its turn."""
    store = connection.store
    return {
        store.kind: lambda: kind_of(store).hooks(store),
        System.HEARTLAND: lambda: HeartlandSide(heartland_setup_client(connection.heartland)),
    }


def _rows(connection: Connection) -> list[Hook]:
    """A row per topic, made when it is new."""
    for system in _sides(connection):
        for topic in topics_of(connection, system):
            state = POLLED if topic in HEARTLAND_POLLED and system == System.HEARTLAND else MISSING
            fresh = {**_secrets(system), "state": state}
            hook, _ = Hook.objects.get_or_create(connection=connection, system=system, topic=topic, defaults=fresh)
            if not hook.token:  # erased after the connection had ended
                Hook.objects.filter(pk=hook.pk).update(**_secrets(system))
    connection.hooks.filter(state=MANUAL, sealed_token="").delete()  # erased after it had ended: people make another
    return list(connection.hooks.exclude(state=MANUAL).order_by("system", "pk"))


def _secrets(system: str) -> dict[str, str]:
    return fresh_secrets(has_secret=system != System.HEARTLAND and KINDS[system].profile.hooks_carry_secret)


def fresh_secrets(*, has_secret: bool) -> dict[str, str]:
    """A new address, and what proves deliveries to it."""
    token = secrets.token_urlsafe(32)
    secret = secrets.token_urlsafe(32) if has_secret else ""
    return {"path_token": token_digest(token), "sealed_token": token, "secret": secret}


def hooks_seal(now: datetime) -> int:
    """Leave only the digest of addresses that stood in plain, once no worker reads them so; answers how many."""
    sealed = 0
    due = Q(plain_until__isnull=True) | Q(plain_until__lt=now)
    for hook in Hook.objects.annotate(length=Length("path_token")).filter(due).exclude(length=DIGEST_LENGTH):
        plain = hook.path_token
        changes = {"sealed_token": hook.token, "path_token": token_digest(plain), "plain_until": None}
        sealed += Hook.objects.filter(pk=hook.pk, path_token=plain).update(**changes)
    return sealed


def _arm(side: Side, hooks: list[Hook]) -> list[Problem]:
    known = side.registered()
    problems: list[Problem] = []
    wanted = _wanted(hooks[0].connection, hooks) if hooks else []
    for hook in hooks:
        if hook not in wanted:
            _retire(side, hook, known)
            continue
        try:
            hook.external_id = _arm_one(side, hook, known)
            hook.state = LIVE
        except OF_ONE_HOOK as failure:
            hook.state = MISSING
            problems.append((f"{hook.topic}: {failure.in_full}", failure))
    return problems


def _arm_one(side: Side, hook: Hook, known: list[Registered]) -> str:
    """Make the hook live at the other side and answer its id there; registrations beside it are removed."""
    address = hook_address(hook)
    same = [one for one in known if one.topic == hook.topic and one.address == address]
    outdated = [one for one in known if one.external_id == hook.external_id and one.address != address]
    for one in (*same[1:], *outdated):
        _remove_one(side, one.external_id)
    now = timezone.now()
    is_off = not same or not same[0].is_active
    if is_off and hook.state in (LIVE, BLOCKED):
        hook.lost_at = now
    if same and not is_off and _is_idle(hook, now):
        _remove_one(side, same[0].external_id)
        same = []
    if not same:
        hook.armed_at = now
        return side.register(hook, address)
    if is_off or same[0].secret != hook.secret:
        hook.armed_at = now
        side.mend(hook, same[0].external_id)
    return same[0].external_id


def _retire(side: Side, hook: Hook, known: list[Registered]) -> None:
    """Nobody reads its topic any more: removed there, and forgotten by a later look, which finds nothing of it there.

    What the sender still has in hand meanwhile is taken: refusals would have it block our address.
    """
    if not _remove_all(side, hook, known):
        hook.delete()


def _is_idle(hook: Hook, now: datetime) -> bool:
    """True when nothing came for so long that the sender would soon switch it off: it is registered anew before."""
    heard = max((at for at in (hook.last_received_at, hook.armed_at) if at), default=None)
    patience = None if hook.system == System.HEARTLAND else KINDS[hook.system].profile.hooks_idle
    return patience is not None and heard is not None and now - heard > patience


def _look(side: Side, hooks: list[Hook]) -> list[Problem]:
    known = {(one.topic, one.address): one for one in side.registered()}
    for hook in hooks:
        found = known.get((hook.topic, hook_address(hook)))
        hook.state = MISSING if found is None else LIVE if found.is_active else INACTIVE
    return []


def _remove(side: Side, hooks: list[Hook]) -> list[Problem]:
    known = side.registered()
    for hook in hooks:
        _remove_all(side, hook, known)
    return []


def _remove_all(side: Side, hook: Hook, known: list[Registered]) -> int:
    """Remove whatever is registered for the hook; answers how many there were."""
    there = [one for one in known if one.external_id == hook.external_id or one.address == hook_address(hook)]
    for one in there:
        _remove_one(side, one.external_id)
    hook.external_id, hook.state = "", MISSING
    return len(there)


def _remove_one(side: Side, external_id: str) -> None:
    try:
        side.remove(external_id)
    except NotFound:
        return
