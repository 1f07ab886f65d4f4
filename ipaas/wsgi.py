"""The web server's entry point: callbacks have a way of their own, everything else is Django's."""

import os
from typing import Any

from django.apps import apps
from django.core.wsgi import get_wsgi_application

from ipaas.odd_requests import Request

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ipaas.settings")
pages = get_wsgi_application()
pages.request_class = Request
intake: Any = apps.get_app_config("syncjobs")
application = intake.hook_entry(pages)
