"""Resources of documents: identity, lists, normalisation, and what is none."""

from __future__ import annotations

import pytest

from engine import kinds
from engine.documents import load
from engine.model import Problem
from engine.resources import Identity, Resource, read


def resources(text: str, **options: str) -> tuple[tuple[Resource, ...], tuple[Problem, ...]]:
    return read(load(text, "f.yaml").documents, **options)  # type: ignore[arg-type]  # only namespace is passed


def one(text: str) -> Resource:
    found, problems = resources(text)
    assert not problems
    return found[0]


def test_identity() -> None:
    pod = one("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, namespace: b, labels: {c: d}}\n")
    assert pod.identity == Identity("apps", "Deployment", "b", "a")
    assert (pod.version, pod.labels, pod.annotations, str(pod.identity)) == ("v1", {"c": "d"}, {}, "Deployment b/a")
    assert str(one("apiVersion: v1\nkind: Namespace\nmetadata: {name: a}").identity) == "Namespace a"


@pytest.mark.parametrize(
    ("version", "kind", "namespace"),
    [
        ("v1", "Pod", "default"),
        ("v1", "Namespace", ""),
        ("rbac.authorization.k8s.io/v1beta1", "ClusterRole", ""),
        ("example.com/v1", "ClusterRole", "default"),
        ("kyverno.io/v1", "ClusterPolicy", "default"),
    ],
)
def test_only_cluster_scoped_kinds_of_the_list_stay_without_namespace(version: str, kind: str, namespace: str) -> None:
    resource = one(f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: a}}")
    assert resource.namespace == namespace
    assert resource.value["metadata"].get("namespace", "") == namespace


def test_namespace_and_scope_can_be_told() -> None:
    documents = load(
        "apiVersion: e.com/v1\nkind: Zone\nmetadata: {name: a}\n---\nkind: Pod\napiVersion: v1\nmetadata: {name: b}",
        "f",
    ).documents
    found, _ = read(documents, namespace="shop", cluster_scoped={("e.com", "Zone")})
    assert [resource.namespace for resource in found] == ["", "shop"]


def test_null_maps_become_empty_ones_where_the_reference_makes_them_so() -> None:
    value = one(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  labels:\n  finalizers:\nspec:\n  nodeSelector: ~\n  x:\n"
        "  - data:\n    z:\n  - - labels:\n"
    ).value
    assert value["metadata"] == {"name": "a", "labels": {}, "finalizers": None, "namespace": "default"}
    assert value["spec"] == {"nodeSelector": {}, "x": [{"data": {}, "z": None}, [{"labels": None}]]}


def test_lists_are_unpacked() -> None:
    found, problems = resources(
        """\
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Pod, metadata: {name: a}}
- apiVersion: v1
  kind: PodList
  items:
  - metadata: {name: b}
-
- text
"""
    )
    assert [(r.kind, r.api_version, r.name, r.base) for r in found] == [
        ("Pod", "v1", "a", ("items", 0)),
        ("Pod", "v1", "b", ("items", 1, "items", 0)),
    ]
    assert [(p.code, p.line) for p in problems] == [("not-a-resource", 9), ("not-a-resource", 10)]
    assert found[1].document.position(found[1].base).line == 8


def test_a_named_resource_with_items_is_no_list() -> None:
    assert one("apiVersion: e.com/v1\nkind: AllowList\nmetadata: {name: a}\nitems: [1]").kind == "AllowList"


@pytest.mark.parametrize(
    ("text", "code", "line", "message"),
    [
        ("- a", "not-a-resource", 1, "the document is a list, not a Kubernetes resource"),
        ("a: 1", "not-a-resource", 1, "the document has no apiVersion and no kind"),
        ("kind: Pod\nmetadata: {name: a}", "not-a-resource", 1, "the document has no apiVersion"),
        ("apiVersion: v1\nkind: 1", "not-a-resource", 2, "kind is a number, not text"),
        ("apiVersion: v1\nkind: Pod\nmetadata: x", "not-a-resource", 3, "metadata is text, not a mapping"),
        ("apiVersion: v1\nkind: Pod\nmetadata:", "not-a-resource", 3, "metadata is empty, not a mapping"),
        ("apiVersion: v1\nkind: Pod\nmetadata:\n  name: 1", "not-a-resource", 4, "metadata.name is a number, not text"),
        ("apiVersion: v1\nkind: Pod\nmetadata:\n  labels: {}", "no-name", 3, "Pod has no metadata.name"),
        ("apiVersion: v1\nkind: Pod", "no-name", 1, "Pod has no metadata.name"),
        (
            "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nsops: {mac: x}",
            "encrypted",
            1,
            "Secret is encrypted with SOPS and not judged",
        ),
    ],
)
def test_problems(text: str, code: str, line: int, message: str) -> None:
    found, problems = resources(text)
    assert [(p.code, p.line, p.message) for p in problems] == [(code, line, message)]
    assert len(found) == (code in ("no-name", "encrypted"))
    assert problems[0].advice


def test_the_same_identity_twice_in_a_file() -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
    found, problems = resources(
        f"{pod}---\n{pod}---\n{pod.replace('name', 'generateName') * 1}---\n{pod.replace('name', 'generateName')}"
    )
    assert [resource.is_generated for resource in found] == [False, False, True, True]
    assert [(p.code, p.line, p.message) for p in problems] == [
        ("duplicate-identity", 5, "Pod default/a stands in this file twice, first in line 1")
    ]
    other = load(pod, "g.yaml").documents
    assert not read((*load(pod, "f.yaml").documents, *other))[1]


def test_the_discovery_list() -> None:
    assert len(kinds.TABLE) == 111
    assert len({row.group for row in kinds.TABLE if "/" not in row.plural}) == 21
    assert kinds.Kind("policy", "v1", "Eviction", "pods/eviction", True) in kinds.TABLE
    assert kinds.Kind("", "v1", "NodeProxyOptions", "nodes/proxy", False) in kinds.TABLE


@pytest.mark.parametrize(
    ("kind", "plural"),
    [
        ("Endpoints", "endpoints"),
        ("NetworkPolicy", "networkpolicies"),
        ("Gas", "gases"),
        ("Widget", "widgets"),
        ("", ""),
    ],
)
def test_plurals(kind: str, plural: str) -> None:
    assert kinds.plural("example.com", kind) == plural
