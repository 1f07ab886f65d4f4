"""Named places where a test kills the process, armed by the environment only: `FAILPOINT="orders.deliver:2"`.

The process exits at the n-th passage of that place (n is 1 when left out), as `kill -9` would: no clean-up runs.
`FAILPOINT="@/some/file"` looks for such a text in that file at each passage, and passages of all processes are counted
together in it; who strikes removes the file first, so that a place kills once, and the next may be armed without
starting anything anew.
Unarmed, a passage costs one comparison.
"""

import fcntl
import os
from collections import Counter
from pathlib import Path

EXIT_STATUS = 137  # what a shell reports after kill -9

_armed = os.environ.get("FAILPOINT", "")
_passages: Counter[str] = Counter()


def passing(name: str) -> None:
    """Say that the process passes the place `name`; it ends here when that place is armed."""
    if not _armed:
        return
    if _is_due_in_file(Path(_armed[1:]), name) if _armed.startswith("@") else _is_due(name):
        os._exit(EXIT_STATUS)


def _is_due(name: str) -> bool:
    wanted, _, count = _armed.partition(":")
    _passages[name] += 1
    return name == wanted and _passages[name] == int(count or 1)


def _is_due_in_file(path: Path, name: str) -> bool:
    """Count the passage down in the file; True for the one process that may strike."""
    try:
        with path.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            wanted, _, count = file.read().strip().partition(":")
            if name != wanted:
                return False
            left = int(count or 1) - 1
            file.seek(0)
            file.truncate()  # who waits for the lock then strikes at nothing
            if left:
                file.write(f"{wanted}:{left}")
            else:
                path.unlink()
            return not left
    except FileNotFoundError:
        return False
