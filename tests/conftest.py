"""Settings for all tests: in CI hypothesis takes the same examples every time, at home new ones."""

import os

from hypothesis import settings

settings.register_profile("ci", derandomize=True)
settings.register_profile("home")
settings.load_profile("ci" if os.environ.get("CI") else "home")
