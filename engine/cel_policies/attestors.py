"""Attestors of an ImageValidatingPolicy, whose keys and certificates may be expressions.

Upstream: pkg/image/verification/variables/attestors.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, Final

from msgspec import Struct

from engine.cel.environment import Program
from engine.cel.errors import EvaluationError
from engine.cel.libraries.kyverno.native import text
from engine.cel.types import Type, object_type
from engine.cel.values import Opaque, Value
from engine.cel_policies.expressions import Compiler, ExpressionError, LazyVariables
from engine.model import Path
from engine.schema import written
from engine.values import golang

_ORDER: Final = ("data", "kms", "hashAlgorithm", "cert", "certChain", "certs", "tsaCerts", "value", "expression")
"""The fields that errors show, as Go's types have them."""


class Attestor(Opaque):
    """What expressions get of an attestor: nothing to look into, but to hand on. ``raw`` is as written."""

    __slots__ = ("raw",)
    cel_type: ClassVar[Type] = object_type("imageverify.attestor")

    def __init__(self, raw: Mapping[str, Value]) -> None:
        self.raw = raw

    def get_field(self, name: str) -> Value:
        """See Opaque."""
        raise EvaluationError(f"no such key: {name}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Attestor) and self.raw == other.raw

    def __hash__(self) -> int:
        return hash(self.raw["name"])


class _Place(Struct, frozen=True):
    """A part of an attestor that may be an expression: what errors call it, and what they show."""

    path: Path
    goal: str
    what: str
    shown: Path


_KEY: Final = _Place(("cosign", "key"), "data", "key", ("cosign", "key"))
_CERTIFICATES: Final = (
    _Place(("cosign", "certificate", "cert"), "value", "cert", ("cosign", "certificate")),
    _Place(("cosign", "certificate", "certChain"), "value", "cert chain", ("cosign", "certificate")),
)
_OTHERS: Final = (
    _Place(("notary", "certs"), "value", "notary cert", ("notary",)),
    _Place(("notary", "tsaCerts"), "value", "notary tsa cert", ("notary",)),
    _Place(("cosign", "trustedRoot"), "value", "trustedRoot", ("cosign", "trustedRoot")),
)


class CompiledAttestor(Struct, frozen=True):
    """An attestor, and the expressions in it."""

    raw: dict[str, Value]
    expressions: tuple[tuple[_Place, Program], ...]

    def settled(self, read: Mapping[str, Value]) -> Attestor:
        """The attestor with what its expressions give; raises EvaluationError."""
        raw = self.raw
        for place, program in self.expressions:
            where = f"compiled attestor: {self.raw['name']}, error:"
            raw = _put(raw, (*place.path, place.goal), _text(program, read, where, place.what))
        return Attestor(raw)


def compile(entries: Iterable[dict[str, Value]], compiler: Compiler, path: Path) -> tuple[CompiledAttestor, ...]:
    """Compile all attestors; raises ExpressionError for the first expression that does not compile."""
    return tuple(
        CompiledAttestor(raw, tuple(_expressions(raw, compiler, (*path, index)))) for index, raw in enumerate(entries)
    )


def lazily(attestors: Iterable[CompiledAttestor], read: Mapping[str, Value]) -> LazyVariables:
    """``attestors`` over what an evaluation can read."""
    by_name = {attestor.raw["name"]: attestor for attestor in attestors}
    return LazyVariables(by_name, lambda name: by_name[name].settled(read))


def _expressions(raw: dict[str, Value], compiler: Compiler, path: Path) -> Iterator[tuple[_Place, Program]]:
    has_key = bool((_at(raw, _KEY.path) or {}).get("expression"))
    for place in (*((_KEY,) if has_key else _CERTIFICATES), *_OTHERS):
        source = (_at(raw, place.path) or {}).get("expression")
        if source:
            yield place, _program(source, compiler, path, place, raw)


def _program(source: str, compiler: Compiler, path: Path, place: _Place, raw: dict[str, Value]) -> Program:
    try:
        return compiler.program(source, (*path, *place.path, "expression"))
    except ExpressionError as error:
        words = f"{written(path)}: Invalid value: {_shown(_at(raw, place.shown))}: {error}"
        raise ExpressionError(error.path, str(error), error.line, words) from error


def _text(program: Program, read: Mapping[str, Value], where: str, what: str) -> str:
    try:
        value = program.evaluate(read)
    except EvaluationError as error:
        raise EvaluationError(f"failed to convert {what} in {where} failed to evaluate {where} {error}") from error
    try:
        return text(value)
    except EvaluationError as error:
        raise EvaluationError(
            f"failed to convert {what} in {where} failed to convert expression in {where} {error}"
        ) from error


def _at(value: Value, path: Path) -> Value:
    for part in path:
        value = (value or {}).get(part)
    return value


def _put(value: Value, path: Path, text: str) -> Value:
    head, *rest = path
    return {**value, head: _put(value[head], tuple(rest), text) if rest else text}


def _shown(value: Value) -> str:
    if isinstance(value, dict):
        keys = [key for key in _ORDER if value.get(key)]
        return f"{{{','.join(f'{golang.marshal(key)}:{_shown(value[key])}' for key in keys)}}}"
    return golang.marshal(value)
