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
from engine.cel.libraries import bundles
from engine.cel.libraries.kubernetes.authorizer import AUTHORIZER_TYPE, RESOURCE_CHECK_TYPE
from engine.cel.libraries.kubernetes.jsonpatch import JSONPATCH
from engine.cel.libraries.kyverno import generator
from engine.cel.libraries.kyverno.compatibility import COMPATIBILITY
from engine.cel.libraries.kyverno.surroundings import ImageVerifier, Surroundings
from engine.cel.libraries.kyverno.user import USER
from engine.cel.libraries.kyverno.x509 import X509
from engine.cel.types import DYN, STRING, Type, list_of, map_of
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


@cache
def kubernetes(*, params: bool = False, authorizer: bool = False, patches: bool = False) -> Environment:
    """What Kubernetes' own policies, and ``validate.cel`` of classic ones, may name."""
    variables = {**_OBJECTS, **({"params": DYN} if params else {}), **(_AUTHORIZERS if authorizer else {})}
    return Environment(
        [*bundles.KUBERNETES, COMPATIBILITY, *_patching(patches), Library("kubernetes-types", types=(KUBERNETES,))],
        variables,
        options=Options(homogeneous_literals=True, cost_limit=PER_CALL_LIMIT),
    )


def _patching(patches: bool) -> list[Library]:
    return [JSONPATCH, Library("mutation", types=(MUTATION,))] if patches else []


@cache
def _kyverno(family: str) -> Environment:
    """What policies of a family may name, without what asks the world."""
    is_kubernetes = family in ("ValidatingPolicy", "MutatingPolicy")
    base = bundles.KYVERNO_BASE if is_kubernetes else bundles.KYVERNO_ALONE
    own = [one for one in bundles.kyverno() if is_kubernetes or one is not USER]
    types = Library("kyverno-types", types=(KYVERNO,))
    return Environment(
        [*base, *own, *_patching(family == "MutatingPolicy"), types],
        {**_OBJECTS, "exceptions": EXCEPTIONS},
        options=Options(
            homogeneous_literals=family != "GeneratingPolicy",
            cost_limit=PER_CALL_LIMIT if is_kubernetes else DEFAULT_LIMIT,
        ),
    )


_IMAGES: Final[Mapping[str, Type]] = {
    "images": map_of(STRING, list_of(STRING)),
    "attestors": map_of(STRING, DYN),
    "attestations": map_of(STRING, STRING),
}


@cache
def _images(*, json: bool) -> Environment:
    own = [one for one in bundles.kyverno() if one not in (COMPATIBILITY, X509)]
    return Environment(
        [*bundles.KYVERNO_BASE, *own, Library("kyverno-types", types=(KYVERNO,))],
        {"object": DYN, **_IMAGES} if json else {**_OBJECTS, **_IMAGES},
        options=Options(homogeneous_literals=True, cost_limit=PER_CALL_LIMIT),
    )


def of_images(*, json: bool, namespace: str, world: Surroundings, verifier: ImageVerifier) -> Environment:
    """What an ImageValidatingPolicy may name; ``json`` is one that judges any document (evaluator/compiler.go)."""
    from engine.cel.libraries.kyverno import imageverify  # only these policies need it

    return _images(json=json).extend([*bundles.kyverno_asking(world, namespace), imageverify.library(verifier)])


def of(family: str, namespace: str, world: Surroundings) -> Environment:
    """What policies of policies.kyverno.io may name, of a family and a namespace."""
    found = bundles.kyverno_asking(world, namespace)
    if family == "GeneratingPolicy":
        found = (*found, generator.library(world, namespace))
    return _kyverno(family).extend(found)
