"""Which documents make the repository's CustomResourceDefinitions be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from bot.custom_kinds import UNLISTED, CustomKinds
from bot.model import Entry
from bot.yaml_files import YamlFiles
from engine.documents import load

DEFINITION = b"""apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: zones.example.com}
spec: {group: example.com, scope: Cluster, names: {kind: Zone, plural: zones}, versions: [{name: v1}]}
"""


class OneFile:
    """A tree of one definition, which counts how often it is read."""

    ref, sha = "main", "0"

    def __init__(self) -> None:
        self.reads = 0

    def entries(self) -> Mapping[str, Entry]:
        return {"crd.yaml": Entry("crd.yaml", "100644", "1", len(DEFINITION))}

    def read(self, entries: Iterable[Entry]) -> Mapping[str, bytes]:
        self.reads += 1
        return {entry.sha: DEFINITION for entry in entries}


@pytest.mark.parametrize(
    ("value", "reads"),
    [
        ({"apiVersion": "example.com/v1", "kind": "Zone"}, 1),
        ({"apiVersion": "example.com/v1", "kind": "Zone", "metadata": {"namespace": "shop"}}, 0),
        ({"apiVersion": "apps/v1", "kind": "Deployment"}, 0),
        ({"apiVersion": "mykyverno.io/v1", "kind": "Zone"}, 1),
        ({"apiVersion": "v1", "kind": "List", "items": []}, 1),
        ({"apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy"}, 0),
        ({"apiVersion": "policies.kyverno.io/v1", "kind": "ValidatingPolicy"}, 0),
        ({"apiVersion": "admissionregistration.k8s.io/v1beta1", "kind": "MutatingAdmissionPolicy"}, 0),
    ],
)
def test_definitions_are_read_for_custom_kinds_without_a_namespace(value: dict[str, Any], reads: int) -> None:
    tree = OneFile()
    found = CustomKinds(YamlFiles(tree)).without_namespace(load(str(value).replace("'", '"'), "f").documents)
    assert tree.reads == reads
    assert found == UNLISTED | (frozenset({("example.com", "Zone")}) if reads else frozenset())
