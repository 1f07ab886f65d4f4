"""Checks of our own settings and of the clocks."""

from django.conf import settings

from connections.models import Connection, Hook
from connections.prefixes import prefix_free
from connections.preflight.findings import Finding, block, ok, warn
from connections.store_kinds import name_of, profile_of
from ipaas.types import System

SKEW_TOLERATED_SECONDS = 60
SKEW_DANGEROUS_SECONDS = 300  # beyond it signed webhooks look stale
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def clock(system: System, seconds_ahead: float) -> Finding:
    """How far a system's clock is from ours."""
    name, code = name_of(system), f"clock_{system}"
    apart = abs(round(seconds_ahead))
    if apart <= SKEW_TOLERATED_SECONDS:
        return ok(code, f"{name}'s clock agrees with ours.")
    direction = "ahead of" if seconds_ahead > 0 else "behind"
    sentence = f"{name}'s clock is {apart} seconds {direction} ours."
    fix = "Let this server take its time from a time server (NTP)."
    return (block if apart > SKEW_DANGEROUS_SECONDS else warn)(code, sentence, fix=fix)


def time_zone(connection: Connection) -> Finding:
    """Whether store and merchant reckon days alike."""
    theirs, ours = connection.store.time_zone, connection.merchant.time_zone
    if not theirs or theirs == ours:
        return ok("time_zone", f"Days begin and end by {ours} here and in the store.")
    return warn(
        "time_zone",
        f"The store's time zone is {theirs}, yours here is {ours}: an order near midnight shows another day.",
        fix="Set both to the same time zone.",
        fix_page="merchant",
    )


def currency(connection: Connection) -> Finding:
    """Whether the store charges in the currency that Heartland keeps."""
    theirs, ours = connection.store.currency, connection.heartland.currency
    if not ours:
        sentence = "Nobody has said in which currency Heartland keeps its sums; its API does not tell."
        return block("currency", sentence, fix="Name it: until then no order is booked.", fix_page="orders")
    if theirs == ours:
        return ok("currency", f"Store and Heartland reckon in {ours}. Orders paid in another currency are held.")
    return block(
        "currency",
        f"The store's currency is {theirs or 'not known'}, Heartland keeps {ours}: prices would be taken for the same.",
        fix="Let both reckon in the same currency, or correct what is said of Heartland.",
        fix_page="orders",
    )


def mastery(connection: Connection) -> Finding:
    """Whether a person has confirmed that Heartland becomes master of quantities."""
    if connection.mastery_acknowledged_at:
        return ok("mastery", "It is confirmed that Heartland is master of quantities.")
    sentence = "Nobody has confirmed yet that Heartland becomes master of quantities."
    return block("mastery", sentence, fix="Read the notice and confirm it.", fix_page="setup")


def mark(connection: Connection) -> Finding:
    """Whether our sales orders can be told from those of others."""
    settings = connection.order_settings
    if settings.number_field and settings.source_field and settings.number_field != settings.source_field:
        return ok("mark", f"Sales orders of this store bear its mark: {connection.store.reference}.")
    return warn(
        "mark",
        "Sales orders bear no mark of this store: what we lost sight of needs you instead of being found.",
        fix="Choose the order fields for the web order number and for the store, or let the assistant make them.",
        fix_page="orders",
    )


def prefix(connection: Connection) -> Finding:
    """Whether this store's order numbers are told from others' at sight."""
    settings = connection.order_settings
    if settings.tenant and settings.order_prefix:
        return ok("prefix", f"Web order 10457 becomes {settings.order_prefix}10457; no other store numbers so.")
    said = "Orders are numbered without a prefix"
    if settings.order_prefix:
        said = f"Another store of this Heartland numbers its orders {settings.order_prefix}… too"
    free = prefix_free(connection.heartland, profile_of(connection.store).order_prefix)
    return warn(
        "prefix",
        f"{said}: a number that is taken is passed over, so ours do not say which web order they are.",
        fix=f"Choose a prefix of its own: {free} is free. Booked orders keep their numbers.",
        fix_page="orders",
    )


def hooks(connection: Connection) -> Finding:
    """Whether news comes by itself or must be fetched."""
    rows = list(connection.hooks.exclude(state__in=[Hook.State.POLLED, Hook.State.MANUAL]))
    silent = [hook for hook in rows if hook.state != Hook.State.LIVE]
    if rows and not silent:
        return ok("hooks", f"All {len(rows)} webhooks are live.")
    if settings.PUBLIC_HOST in LOOPBACK:
        cause = f"PUBLIC_URL is {settings.PUBLIC_URL}, which nobody outside this machine can reach"
    elif rows:
        cause = f"{len(silent)} of {len(rows)} are missing or switched off"
    else:
        cause = "none is registered yet"
    return warn(
        "hooks",
        f"Webhooks are not complete: {cause}. Until they are, we look every {settings.POLL_SECONDS_WITHOUT_HOOKS} s.",
        fix="Register the webhooks.",
        fix_page="hooks",
    )
