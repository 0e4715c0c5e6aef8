"""The environments of each kind of policy (upstream: pkg/cel/compiler/env.go, policies/*/compiler/compiler.go;
apiserver's cel/environment/base.go, of which policies get all that any release has).

What does not ask the world is put together once in a process; the rest once for each world.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from engine.cel.costs import DEFAULT_LIMIT, PER_CALL_LIMIT
from engine.cel.environment import Environment, Options
from engine.cel.functions import Library
from engine.cel.libraries.extensions.encoders import ENCODERS
from engine.cel.libraries.extensions.lists import LISTS
from engine.cel.libraries.extensions.math import MATH
from engine.cel.libraries.extensions.regex import REGEX
from engine.cel.libraries.extensions.sets import SETS
from engine.cel.libraries.extensions.strings import STRINGS
from engine.cel.libraries.kubernetes.authorizer import AUTHORIZER, AUTHORIZER_TYPE, RESOURCE_CHECK_TYPE
from engine.cel.libraries.kubernetes.cidr import CIDR
from engine.cel.libraries.kubernetes.format import FORMAT
from engine.cel.libraries.kubernetes.ip import IP
from engine.cel.libraries.kubernetes.jsonpatch import JSONPATCH
from engine.cel.libraries.kubernetes.lists import LISTS as KUBERNETES_LISTS
from engine.cel.libraries.kubernetes.quantity import QUANTITY
from engine.cel.libraries.kubernetes.regex import REGEX as KUBERNETES_REGEX
from engine.cel.libraries.kubernetes.semver import SEMVER
from engine.cel.libraries.kubernetes.urls import URLS
from engine.cel.libraries.kyverno import generator, globalcontext, http, imagedata, random, resource, time
from engine.cel.libraries.kyverno.compatibility import COMPATIBILITY
from engine.cel.libraries.kyverno.gzip import GZIP
from engine.cel.libraries.kyverno.hash import HASH
from engine.cel.libraries.kyverno.image import IMAGE
from engine.cel.libraries.kyverno.json import JSON
from engine.cel.libraries.kyverno.math import MATH as KYVERNO_MATH
from engine.cel.libraries.kyverno.surroundings import Surroundings
from engine.cel.libraries.kyverno.transform import TRANSFORM
from engine.cel.libraries.kyverno.user import USER
from engine.cel.libraries.kyverno.x509 import X509
from engine.cel.libraries.kyverno.yaml import YAML
from engine.cel.macros import BINDINGS, TWO_VARIABLES
from engine.cel.types import DYN, Type
from engine.cel.validation import LITERALS
from engine.cel_policies.declared import EXCEPTIONS, KUBERNETES, KYVERNO, MUTATION, NAMESPACE, REQUEST

_OBJECTS: Final[Mapping[str, Type]] = {
    "object": DYN,
    "oldObject": DYN,
    "request": REQUEST,
    "namespaceObject": NAMESPACE,
}


_AUTHORIZERS: Final[Mapping[str, Type]] = {
    "authorizer": AUTHORIZER_TYPE,
    "authorizer.requestResource": RESOURCE_CHECK_TYPE,
}
_SHARED: Final = (
    *(CIDR, FORMAT, IP, KUBERNETES_LISTS, KUBERNETES_REGEX, QUANTITY, SEMVER, URLS),
    *(LISTS, SETS, STRINGS),
)
_KUBERNETES: Final = (*_SHARED, AUTHORIZER, LITERALS, TWO_VARIABLES)
_KYVERNO: Final = (
    *(*_SHARED, BINDINGS, ENCODERS, MATH, REGEX),
    *(GZIP, HASH, IMAGE, JSON, KYVERNO_MATH, TRANSFORM, X509, YAML),
)


@cache
def kubernetes(*, params: bool = False, authorizer: bool = False, patches: bool = False) -> Environment:
    """What Kubernetes' own policies, and ``validate.cel`` of classic ones, may name."""
    variables = {**_OBJECTS, **({"params": DYN} if params else {}), **(_AUTHORIZERS if authorizer else {})}
    return Environment(
        [*_KUBERNETES, COMPATIBILITY, *_patching(patches), Library("kubernetes-types", types=(KUBERNETES,))],
        variables,
        options=Options(homogeneous_literals=True, cost_limit=PER_CALL_LIMIT),
    )


def _patching(patches: bool) -> list[Library]:
    return [JSONPATCH, Library("mutation", types=(MUTATION,))] if patches else []


@cache
def _kyverno(family: str) -> Environment:
    """What policies of a family may name, without what asks the world."""
    is_kubernetes = family in ("ValidatingPolicy", "MutatingPolicy")
    more = (*_KUBERNETES, USER) if is_kubernetes else ()
    libraries = {one.name: one for one in (*_KYVERNO, *more)}
    types = Library("kyverno-types", types=(KYVERNO,))
    return Environment(
        [*libraries.values(), COMPATIBILITY, *_patching(family == "MutatingPolicy"), types],
        {**_OBJECTS, "exceptions": EXCEPTIONS},
        options=Options(
            homogeneous_literals=family != "GeneratingPolicy",
            cost_limit=PER_CALL_LIMIT if is_kubernetes else DEFAULT_LIMIT,
        ),
    )


def of(family: str, namespace: str, world: Surroundings) -> Environment:
    """What policies of policies.kyverno.io may name, of a family and a namespace."""
    found = [
        globalcontext.library(world),
        http.library(world, namespace),
        imagedata.library(world),
        random.library(world),
        resource.library(world, namespace),
        time.library(world),
    ]
    if family == "GeneratingPolicy":
        found.append(generator.library(world, namespace))
    return _kyverno(family).extend(found)
