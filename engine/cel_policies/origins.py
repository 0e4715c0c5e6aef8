"""Where in a resource a CEL expression looks, so that a finding can be shown at its line."""

from __future__ import annotations

from collections.abc import Mapping

from engine.model import Path
from engine.regex import later

_KEY = r"""\[\??(?:\d+|'[^']*'|"[^"]*")\]"""
_CHAIN = later(rf"\b(object|oldObject|variables)((?:\.\??[A-Za-z_]\w*+(?!\()|{_KEY})+)")
_STEP = later(r"""\.\??([A-Za-z_]\w*)|\[\??(?:(\d+)|'([^']*)'|"([^"]*)")\]""")

Texts = Mapping[str, str]
"""The texts of a policy's variables."""


def of_expression(text: str, variables: Texts) -> Path:
    """The fields that an expression reads first, through variables if need be; () where none can be told.

    A later chain counts where it goes on from the first: ``has(object.spec) && object.spec.hostNetwork`` is about
    hostNetwork.
    """
    return _of(text, variables, frozenset())


def _of(text: str, variables: Texts, seen: frozenset[str]) -> Path:
    best: Path = ()
    for root, chain in _CHAIN.findall(text):
        path = _steps(chain)
        if root == "variables":
            name = str(path[0])
            if name in seen or name not in variables:
                continue
            path = _of(variables[name], variables, seen | {name}) + path[1:]
        if path[: len(best)] == best:
            best = path
    return best


def _steps(chain: str) -> Path:
    found = _STEP.findall(chain)
    return tuple(int(index) if index else name or single or double for name, index, single, double in found)
