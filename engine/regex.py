"""Regular expressions of this program that are compiled when they are first used.

Compiling all of them at import took a tenth of the time in which ten manifests are judged, and a run uses few of them.
(Those that policies bring are not for ``re``: RE2 runs them, in bounded time.)
"""

from __future__ import annotations

import re
from typing import Any, cast


def later(text: str, flags: int = 0) -> re.Pattern[str]:
    """As ``re.compile``, on first use."""
    return cast("re.Pattern[str]", _Later(text, flags))


class _Later:
    """Becomes the compiled pattern's methods one by one, so that each costs the detour once."""

    def __init__(self, text: str, flags: int) -> None:
        self.pattern = text
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(self.pattern, self._flags), name)
        setattr(self, name, found)
        return found
