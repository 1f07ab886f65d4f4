"""Named places where a test kills the process, armed by the environment only: `FAILPOINT="orders.deliver:2"`.

The process exits at the n-th passage of that place (n is 1 when left out), as `kill -9` would: no clean-up runs.
Unarmed, a passage costs one comparison.
"""

import os

EXIT_STATUS = 137  # what a shell reports after kill -9


def _armed(text: str) -> tuple[str, int]:
    name, _, count = text.partition(":")
    return name, int(count or 1)


_name, _left = _armed(os.environ.get("FAILPOINT", ""))


def passing(name: str) -> None:
    """Say that the process passes the place `name`; it ends here when that place is armed."""
    global _left  # noqa: PLW0603 (one countdown per process is the point)
    if name != _name:
        return
    _left -= 1
    if _left == 0:
        os._exit(EXIT_STATUS)
