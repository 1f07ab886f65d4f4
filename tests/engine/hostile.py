"""What somebody who can write one row, or knows our signing key, might put where we read."""

import base64
import os
import pickle
from pathlib import Path
from typing import Any

from django.core import signing

from ipaas.queue import SALT


class Evil:
    """Its pickle creates a file when it is loaded."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.marker}",)


class Pickled:
    """A serialiser as django-q2's."""

    @staticmethod
    def dumps(value: Any) -> bytes:
        return pickle.dumps(value)


def pickle_of(marker: Path) -> str:
    """As Django's database cache and pickled fields keep their values."""
    return base64.b64encode(pickle.dumps(Evil(marker))).decode()


def bites(marker: Path) -> bool:
    """True when the pickle does what it is made for; the file is gone again."""
    pickle.loads(base64.b64decode(pickle_of(marker)))  # noqa: S301 (that is what is shown)
    was_there = marker.exists()
    marker.unlink()
    return was_there


def signed(value: Any, *, key: str, salt: str = SALT, serializer: Any = signing.JSONSerializer) -> str:
    return signing.dumps(value, key=key, salt=salt, serializer=serializer)


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def old_token(key: str, function: str, *args: object) -> str:
    """As the version before put them: a signed pickle that names a function."""
    task = {"id": "a" * 32, "name": function, "func": function, "args": args, "kwargs": {}, "ack_failure": True}
    return signed(task, key=key, salt="ipaas", serializer=Pickled)


def tokens(key: str, marker: Path) -> list[tuple[str, str]]:
    """Rows for the queue: what they are refused for, and their payload."""
    touch = f"touch {marker}"
    return [
        ("old_version", signed(Evil(marker), key=key, salt="ipaas", serializer=Pickled)),
        ("old_version", old_token(key, "os.system", touch)),
        ("old_version", signed([1, 2], key=key, salt="ipaas", serializer=Pickled)),
        ("bad_signature", signed({"task": "sweep", "ids": []}, key="another key")),
        ("bad_signature", pickle_of(marker)),
        ("bad_signature", "no token at all"),
        ("bad_signature", ""),
        ("bad_signature", "::"),
        ("too_long", "A" * 5_000_000),
        ("too_long", signed(nested(900), key=key)),
        ("unreadable", signed(Evil(marker), key=key, serializer=Pickled)),
        ("odd_content", signed(nested(300), key=key)),
        ("odd_content", signed("sweep", key=key)),
        ("odd_content", signed(None, key=key)),
        ("odd_content", signed({"func": "os.system", "args": [touch]}, key=key)),
        ("odd_content", signed({"task": "os.system", "ids": [touch]}, key=key)),
        ("odd_content", signed({"task": "run_lane", "ids": ["1"]}, key=key)),
        ("odd_content", signed({"task": "run_lane", "ids": [True]}, key=key)),
        ("odd_content", signed({"task": "run_lane", "ids": [1.0]}, key=key)),
        ("odd_content", signed({"task": "run_lane", "ids": {"lane_id": 1}}, key=key)),
        ("odd_content", signed({"task": ["run_lane"], "ids": [1]}, key=key)),
        ("odd_content", signed({"task": "sweep", "ids": [], "kwargs": {}}, key=key)),
        ("unknown_task", signed({"task": "os.system", "ids": []}, key=key)),
        ("unknown_task", signed({"task": "syncjobs.tasks.sweep", "ids": []}, key=key)),
        ("unknown_task", signed({"task": "__class__", "ids": []}, key=key)),
        ("odd_ids", signed({"task": "run_lane", "ids": []}, key=key)),
        ("odd_ids", signed({"task": "run_lane", "ids": [1, 2]}, key=key)),
        ("odd_ids", signed({"task": "run_lane", "ids": [-1]}, key=key)),
        ("odd_ids", signed({"task": "run_lane", "ids": [2**63]}, key=key)),
        ("odd_ids", signed({"task": "sweep", "ids": [1]}, key=key)),
    ]
