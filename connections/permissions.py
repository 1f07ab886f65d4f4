"""Who may do what for a merchant: one table, read by every view, template and test."""

from enum import StrEnum
from typing import Any

from django.utils import timezone

from connections.models import Membership, Merchant, Role, SupportGrant


class Action(StrEnum):
    """Something a person can do on the screens."""

    LOOK = "look"  # read every page of the merchant
    CONNECT = "connect"  # add and reconnect systems, pair them
    DISCONNECT = "disconnect"  # remove hooks and erase tokens
    PAUSE = "pause"  # stop and resume a connection
    SETTINGS = "settings"  # locations, order settings, set-up assistant, mastery notice
    HOOKS = "hooks"  # register and remove webhooks
    MAPS = "maps"  # value maps, default values, item links: what mends a held record
    TEST = "test"  # connection test and preflight, which call the other systems
    RETRY = "retry"  # try records again
    TRIAGE = "triage"  # say of a problem that it is known, whose it is, or that it may wait
    CLOSE = "close"  # close a record by hand, and take that back
    DISTRIBUTE = "distribute"  # say which location ships an order
    BACKFILL = "backfill"  # fetch orders by number or date
    SHOPPERS = "shoppers"  # see who ordered, where it goes and what they wrote; find orders by that
    PERSONAL = "personal"  # export and erase what is kept of a shopper, and say how long texts are kept
    PEOPLE = "people"  # invite and remove people, give roles, say how people must prove themselves
    MONEY = "money"  # read payouts, say which order a row is of and what a difference is, close days
    RUNS = "runs"  # start, pause and stop runs over stock and items
    ALERTS = "alerts"  # say what everybody is told of, and where else it goes
    TRAIL = "trail"  # read who did what, and let our support look
    API = "api"  # make and revoke tokens of the REST API


EVERYONE = frozenset(Role)
WORKERS = EVERYONE - {Role.VIEWER}
MANAGERS = WORKERS - {Role.OPS}
OWNERS = frozenset({Role.OWNER})
ROLES: dict[Action, frozenset[Role]] = {
    Action.LOOK: EVERYONE,
    Action.CONNECT: OWNERS,
    Action.DISCONNECT: OWNERS,
    Action.PAUSE: MANAGERS,
    Action.SETTINGS: MANAGERS,
    Action.HOOKS: MANAGERS,
    Action.MAPS: WORKERS,
    Action.TEST: WORKERS,
    Action.RETRY: WORKERS,
    Action.TRIAGE: WORKERS,
    Action.CLOSE: WORKERS,
    Action.DISTRIBUTE: MANAGERS - {Role.BUILDER},
    Action.BACKFILL: WORKERS,
    Action.SHOPPERS: WORKERS,
    Action.PERSONAL: OWNERS,
    Action.PEOPLE: OWNERS,
    Action.MONEY: frozenset({Role.OWNER, Role.OPS}),
    Action.RUNS: WORKERS,
    Action.ALERTS: frozenset({Role.OWNER, Role.BUILDER, Role.OPS}),
    Action.TRAIL: OWNERS,
    Action.API: OWNERS,
}
MEANINGS: dict[Role, str] = {
    Role.OWNER: "Does everything: connects systems, invites people, reads who did what.",
    Role.BUILDER: "Sets up how records flow: settings, maps, webhooks, runs, alerts. Distributes no orders.",
    Role.STAFF: "Runs the shop: distributes orders, switches locations, changes settings, pauses a store.",
    Role.OPS: "Looks after errors: fixes, retries and closes records, fetches older orders, starts runs.",
    Role.VIEWER: "Sees every page and changes nothing.",
}
# What a token of the REST API can be given; it may do no more than its maker's role allows.
SCOPES = (
    Action.LOOK,
    Action.RETRY,
    Action.MAPS,
    Action.RUNS,
    Action.PAUSE,
    Action.SETTINGS,
    Action.HOOKS,
    Action.MONEY,
)
WORDS: dict[Action, str] = {
    Action.LOOK: "see this merchant",
    Action.CONNECT: "connect systems",
    Action.DISCONNECT: "disconnect systems",
    Action.PAUSE: "pause or resume a connection",
    Action.SETTINGS: "change settings",
    Action.HOOKS: "change webhooks",
    Action.MAPS: "change links and value maps",
    Action.TEST: "test a connection",
    Action.RETRY: "retry records",
    Action.TRIAGE: "assign, snooze or ignore problems",
    Action.CLOSE: "close records",
    Action.DISTRIBUTE: "distribute orders",
    Action.BACKFILL: "fetch older orders",
    Action.SHOPPERS: "see who ordered",
    Action.PERSONAL: "export or erase personal data",
    Action.PEOPLE: "invite people and say how they log in",
    Action.MONEY: "read payouts, match money and close days",
    Action.RUNS: "start or stop a run",
    Action.ALERTS: "change alert rules and channels",
    Action.TRAIL: "read the trail and answer support",
    Action.API: "manage API tokens",
}


def role_of(user: Any, merchant: Merchant | None) -> Role | None:
    """The person's role at the merchant, a viewer's for support that was let in; None for everybody else."""
    if merchant is None or not user.is_authenticated:
        return None
    role = Membership.objects.filter(user=user, merchant=merchant).values_list("role", flat=True).first()
    if role is None and user.is_staff:
        is_let_in = SupportGrant.objects.live(timezone.now()).filter(staff=user, merchant=merchant).exists()
        return Role.VIEWER if is_let_in else None
    return Role(role) if role else None


def may(role: Role | None, action: Action) -> bool:
    return role is not None and role in ROLES[action]


def abilities(role: Role | None) -> dict[str, bool]:
    """Every action with whether the role may do it: templates hide buttons by it."""
    return {action.value: may(role, action) for action in Action}


def refusal(role: Role | None, action: Action) -> str:
    """Why the person may not, and who may, in words."""
    label = str(role.label).lower() if role else "no"
    return f"Your role here is {label}. To {WORDS[action]}, ask {roles_for(action)}."


def roles_for(action: Action) -> str:
    """Who may, in words: someone whose role is owner or staff."""
    return f"someone whose role is {' or '.join(sorted(str(one.label).lower() for one in ROLES[action]))}"
