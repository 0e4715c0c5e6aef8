"""What is said of the policies that a change brings: what they would say once merged, never a verdict."""

from __future__ import annotations

from typing import Any

from tests.e2e.command import Made, check, judged
from tests.e2e.shop import BASE, deployment, policy, workshop

PATTERN = 'validate: {message: team, pattern: {metadata: {labels: {team: "?*"}}}}\n'
MERGED = "once merged, ClusterPolicy team would find fault with"
IN_CEL = """\
apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {name: team}
spec:
  validationActions: [Deny]
  matchConstraints:
    resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments]}]
  validations: [{expression: "has(object.metadata.labels)", message: labels}]
"""


def notes(found: dict[str, Any]) -> list[str]:
    """What is said of the policies' effect."""
    return [one["message"] for one in found["problems"] if one["code"] == "policy-preview"]


def test_a_new_policy_says_what_it_would_deny_and_denies_nothing(make: Made) -> None:
    repository = make({**BASE, **workshop(strict=True)}, {"policies/team.yaml": policy("team", PATTERN)})
    found = judged(repository)
    assert (found["exit_code"], found["findings"]) == (0, [])
    names = "Deployment default/catalog, Deployment default/orders, Deployment default/ui"
    assert notes(found) == [f"{MERGED} 3 of 4 resources here, and deny 3 of them if they were new: {names}"]
    assert f"policies/team.yaml:1: note: {MERGED} 3 of 4" in check(repository).stdout


def test_an_audit_policy_denies_nothing_then_either(make: Made) -> None:
    text = policy("team", PATTERN, action="Audit")
    (note,) = notes(judged(make(BASE, {"policies/team.yaml": text})))
    assert note.startswith(f"{MERGED} 3 of 4 resources here: ")


def test_a_policy_in_cel_and_one_that_finds_nothing(make: Made) -> None:
    fine = policy("fine", 'validate: {message: m, pattern: {metadata: {name: "?*"}}}\n')
    found = notes(judged(make(BASE, {"a.yaml": IN_CEL, "b.yaml": fine})))
    assert found == [
        "once merged, ClusterPolicy fine would find fault with 0 of 4 resources here",
        "once merged, ValidatingPolicy team would find fault with 3 of 4 resources here, and deny 3 of them if they "
        "were new: Deployment default/catalog, Deployment default/orders, Deployment default/ui",
    ]


def test_a_policy_that_a_cluster_would_refuse_is_told_before_it_is_merged(make: Made) -> None:
    broken = policy("team", PATTERN.replace("pattern", "patern"))
    found = judged(make(BASE, {"policies/team.yaml": broken}))
    assert found["exit_code"] == 0
    (note,) = [one for one in found["problems"] if one["message"].startswith("once merged: ")]
    assert 'unknown field "spec.rules[0].validate.patern"' in note["message"]


def test_policies_that_stand_there_already_are_not_told(make: Made) -> None:
    change = {"shop/new.yaml": deployment("new"), "policies/team.yaml": policy("team", PATTERN)}
    found = judged(make({**BASE, **workshop(strict=True)}, change))
    assert [note for note in notes(found) if "ClusterPolicy team" not in note] == []
    assert notes(judged(make({**BASE, **workshop(strict=True)}, {"shop/new.yaml": deployment("new")}))) == []


def test_the_configuration_of_the_change_is_named(make: Made) -> None:
    values = "apiVersion: cli.kyverno.io/v1alpha1\nkind: Values\nmetadata: {name: v}\n"
    base = {**BASE, ".github/preadmit.yml": "values: v.yaml\n", "v.yaml": values}
    change = {".github/preadmit.yml": "enforce: report\nvalues: v.yaml\n", "v.yaml": values + "# more\n"}
    found = judged(make(base, change))
    assert [one["file"] for one in found["problems"] if "the configuration is changed here" in one["message"]] == [
        ".github/preadmit.yml",
        "v.yaml",
    ]


def test_kubernetes_own_policies_are_policies(make: Made) -> None:
    own = IN_CEL.replace("policies.kyverno.io/v1", "admissionregistration.k8s.io/v1")
    own = own.replace("kind: Validating", "kind: ValidatingAdmission").replace("  validationActions: [Deny]\n", "")
    found = judged(make(BASE, {"a.yaml": own}))
    assert [one["message"] for one in found["problems"] if one["code"] == "policy-change"] == [
        "ValidatingAdmissionPolicy team is changed here; this change was judged by the policies of the base"
    ]
