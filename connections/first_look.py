"""What is looked at by itself once a store's orders may flow: `syncjobs/apps.py` names it."""

from collections.abc import Callable

from connections.models import Connection

Look = Callable[[Connection], object]
LOOKS: list[Look] = []


def register(*looks: Look) -> None:
    """Have these begun after the set-up; each only queues, and is harmless when begun twice."""
    LOOKS.extend(look for look in looks if look not in LOOKS)


def first_look(connection: Connection) -> None:
    """Begin them: the check-up, reading both catalogues, the open orders of before."""
    for look in LOOKS:
        look(connection)
