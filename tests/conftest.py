"""What holds for all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# A run leaves nothing behind for the next one; the cache's own tests choose a directory.
os.environ["PREADMIT_CACHE"] = "off"

# How long an example takes depends on what else the machine does, so it decides no test.
settings.register_profile("preadmit", deadline=None)
settings.load_profile("preadmit")
