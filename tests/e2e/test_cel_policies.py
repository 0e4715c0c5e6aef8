"""Policies in CEL on a change: what blocks it, at which line, what is suggested, excepted and refused."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.e2e.command import Made, check, environment, judged
from tests.e2e.shop import deployment, line_of

DEPLOYMENTS = """\
  matchConstraints:
    resourceRules:
      - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments]}
"""
LOW = deployment("web")


def policy(kind: str, name: str, rest: str, *, api: str = "policies.kyverno.io/v1") -> str:
    """A policy for Deployments."""
    return f"apiVersion: {api}\nkind: {kind}\nmetadata: {{name: {name}}}\nspec:\n{DEPLOYMENTS}{rest}"


REPLICAS = policy(
    "ValidatingPolicy",
    "replicas",
    """\
  validationActions: [Deny]
  variables:
    - {name: least, expression: "2"}
  validations:
    - expression: object.spec.replicas >= variables.least
      messageExpression: "'at least ' + string(variables.least)"
""",
)
OWNER = policy(
    "MutatingPolicy",
    "owner",
    """\
  mutations:
    - patchType: ApplyConfiguration
      applyConfiguration:
        expression: >-
          Object{metadata: Object.metadata{labels: Object.metadata.labels{owner: "shop"}}}
""",
)
EXCEPTION = """\
apiVersion: policies.kyverno.io/v1
kind: PolicyException
metadata: {name: web}
spec:
  policyRefs: [{name: replicas, kind: ValidatingPolicy}]
  matchConditions: [{name: web, expression: object.metadata.name == 'web'}]
"""
KUBERNETES = policy(
    "ValidatingAdmissionPolicy",
    "replicas",
    "  validations:\n    - {expression: object.spec.replicas >= 2, message: more}\n",
    api="admissionregistration.k8s.io/v1",
)
BINDING = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: replicas}
spec: {policyName: replicas, validationActions: [Deny]}
"""
CLASSIC = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: replicas}
spec:
  rules:
    - name: least
      match: {any: [{resources: {kinds: [Deployment]}}]}
      validate:
        failureAction: Enforce
        cel:
          expressions:
            - {expression: object.spec.replicas >= 2, message: more}
"""
PATTERN = f"{CLASSIC.partition('        cel:')[0]}        pattern: {{spec: {{replicas: 1}}}}\n"


@pytest.mark.parametrize(
    ("policies", "told"),
    [
        ({"a.yaml": REPLICAS}, "blocked replicas: at least 2"),
        ({"a.yaml": KUBERNETES, "b.yaml": BINDING}, "blocked replicas/replicas: more"),
        ({"a.yaml": CLASSIC}, "blocked replicas/least: more"),
        ({"a.yaml": REPLICAS.replace("Deny", "Audit")}, "failing replicas: at least 2"),
    ],
)
def test_a_change_is_judged_at_the_line_that_the_expression_reads(
    make: Made, policies: dict[str, str], told: str
) -> None:
    done = check(make(policies, {"web.yaml": LOW}))
    assert f"web.yaml:{line_of(LOW, 'replicas: 1')}: {told}" in done.stdout
    assert done.code == ("blocked" in told)


def test_without_binding_nothing_is_blocked(make: Made) -> None:
    done = check(make({"a.yaml": KUBERNETES}, {"web.yaml": LOW}))
    assert "failing replicas/replicas: more" in done.stdout
    assert done.code == 0


def test_an_exception_lets_through_what_it_names(make: Made) -> None:
    base = {"a.yaml": REPLICAS, "b.yaml": EXCEPTION}
    assert check(make(base, {"web.yaml": LOW})).code == 0
    assert check(make(base, {"other.yaml": deployment("other")})).code == 1


def test_a_mutation_is_suggested_and_seen_by_validation(make: Made) -> None:
    wants = REPLICAS.replace("object.spec.replicas >= variables.least", "object.metadata.labels.owner == 'shop'")
    found = judged(make({"a.yaml": OWNER, "b.yaml": wants}, {"web.yaml": LOW}))
    assert found["conclusion"] == "success"
    (suggestion,) = (one["suggestion"] for one in found["findings"] if one["verdict"] == "suggestion")
    assert "owner: shop" in suggestion["text"]


def test_an_expression_without_meaning_is_red_at_its_line_and_hides_nothing(make: Made) -> None:
    bad = REPLICAS.replace("{name: replicas}", "{name: bad}").replace(">= variables.least", ">= 'a' && 1 + true")
    done = check(make({"a.yaml": REPLICAS, "bad.yaml": bad}, {"web.yaml": LOW}))
    assert f"bad.yaml:{line_of(bad, '1 + true')}: not judged: ValidatingPolicy bad is refused: " in done.stdout
    assert "no matching overload for '_+_' applied to '(int, bool)'" in done.stdout
    assert "blocked replicas: at least 2" in done.stdout
    assert done.code == 1


@pytest.mark.parametrize(("ignores", "code"), [(False, 1), (True, 0)])
def test_a_mutation_that_errs_denies_unless_it_may_fail(make: Made, ignores: bool, code: int) -> None:
    bad = OWNER.replace('owner: "shop"', "owner: object.metadata.annotations['none']")
    if ignores:
        bad = bad.replace("spec:\n", "spec:\n  failurePolicy: Ignore\n")
    repository = make({"a.yaml": bad}, {"web.yaml": LOW})
    done = check(repository)
    assert done.code == code
    assert (
        f"web.yaml:1: {'error' if ignores else 'blocked'} owner/evaluation: failed to evaluate policy: " in done.stdout
    )
    assert [row["name"] for row in judged(repository)["rows"]] == ["web"]


@pytest.mark.parametrize("is_known", [True, False])
def test_a_custom_kind_is_mutated_with_and_without_its_schema(make: Made, is_known: bool) -> None:
    zones = "apiGroups: [example.com], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [zones]"
    mutating = OWNER.replace(DEPLOYMENTS.splitlines()[2].strip(" -{}"), zones)
    versions = "[{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]"
    names = "group: example.com, scope: Namespaced, names: {kind: Zone, plural: zones}"
    definition = f"""\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: zones.example.com}}
