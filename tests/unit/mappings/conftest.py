"""Property tests: few examples while working, many in CI; no time limit, because machines are shared."""

import os

from hypothesis import settings

settings.register_profile("mappings", max_examples=200 if os.environ.get("CI") else 25, deadline=None)
settings.load_profile("mappings")
