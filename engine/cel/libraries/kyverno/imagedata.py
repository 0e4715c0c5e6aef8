"""Kyverno's variable ``image``: what a registry knows (upstream: libs/imagedata)."""

from __future__ import annotations

from typing import ClassVar, Final

from engine.cel.functions import Constant, Library, function, member
from engine.cel.libraries.kyverno.native import asked
from engine.cel.libraries.kyverno.surroundings import Surroundings
from engine.cel.types import DYN, STRING, Type, opaque
from engine.cel.values import Opaque, Value

CONTEXT_TYPE: Final = opaque("imagedata.Context")


class Context(Opaque):
    """Who knows images."""

    __slots__ = ("surroundings",)
    cel_type: ClassVar[Type] = CONTEXT_TYPE

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings


def _metadata(of: Context, image: str) -> Value:
    return asked("failed to get image data", lambda: of.surroundings.image_metadata(image))


_FUNCTIONS: Final = tuple(
    function(name, member(f"imagedata_get_string_{suffix}", (CONTEXT_TYPE, STRING), DYN, _metadata))
    for name, suffix in (("GetMetadata", "pascal"), ("getMetadata", "camel"))
)


def library(surroundings: Surroundings) -> Library:
    """``image`` with who answers."""
    context = Constant(CONTEXT_TYPE, Context(surroundings))
    return Library("kyverno.imagedata", functions=_FUNCTIONS, constants={"image": context}, asks=True)
