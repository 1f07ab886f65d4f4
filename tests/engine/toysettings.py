"""The product's settings with the toy flow added: for worker processes that tests start."""

import os

from ipaas.settings import *  # noqa: F403
from ipaas.settings import INSTALLED_APPS, Q_CLUSTER

Q_CLUSTER |= {
    "timeout": int(os.environ.get("TOY_TIMEOUT", "60")),
    "recycle": int(os.environ.get("TOY_RECYCLE", "500")),
}
INSTALLED_APPS = [*INSTALLED_APPS, "tests.engine.toyapp"]
