"""``matchImageReferences``: which images a policy means (upstream: pkg/cel/{compiler,matching}/image.go)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, partial

from engine.cel.environment import Environment, Options, Program
from engine.cel.libraries import bundles
from engine.cel.libraries.kyverno.image import IMAGE
from engine.cel.types import BOOL, STRING
from engine.cel.values import Value
from engine.cel_policies.declared import VariableTypes
from engine.cel_policies.expressions import Compiler, ExpressionError, ExpressionErrors, gathered
from engine.model import Path
from engine.schema import written
from engine.values import glob
from engine.values.golang import quote

References = Callable[[str], bool]
"""Whether an image is meant; raises EvaluationError."""


@cache
def _environment() -> Environment:
    return Environment([*bundles.KYVERNO_ALONE, IMAGE], {"ref": STRING}, options=Options(homogeneous_literals=True))


def compile(entries: Iterable[dict[str, Value]] | None, path: Path) -> References:
    """A policy without any means all images; raises ExpressionErrors."""
    shown = (*path[:-1], "MatchImageReferences")
    compiler = Compiler(_environment(), VariableTypes("kyverno.variables"), declares_variables=False)
    numbered = list(enumerate(entries or ()))
    try:
        tests = gathered(partial(_reference, entry, compiler, (*path, at), (*shown, at)) for at, entry in numbered)
    except ExpressionErrors as error:
        words = f"<nil>: Internal error: failed to compile matches: {error.words}"
        raise ExpressionError(error.path, str(error), error.line, words) from error
    return partial(_is_meant, tests)


def _is_meant(tests: tuple[References, ...], image: str) -> bool:
    return not tests or any(test(image) for test in tests)


def _reference(entry: dict[str, Value], compiler: Compiler, path: Path, shown: Path) -> References:
    text = entry.get("glob")
    if not text:
        return partial(_holds, _expression(entry.get("expression") or "", compiler, path, shown))
    try:
        return glob.compile(text)
    except ValueError as error:
        words = f"{written((*shown, 'glob'))}: Invalid value: {quote(text)}: {error}"
        raise ExpressionError((*path, "glob"), str(error), words=words) from error


def _expression(text: str, compiler: Compiler, path: Path, shown: Path) -> Program:
    try:
        return compiler.program(text, (*path, "expression"), BOOL)
    except ExpressionError as error:
        words = f"{written((*shown, 'expression'))}: Invalid value: {quote(text)}: {error}"
        raise ExpressionError(error.path, str(error), error.line, words) from error


def _holds(program: Program, image: str) -> bool:
    return program.evaluate({"ref": image}) is True
