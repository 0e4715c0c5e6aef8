"""Kyverno's ``yaml`` (upstream: libs/yaml)."""

from __future__ import annotations

from typing import ClassVar, Final

from engine.cel.errors import EvaluationError
from engine.cel.functions import Constant, Library, function, member
from engine.cel.types import DYN, STRING, Type, opaque
from engine.cel.values import Opaque, Value

YAML_TYPE: Final = opaque("yaml.Yaml")


class Yaml(Opaque):
    """What the function is called on."""

    __slots__ = ()
    cel_type: ClassVar[Type] = YAML_TYPE


def _parse(_yaml: Yaml, text: str) -> Value:
    from engine.errors import EngineError
    from engine.jmespath import yaml_text

    try:
        return yaml_text.parse(text)
    except EngineError as error:
        raise EvaluationError(str(error)) from None


YAML: Final = Library(
    "kyverno.yaml",
    functions=(function("parse", member("parse_string_dyn", (YAML_TYPE, STRING), DYN, _parse)),),
    constants={"yaml": Constant(YAML_TYPE, Yaml())},
)
