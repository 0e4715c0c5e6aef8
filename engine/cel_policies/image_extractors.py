"""``images``: where the images of a resource are (upstream: pkg/cel/compiler/images.go)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Final

from engine.cel.environment import Program
from engine.cel.errors import EvaluationError
from engine.cel.libraries.kyverno.native import text
from engine.cel.types import DYN, STRING, list_of
from engine.cel.values import Optional, Value, type_of
from engine.cel_policies.expressions import Compiler, ExpressionError
from engine.inventory import Place
from engine.model import Path
from engine.schema import written
from engine.values.golang import quote

Extractors = Mapping[str, Program]

_TEMPLATE: Final = "spec.template.spec"
_TEMPLATES: Final[Mapping[Place, str]] = {
    Place("", "v1", "pods"): "spec",
    Place("batch", "v1", "cronjobs"): f"spec.jobTemplate.{_TEMPLATE}",
    Place("batch", "v1", "jobs"): _TEMPLATE,
    **{Place("apps", "v1", name): _TEMPLATE for name in ("daemonsets", "deployments", "replicasets", "statefulsets")},
}
_LISTS: Final = ("containers", "initContainers", "ephemeralContainers")
_TEXTS: Final = (list_of(STRING), DYN, list_of(DYN))


def template(place: Place) -> str:
    """Where a resource holds a Pod's spec, "" where it holds none."""
    return _TEMPLATES.get(place, "")


def compile(own: Iterable[Mapping[str, str]], pod: str, compiler: Compiler, path: Path) -> dict[str, Program]:
    """The built-in ones for a template, and a policy's own, which go before them; raises ExpressionError."""
    built_in = [{"name": name, "expression": _built_in(pod, name)} for name in (_LISTS if pod else ())]
    found: dict[str, Program] = {}
    for index, entry in enumerate((*built_in, *own)):
        where = (*path, max(index - len(built_in), 0))
        found[entry["name"]] = _program(entry["expression"], compiler, where, (*path, index))
    return found


def _built_in(pod: str, name: str) -> str:
    return f"(object != null ? object : oldObject).{pod}.?{name}.orValue([]).map(e, e.image)"


def _program(source: str, compiler: Compiler, path: Path, shown: Path) -> Program:
    words = partial("{}: Invalid value: {}: {}".format, written((*shown, "expression")), quote(source))
    where = (*path, "expression")
    try:
        program = compiler.program(source, where)
    except ExpressionError as error:
        raise ExpressionError(where, str(error), error.line, words(error)) from error
    if program.result_type not in _TEXTS:
        message = "output is expected to be of type list"
        raise ExpressionError(where, message, words=words(message))
    return program


def extracted(extractors: Extractors, read: Mapping[str, Value]) -> dict[str, list[str]]:
    """The images by extractor; raises EvaluationError."""
    return {name: _texts(program.evaluate(read)) for name, program in extractors.items()}


def _texts(value: Value) -> list[str]:
    if isinstance(value, Optional) and value.present:
        value = value.value
    if isinstance(value, list):
        return [text(item) for item in value]
    if isinstance(value, Mapping):
        raise EvaluationError("type conversion error from map to '[]string'")
    raise EvaluationError(f"unsupported native conversion from {type_of(value).name} to '[]string'")
