"""Running a command again on data of its own, so that every measured run starts from the seed."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ipaas import postgres


def run_again(name: str, *more: str) -> int:
    """Run this process's command line with `--data` and a fresh directory, deleted afterwards; its exit status.

    An option among `more` replaces the same option of the command line.
    """
    directory = Path(tempfile.mkdtemp(prefix=f"tillbridge-{name}-"))
    database = {"DATA_DIR": str(directory), "DATABASE_URL": postgres.server_at(directory / "postgres").url}
    command = [sys.executable, *sys.argv, *more, "--data", str(directory)]
    try:
        return subprocess.run(command, env={**os.environ, **database}, check=False).returncode
    finally:
        postgres.forget(directory / "postgres")
        shutil.rmtree(directory, ignore_errors=True)
