"""By which way news of a store's orders comes, and how late it can be."""

from datetime import datetime, timedelta

from connections.hand_hooks import hand_hooks
from connections.models import Connection, Hook
from connections.store_kinds import profile_of
from syncjobs.intake.follow_order_parts import FEEDS
from syncjobs.intake.polls import longest_interval, poll_interval

SILENT = timedelta(days=1)  # what was not heard of for so long is not said to tell us
DEAD = (Hook.State.INACTIVE, Hook.State.BLOCKED, Hook.State.MISSING)


def orders_news(connection: Connection, now: datetime) -> str:
    """The way, and after how many seconds we look by ourselves: the latest that an order is heard of."""
    way = _registered(connection) if profile_of(connection.store).topics else _set_up_by_hand(connection, now)
    interval = poll_interval(connection)
    longest = longest_interval(connection, interval)
    quiet = f", every {longest.seconds} while nothing is new" if longest > interval else ""
    return f"{way}; asked for every {interval.seconds} seconds{quiet}"


def parts_news(connection: Connection) -> str:
    """How often what hangs on orders is asked for beside them; "" where their own clock tells of it."""
    if not profile_of(connection.store).sweeps_orders:
        return ""
    told = [f"{one.part} every {one.shortest // 60} to {one.longest // 60} minutes" for one in FEEDS.values()]
    return f"By clocks of their own: {', '.join(told)}, the longer the longer nothing is new."


def _registered(connection: Connection) -> str:
    states = list(connection.hooks.values_list("state", flat=True))
    dead = sum(state in DEAD for state in states)
    if Hook.State.LIVE not in states:
        return "fast polling: no webhook is live"
    if dead:
        return f"webhooks and fast polling: {dead} of the webhooks {'is' if dead == 1 else 'are'} not live"
    return "live webhooks, polling behind them"


def _set_up_by_hand(connection: Connection, now: datetime) -> str:
    made = [(one.hand_hook.name, one.hook.last_received_at) for one in hand_hooks(connection) if one.hook]
    told = [name for name, at in made if at and now - at < SILENT]
    silent = [name for name, at in made if not (at and now - at < SILENT)]
    way = f"messages of {' and '.join(told)}" if told else "polling"
    return f"{way}, and nothing came from {' or '.join(silent)} in the last day" if silent else way
