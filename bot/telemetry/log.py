"""The log's form: lines for people, or one JSON object a line (PREADMIT_LOG_FORMAT=json)."""

from __future__ import annotations

import logging

_TEXT = "%(asctime)s %(levelname)s %(name)s %(message)s"


def begin(as_json: bool) -> None:
    """Write the log to standard error in one of the two forms."""
    handler = logging.StreamHandler()
    if as_json:
        from pythonjsonlogger.json import JsonFormatter

        renamed = {"asctime": "time", "levelname": "level", "name": "logger"}
        handler.setFormatter(JsonFormatter("%(asctime)s %(levelname)s %(name)s %(message)s", rename_fields=renamed))
    else:
        handler.setFormatter(logging.Formatter(_TEXT))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
