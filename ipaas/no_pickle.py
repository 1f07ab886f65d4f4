"""Libraries that would make code of data are kept from it: django-q2 and its fields read no pickle in our processes.

We use neither its tokens nor its results (`ipaas/queue.py`, `syncjobs/cluster.py`); its tables are still there, and
what stands in one of them must stay text, whoever reads it.
"""

from typing import Any, NoReturn

import picklefield.fields
from django_q import signing


class NeverRead(Exception):
    """A pickle was about to be read."""


class NothingWritten:
    """Stands in for django-q2's serialiser: what it writes is a status that nobody reads."""

    @staticmethod
    def dumps(obj: Any) -> bytes:
        return b""

    @staticmethod
    def loads(data: bytes) -> NoReturn:
        raise NeverRead


def _never(*args: Any, **kwargs: Any) -> NoReturn:
    raise NeverRead


def install() -> None:
    """Once, when the applications are loaded. A field that cannot be decoded answers its text."""
    signing.PickleSerializer = NothingWritten
    picklefield.fields.dbsafe_decode = _never
