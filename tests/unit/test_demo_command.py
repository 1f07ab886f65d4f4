"""What `manage.py demo` says is there when it says it, also through a pipe."""

import io

from syncjobs.management.commands.demo import Command


def test_a_line_is_not_kept_until_the_end() -> None:
    pipe = io.BytesIO()
    command = Command(stdout=io.TextIOWrapper(io.BufferedWriter(pipe)))
    command._tell("Tillbridge is running.")
    assert pipe.getvalue() == b"Tillbridge is running.\n"
