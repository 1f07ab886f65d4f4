"""The ceiling of accepting webhooks: the same server and database, no middleware, one view with one INSERT."""

from ipaas.settings import *  # noqa: F403

ROOT_URLCONF = "syncjobs.stories.bench.bare"
MIDDLEWARE = []
# The log-in library wants middleware, and the admin wants the library.
LEFT_OUT = ("allauth", "connections.apps.PlatformAdminConfig")
INSTALLED_APPS = [app for app in INSTALLED_APPS if not app.startswith(LEFT_OUT)]  # noqa: F405
