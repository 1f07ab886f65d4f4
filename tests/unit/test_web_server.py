"""What the web server loads before it forks its workers, in a process of its own."""

import subprocess
import sys

from django.conf import settings

LOADED = """
import sys
import ipaas.wsgi
from ipaas import gunicorn
names = ("ipaas.urls", "syncjobs.pages.orders.order_views", "allauth.account.views")
before = [name in sys.modules for name in names]
gunicorn.when_ready(None)
print(before, [name in sys.modules for name in names])
"""


def test_workers_share_addresses_and_views() -> None:
    """Each would else load them anew with its first request: some 20 MB apiece."""
    command = [sys.executable, "-c", LOADED]
    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[False, False, False] [True, True, True]"
