"""The custom kinds without a namespace, as the CustomResourceDefinitions of a repository declare them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from bot.build.contents import KNOWN, KYVERNOS
from bot.yaml_files import YamlFiles
from engine.documents import Document
from engine.kinds import group_of, is_namespaced
from engine.model import Value

_DEFINITION: Final = ("customresourcedefinition",)

Scopes = frozenset[tuple[str, str]]
"""Groups and kinds."""


UNLISTED: Final[Scopes] = frozenset(
    {
        ("admissionregistration.k8s.io", "MutatingAdmissionPolicy"),
        ("admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding"),
        ("certificates.k8s.io", "ClusterTrustBundle"),
        ("gateway.networking.k8s.io", "GatewayClass"),
        ("internal.apiserver.k8s.io", "StorageVersion"),
        ("resource.k8s.io", "DeviceTaintRule"),
        ("storagemigration.k8s.io", "StorageVersionMigration"),
    }
)
"""Kubernetes' own kinds without a namespace that the reference's list lacks: no cluster has them otherwise."""


@dataclass(frozen=True)
class CustomKinds:
    """What files declare, and then what ``added`` ones do: a cluster lets nobody change the scope of a kind.

    Nothing is read before it is needed.
    """

    files: YamlFiles
    added: YamlFiles | None = None

    def without_namespace(self, found: Iterable[Document]) -> Scopes:
        """The kinds without a namespace, where some of the documents are of a custom kind and name none."""
        return UNLISTED | self._declared if any(_asks(one.value) for one in found) else UNLISTED

    def namespaced(self, group: str, kind: str) -> bool:
        """Whether resources of the kind live in a namespace; a kind that nobody declares does."""
        if (group, kind) in UNLISTED or not is_namespaced(group, kind):
            return False
        return (group, kind) in KNOWN or (group, kind) not in self._declared

    @cached_property
    def _declared(self) -> Scopes:
        from bot.dropin.resource_inputs import scopes  # only repositories with custom resources need it

        known: dict[tuple[Value, Value], Value] = {}
        added = [] if self.added is None else self.added.of_kinds(_DEFINITION)
        for definition in (*self.files.of_kinds(_DEFINITION), *added):
            match definition.value:
                case {"spec": {"group": str(group), "names": {"kind": str(kind)}}} if (group, kind) not in KNOWN:
                    known.setdefault((group, kind), definition.value)
        return scopes(known.values())


def _asks(value: Value) -> bool:
    match value:
        case {"items": list()}:
            return True  # a list, of whatever it may be
        case {"apiVersion": str(api_version), "kind": str(kind), **rest}:
            metadata = rest.get("metadata")
            named = isinstance(metadata, dict) and metadata.get("namespace")
            group = group_of(api_version)
            foreign = bool(group) and group not in KYVERNOS and (group, kind) not in KNOWN | UNLISTED
            return foreign and not named  # of what judges, the kind alone tells where it is asked
    return False
