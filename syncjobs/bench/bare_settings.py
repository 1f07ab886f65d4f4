"""The ceiling of accepting webhooks: the same server and database, no middleware, one view with one INSERT."""

from ipaas.settings import *  # noqa: F403

ROOT_URLCONF = "syncjobs.bench.bare"
MIDDLEWARE = []
INSTALLED_APPS = [app for app in INSTALLED_APPS if not app.startswith("allauth")]  # noqa: F405 (it wants middleware)
