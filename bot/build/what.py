"""What a YAML or JSON file of a repository can be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class What(StrEnum):
    """Only ``MANIFEST`` and ``POLICY`` hold what is loaded; every other is named and left alone."""

    MANIFEST = "manifest"
    POLICY = "policy"
    KUSTOMIZATION = "kustomization"
    PATCH = "kustomize patch"
    KUSTOMIZE_INPUT = "kustomize input"
    HELM_CHART = "Helm chart"
    HELM_TEMPLATE = "Helm template"
    HELM_VALUES = "Helm values"
    CI = "CI configuration"
    COMPOSE = "compose file"
    KYVERNO_TEST = "Kyverno CLI file"
    OPENAPI = "OpenAPI description"
    KUBECONFIG = "client configuration"
    TOOL = "configuration of a tool"
    NO_MANIFEST = "no manifest"


@dataclass(frozen=True, slots=True)
class Classified:
    """A file, what it is, and the words for people that say by what it was recognised."""

    path: str
    what: What
    why: str

    @property
    def is_loaded(self) -> bool:
        """Whether the file's documents are resources or policies."""
        return self.what in (What.MANIFEST, What.POLICY)
