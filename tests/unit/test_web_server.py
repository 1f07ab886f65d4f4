"""The web server loads everything before it forks: what a worker loads by itself is in memory once for each."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FIRST_REQUEST = """
import sys
import ipaas.wsgi
from django.test import RequestFactory
from ipaas import gunicorn

gunicorn.when_ready(None)
loaded = set(sys.modules)
answer = ipaas.wsgi.pages.get_response(RequestFactory().get("/healthz", headers={"host": "localhost"}))
rooms = ("connections", "errors", "ipaas", "mappings", "syncjobs")
print(answer.status_code, sorted(name for name in set(sys.modules) - loaded if name.startswith(rooms)))
"""


def test_a_worker_loads_nothing_of_ours_at_its_first_request() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FIRST_REQUEST],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": "sqlite:///:memory:", "DJANGO_SETTINGS_MODULE": "ipaas.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "200 []\n"
