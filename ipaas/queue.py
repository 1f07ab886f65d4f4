"""The queue's two small classes around django-q2: the broker and the worker command's sentinel."""

from django_q.brokers.orm import ORM


class PostgresBroker(ORM):  # type: ignore[misc]
    """Claims with SKIP LOCKED and waits on LISTEN/NOTIFY."""
