"""JMESPath in Kyverno's dialect: expressions compiled to closures, with go-jmespath's semantics and 51 functions."""

from engine.jmespath.evaluation import Evaluation, Runtime
from engine.jmespath.functions import FUNCTIONS
from engine.jmespath.functions.images import image_reference
from engine.jmespath.query import Query, compile
from engine.jmespath.signatures import Function

__all__ = ["FUNCTIONS", "Evaluation", "Function", "Query", "Runtime", "compile", "image_reference"]
