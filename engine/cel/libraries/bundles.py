"""Which libraries stand together in whose environments.

Upstream: k8s.io/apiserver pkg/cel/environment/base.go (1.36) and Kyverno's pkg/cel/compiler/env.go, which adds to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engine.cel.functions import Library
from engine.cel.libraries.extensions.encoders import ENCODERS
from engine.cel.libraries.extensions.lists import LISTS
from engine.cel.libraries.extensions.math import MATH
from engine.cel.libraries.extensions.protos import PROTOS
from engine.cel.libraries.extensions.regex import REGEX
from engine.cel.libraries.extensions.sets import SETS
from engine.cel.libraries.extensions.strings import STRINGS
from engine.cel.libraries.kubernetes import lists as kubernetes_lists
from engine.cel.libraries.kubernetes import regex as kubernetes_regex
from engine.cel.libraries.kubernetes.authorizer import AUTHORIZER
from engine.cel.libraries.kubernetes.cidr import CIDR
from engine.cel.libraries.kubernetes.format import FORMAT
from engine.cel.libraries.kubernetes.ip import IP
from engine.cel.libraries.kubernetes.quantity import QUANTITY
from engine.cel.libraries.kubernetes.semver import SEMVER
from engine.cel.libraries.kubernetes.urls import URLS
from engine.cel.macros import BINDINGS, TWO_VARIABLES
from engine.cel.validation import LITERALS

if TYPE_CHECKING:
    from engine.cel.libraries.kyverno.surroundings import Surroundings

_SHARED: Final = (
    STRINGS,
    SETS,
    LISTS,
    URLS,
    kubernetes_regex.REGEX,
    kubernetes_lists.LISTS,
    QUANTITY,
    IP,
    CIDR,
    FORMAT,
    SEMVER,
)
KUBERNETES: Final[tuple[Library, ...]] = (*_SHARED, LITERALS, AUTHORIZER, TWO_VARIABLES)
"""What expressions of Kubernetes 1.36 may name."""
_ADDED: Final = (ENCODERS, MATH, PROTOS, REGEX, BINDINGS)
KYVERNO_ALONE: Final[tuple[Library, ...]] = (*_SHARED, *_ADDED)
"""What Kyverno gives an environment that does not begin with Kubernetes': a DeletingPolicy's, an image's match."""
KYVERNO_BASE: Final[tuple[Library, ...]] = (*KUBERNETES, *_ADDED)
"""The same where it does: all other policies of policies.kyverno.io."""


def kyverno() -> tuple[Library, ...]:
    """Kyverno's own functions that ask nobody; a DeletingPolicy lacks ``user``, an ImageValidatingPolicy ``x509``."""
    from engine.cel.libraries.kyverno import gzip, hash, image, json, math, transform, user, x509, yaml
    from engine.cel.libraries.kyverno.compatibility import COMPATIBILITY

    return (
        COMPATIBILITY,
        image.IMAGE,
        user.USER,
        hash.HASH,
        math.MATH,
        json.JSON,
        yaml.YAML,
        x509.X509,
        transform.TRANSFORM,
        gzip.GZIP,
    )


def kyverno_asking(surroundings: Surroundings, namespace: str = "") -> tuple[Library, ...]:
    """Kyverno's own functions that ask the world, for a policy of the cluster or of a namespace.

    ``generator`` (a GeneratingPolicy's) and ``imageverify`` (an ImageValidatingPolicy's) come beside them.
    """
    from engine.cel.libraries.kyverno import globalcontext, http, imagedata, random, resource, time

    return (
        globalcontext.library(surroundings),
        resource.library(surroundings, namespace),
        imagedata.library(surroundings),
        random.library(surroundings),
        time.library(surroundings),
        http.library(surroundings, namespace),
    )
