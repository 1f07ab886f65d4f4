"""The web server's settings: `gunicorn ipaas.wsgi -c ipaas/gunicorn.py`."""

worker_class = "gthread"
workers = 2
threads = 8
timeout = 30
graceful_timeout = 10
keepalive = 15
preload_app = True  # workers share the application's memory; database connections are opened after the fork
