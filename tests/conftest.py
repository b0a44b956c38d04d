"""What all tests share."""

import os

from hypothesis import settings

# A machine that is busy must not fail a test; the checks of CI are the same at every run.
settings.register_profile("project", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("project")
