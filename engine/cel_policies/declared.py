"""The types that policies read and make: the request, the namespace, variables, objects and patches.

Upstream: apiserver's admission/plugin/cel/compile.go and cel/mutation; pkg/cel/compiler.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.cel.functions import ObjectTypes
from engine.cel.types import BOOL, DYN, INT, STRING, TIMESTAMP, Type, list_of, map_of, object_type
from engine.cel.values import ObjectValue, Value

REQUEST: Final = object_type("kubernetes.AdmissionRequest")
NAMESPACE: Final = object_type("kubernetes.Namespace")
EXCEPTIONS: Final = object_type("libs.Exception")
APPLY_CONFIGURATION: Final = object_type("Object")
JSON_PATCH: Final = object_type("JSONPatch")

_KIND = object_type("kubernetes.GroupVersionKind")
_RESOURCE = object_type("kubernetes.GroupVersionResource")
_USER = object_type("kubernetes.UserInfo")
_METADATA = object_type("kubernetes.NamespaceMetadata")
_SPEC = object_type("kubernetes.NamespaceSpec")
_STATUS = object_type("kubernetes.NamespaceStatus")
_CONDITION = object_type("kubernetes.NamespaceCondition")
_TEXTS = list_of(STRING)
_LABELS = map_of(STRING, STRING)

_REQUEST_FIELDS: Final = {
    "kind": _KIND,
    "resource": _RESOURCE,
    "subResource": STRING,
    "requestKind": _KIND,
    "requestResource": _RESOURCE,
    "requestSubResource": STRING,
    "name": STRING,
    "namespace": STRING,
    "operation": STRING,
    "userInfo": _USER,
    "dryRun": BOOL,
    "options": DYN,
}
_SHARED: Final[Mapping[str, Mapping[str, Type]]] = {
    _KIND.name: {"group": STRING, "version": STRING, "kind": STRING},
    _RESOURCE.name: {"group": STRING, "version": STRING, "resource": STRING},
    _USER.name: {"username": STRING, "uid": STRING, "groups": _TEXTS, "extra": map_of(STRING, _TEXTS)},
    NAMESPACE.name: {"metadata": _METADATA, "spec": _SPEC, "status": _STATUS},
    _SPEC.name: {"finalizers": _TEXTS},
    _STATUS.name: {"conditions": list_of(_CONDITION), "phase": STRING},
    _CONDITION.name: {
        "status": STRING,
        "type": STRING,
        "lastTransitionTime": TIMESTAMP,
        "message": STRING,
        "reason": STRING,
    },
    _METADATA.name: {
        "name": STRING,
        "generateName": STRING,
        "namespace": STRING,
        "labels": _LABELS,
        "annotations": _LABELS,
        "UID": STRING,
        "creationTimestamp": TIMESTAMP,
        "deletionGracePeriodSeconds": INT,
        "deletionTimestamp": TIMESTAMP,
        "generation": INT,
        "resourceVersion": STRING,
        "finalizers": _TEXTS,
    },
}

KUBERNETES: Final = ObjectTypes({**_SHARED, REQUEST.name: _REQUEST_FIELDS})
"""Kubernetes' own request, which keeps its objects apart."""

KYVERNO: Final = ObjectTypes(
    {
        **_SHARED,
        REQUEST.name: {**_REQUEST_FIELDS, "object": DYN, "oldObject": DYN},
        EXCEPTIONS.name: {"allowedImages": _TEXTS, "allowedValues": _TEXTS},
    }
)
"""The same with what Kyverno adds."""


class VariableTypes:
    """The type of ``variables``, whose fields become known one after another."""

    def __init__(self, name: str) -> None:
        self.type = object_type(name)
        self.fields: dict[str, Type] = {}

    def find_type(self, name: str) -> Type | None:
        """See TypeProvider."""
        return self.type if name == self.type.name else None

    def find_field(self, type_name: str, field: str) -> Type | None:
        """See TypeProvider."""
        return self.fields.get(field) if type_name == self.type.name else None

    def construct(self, type_name: str, fields: Mapping[str, Value]) -> Value:
        """See TypeProvider."""
        return ObjectValue(type_name, fields)


class MutationTypes:
    """``Object``, ``Object.spec`` and so on, which have any field, and ``JSONPatch``."""

    _patch: Final = {"op": STRING, "path": STRING, "from": STRING, "value": DYN}

    def find_type(self, name: str) -> Type | None:
        """See TypeProvider."""
        if name == "Object" or name.startswith("Object."):
            return object_type(name)
        return JSON_PATCH if name == JSON_PATCH.name else None

    def find_field(self, type_name: str, field: str) -> Type | None:
        """See TypeProvider."""
        return self._patch.get(field) if type_name == JSON_PATCH.name else DYN

    def construct(self, type_name: str, fields: Mapping[str, Value]) -> Value:
        """See TypeProvider."""
        return ObjectValue(type_name, fields)


MUTATION: Final = MutationTypes()
