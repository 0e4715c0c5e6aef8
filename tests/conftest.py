"""What holds for all tests."""

from __future__ import annotations

import os

# A run leaves nothing behind for the next one; the cache's own tests choose a directory.
os.environ["PREADMIT_CACHE"] = "off"
