"""The product's settings with the toy flow added: for worker processes that tests start."""

from ipaas.settings import *  # noqa: F403
from ipaas.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.engine.toyapp"]
