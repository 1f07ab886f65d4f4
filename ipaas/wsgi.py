"""The web server's entry point: callbacks have a way of their own, everything else is Django's."""

import os

from django.core.wsgi import get_wsgi_application
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ipaas.settings")
pages = get_wsgi_application()
application = import_string("syncjobs.intake.hook_entry.HookEntry")(pages)
