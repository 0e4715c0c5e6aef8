"""The events of libyaml's parser, and its complaints as faults."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from yaml import CSafeLoader
from yaml.error import MarkedYAMLError
from yaml.events import StreamEndEvent
from yaml.reader import ReaderError

from engine.yaml.faults import SYNTAX, Fault, placer, syntax_advice

Event: TypeAlias = Any
"""An event of the parser; its type stubs allow for events without marks, which libyaml never gives."""


def events(text: str) -> Iterator[Event]:
    """The parser's events up to the end of the stream; raises Fault where the text is no YAML."""
    try:
        parser = CSafeLoader(text)
        while True:
            event = parser.get_event()
            if type(event) is StreamEndEvent:
                return
            yield event
    except MarkedYAMLError as error:
        message = ", ".join(part for part in (error.problem, error.context) if part) or "the text is not YAML"
        mark = error.problem_mark or error.context_mark
        raise Fault(SYNTAX, message, placer(text)(mark) if mark else (0, 0), syntax_advice(message)) from error
    except ReaderError as error:
        before = text.encode("utf-8", "replace")[: error.position].decode("utf-8", "replace")
        where = (before.count("\n"), len(before) - before.rfind("\n") - 1)
        raise Fault(SYNTAX, error.reason, where, "Remove the character, or write it as an escape.") from error
