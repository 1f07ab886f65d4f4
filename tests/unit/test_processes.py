"""What we read off other processes."""

import subprocess
import sys

import psutil
import pytest

from ipaas import processes

RENAMED = "import setproctitle, sys; setproctitle.setproctitle('worker idle'); print(flush=True); sys.stdin.read()"


@pytest.mark.parametrize("padding", [0, 10, 100, 1000])
def test_a_title_ends_where_its_words_end(padding: int) -> None:
    argv = [sys.executable, "-c", RENAMED, "x" * padding]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout
        child.stdout.readline()
        assert processes.title(psutil.Process(child.pid)) == "worker idle"