spec: {{{names}, versions: {versions}}}
"""
    zone = "apiVersion: example.com/v1\nkind: Zone\nmetadata:\n  name: north\n  labels:\n    a: b\n"
    found = judged(make({"a.yaml": mutating, **({"crd.yaml": definition} if is_known else {})}, {"zone.yaml": zone}))
    assert [(one["verdict"], one["suggestion"]["text"]) for one in found["findings"]] == [
        ("suggestion", "    a: b\n    owner: shop")
    ]


def test_a_classic_rule_that_does_not_compile_is_noted_at_its_line(make: Made) -> None:
    bad = CLASSIC.replace("object.spec.replicas >= 2", '"object.spec.replicas >= 2 && 1 + true"')
    done = check(make({"a.yaml": bad}, {"web.yaml": LOW}))
    (note,) = [line for line in done.lines if line.startswith(f"a.yaml:{line_of(bad, '1 + true')}: ")]
    assert "rule least of ClusterPolicy replicas fails whatever it is asked about: compilation failed: " in note
    assert "no matching overload for '_+_' applied to '(int, bool)'" in note
    assert "Deployment default/web: [least] fail (blocked); " in done.stdout
    assert done.code == 1


def test_without_such_policies_cel_is_not_even_imported(make: Made) -> None:
    repository = make({"a.yaml": PATTERN}, {"web.yaml": LOW})
    command = ["check", "--repo", str(repository.path), "--base", "main", "--head", "change"]
    text = (
        "import sys; from bot.cli import group; group.main(sys.argv[1:], standalone_mode=False);"
        "assert 'engine.rules.validate' in sys.modules;"
        "assert not [name for name in sys.modules if name.startswith(('engine.cel.', 'engine.cel_policies'))]"
    )
    done = subprocess.run(
        [sys.executable, "-c", text, *command], env=environment(), capture_output=True, text=True, check=False
    )
    assert "AssertionError" not in done.stderr
    assert done.returncode == 0, done.stderr


IMAGES = policy(
    "ImageValidatingPolicy",
    "images",
    """\
  matchImageReferences: [{glob: "*nginx*"}]
  validationConfigurations: {mutateDigest: false}
  attestors: [{name: key, cosign: {key: {data: key}}}]
  validations:
    - {expression: "images.containers.all(i, verifyImageSignatures(i, [attestors.key]) > 0)", message: unsigned}
""",
)


@pytest.mark.parametrize(
    ("base", "image", "told", "code"),
    [
        (IMAGES, "nginx", "blocked images/images: image nginx does not have a digest", 1),
        (IMAGES, "httpd", "", 0),
        (IMAGES.replace("mutateDigest: false", ""), "nginx", 'not judged: not evaluated: rule "images" of', 2),
        (IMAGES.replace("mutateDigest: false", "verifyDigest: false"), "httpd", "", 0),
    ],
)
def test_images_are_validated_as_far_as_no_registry_is_needed(
    make: Made, base: str, image: str, told: str, code: int
) -> None:
    text = deployment("web", image=image)
    done = check(make({"a.yaml": base, "b.yaml": REPLICAS.replace("[Deny]", "[Audit]")}, {"web.yaml": text}))
    where = f"web.yaml:{line_of(text, 'image:')}: {told}"
    assert (where in done.stdout) if told else ("images" not in done.stdout)
    assert done.code == code
