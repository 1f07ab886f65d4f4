"""The web server's settings: `gunicorn ipaas.wsgi -c ipaas/gunicorn.py`."""

import gc

from django.urls import get_resolver

worker_class = "gthread"
workers = 2
threads = 8
timeout = 30
graceful_timeout = 10
keepalive = 15
limit_request_line = 8190  # as long as nginx lets it be: what is longer is told 414, and not cut off
preload_app = True  # workers share the application's memory; database connections are opened after the fork


def when_ready(server: object) -> None:
    """Before the workers are forked: every address is loaded, and stays shared, as no collection writes to it."""
    list(get_resolver().reverse_dict)
    gc.collect()
    gc.freeze()
