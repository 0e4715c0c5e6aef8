"""What the repository's CustomResourceDefinitions say of custom kinds: whether they live in a namespace."""

from __future__ import annotations

import json

import pytest

from tests.e2e.command import Made, check, judged, run
from tests.e2e.shop import policy

DENY = "validate: {message: never, deny: {}}\n"


def definition(scope: str, kind: str = "Zone", group: str = "example.com") -> str:
    """A definition of a kind."""
    return f"""\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: {kind.lower()}s.{group}}}
spec:
  group: {group}
  names: {{kind: {kind}, plural: {kind.lower()}s}}
  scope: {scope}
  versions: [{{name: v1, served: true, storage: true}}]
"""


ZONE = "apiVersion: example.com/v1\nkind: Zone\nmetadata: {name: north}\n"
CLUSTERS = policy("own", DENY, kind="Zone")
OWN = CLUSTERS.replace("ClusterPolicy", "Policy").replace("name: own", "name: own\n  namespace: default", 1)
LISTED = "apiVersion: v1\nkind: List\nitems:\n- " + ZONE.replace("\n", "\n  ").rstrip() + "\n"
SHOWN = {"Cluster": "", "Namespaced": "default"}


@pytest.mark.parametrize("scope", SHOWN)
@pytest.mark.parametrize("where", ["base", "change", "list"])
def test_a_kind_has_the_scope_of_its_definition(make: Made, scope: str, where: str) -> None:
    base = {"policies/deny.yaml": policy("deny", DENY, kind="Zone")}
    defined = {"crds/zones.yaml": "# nothing else\n---\n" + definition(scope)}
    change = {"z.yaml": LISTED if where == "list" else ZONE}
    found = judged(make({**base, **defined}, change) if where == "base" else make(base, {**change, **defined}))
    (row,) = [row for row in found["rows"] if row["kind"] == "Zone"]
    assert row["namespace"] == SHOWN[scope]


def test_a_namespaces_policy_does_not_see_what_has_none(make: Made) -> None:
    change = {"z.yaml": ZONE}
    assert check(make({"p.yaml": OWN}, change)).code == 1
    assert check(make({"p.yaml": OWN, "crd.yaml": definition("Cluster")}, change)).code == 0


def test_a_change_cannot_change_the_scope_of_a_kind(make: Made) -> None:
    base = {"p.yaml": OWN, "crd.yaml": definition("Namespaced")}
    assert check(make(base, {"z.yaml": ZONE, "crd.yaml": definition("Cluster")})).code == 1
    assert check(make(base, {"z.yaml": ZONE, "a.yaml": definition("Cluster")})).code == 1


def test_a_definition_says_nothing_of_kinds_that_kubernetes_has(make: Made) -> None:
    base = {"p.yaml": policy("deny", DENY), "crd.yaml": definition("Cluster", "Deployment", "apps")}
    web = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
    found = judged(make(base, {"web.yaml": web, "z.yaml": ZONE}))
    assert found["findings"][0]["namespace"] == "default"


@pytest.mark.parametrize(
    ("version", "kind"),
    [
        ("admissionregistration.k8s.io/v1beta1", "MutatingAdmissionPolicy"),
        ("gateway.networking.k8s.io/v1", "GatewayClass"),
    ],
)
def test_kubernetes_own_kinds_need_no_definition(make: Made, version: str, kind: str) -> None:
    change = {"a.yaml": f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: a}}\nspec: {{}}\n"}
    found = judged(make({"policies/deny.yaml": policy("deny", DENY, kind=kind)}, change))
    assert [(row["kind"], row["namespace"]) for row in found["rows"]] == [(kind, "")]


def test_a_scan_reads_them_too(make: Made) -> None:
    repository = make({"p.yaml": policy("deny", DENY, kind="Zone"), "crd.yaml": definition("Cluster"), "z.yaml": ZONE})
    found = json.loads(run("scan", "--repo", str(repository.path), "--format", "json").stdout)
    assert [row["namespace"] for row in found["rows"] if row["kind"] == "Zone"] == [""]


@pytest.mark.parametrize(
    ("defined", "namespace", "told"),
    [
        ("Cluster", "", ""),
        ("Cluster", "shop", "target namespace must not be set for a cluster-wide resource"),
        ("Namespaced", "", "target namespace must be set for a namespaced resource"),
        ("Namespaced", "shop", ""),
        ("", "", "target namespace must be set for a namespaced resource"),
    ],
)
def test_a_definition_tells_where_a_policy_may_generate(make: Made, defined: str, namespace: str, told: str) -> None:
    target = f"apiVersion: example.com/v1, kind: Zone, name: north, data: {{}}, namespace: '{namespace}'"
    base = {"p.yaml": policy("zones", f"generate: {{{target}}}\n"), "z.yaml": "# nothing yet\n"}
    crds = {"crd.yaml": definition(defined)} if defined else {}
    found = check(make({**base, **crds}, {"z.yaml": ZONE}))
    assert (told in found.output) if told else ("target namespace" not in found.output)
