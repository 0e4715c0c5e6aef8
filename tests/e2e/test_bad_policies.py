"""Policies, exceptions and configuration of the base that cannot be used: nothing is green over what might deny."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests.e2e.command import Made, check, judged
from tests.e2e.shop import BASE, CHANGE, deployment, line_of, policy, workshop

GOOD = {"shop/a.yaml": deployment("a")}
PATTERN = 'validate: {message: m, pattern: {metadata: {labels: {a: "?*"}}}}\n'
IMAGES = """\
apiVersion: policies.kyverno.io/v1
kind: ImageValidatingPolicy
metadata: {name: images}
spec:
  matchConstraints: {resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]}
  attestors: [{name: key, cosign: {key: {data: key}}}]
  validations: [{expression: images.containers.size() == true}]
"""
PROXY = """\
apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {{name: proxy}}
spec: {{evaluation: {{mode: {}}}, validations: [{{expression: "true"}}]}}
"""
OTHER = "apiVersion: {}\nkind: {}\nmetadata: {{name: other}}\nspec:\n"


def told(text: str) -> str:
    """The lines about something unjudged."""
    return "\n".join(line for line in text.splitlines() if ": not judged: " in line)


def test_a_key_beside_a_merge_that_brings_it_holds_as_in_what_the_cluster_is_sent(make: Made) -> None:
    text = policy("a", "validate: {message: denied, deny: {}}\n")
    merged = text.replace("spec:\n", "spec:\n  <<: {validationFailureAction: Audit, background: true}\n", 1)
    done = check(make({**BASE, "policies/a.yaml": merged}, GOOD))
    assert not told(done.stdout)
    assert "blocked a/a-rule: denied" in done.stdout


@pytest.mark.parametrize(
    ("directory", "code"), [("policies/.chainsaw-test", 0), ("policies/.chainsaw-test/deeper", 0), ("policies/test", 2)]
)
def test_what_a_hidden_test_of_chainsaw_holds_are_no_policies_of_the_cluster(
    make: Made, directory: str, code: int
) -> None:
    stated = "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: a}\nstatus: {}\n"
    test = "apiVersion: chainsaw.kyverno.io/v1alpha1\nkind: Test\nmetadata: {name: t}\nspec: {steps: []}\n"
    files = {f"{directory}/assert.yaml": stated, f"{directory.removesuffix('/deeper')}/chainsaw-test.yaml": test}
    assert check(make({**BASE, **files}, GOOD)).code == code


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (policy("a", PATTERN).replace("validationFailureAction", "validationFailureActon"), 6, "FailureAction\""),
        (policy("a", "validate: {message: m, patern: {a: b}}\n"), 10, "pattern"),
        (policy("a", PATTERN).replace("  name: a", "  nome: a"), 4, "name"),
        (policy("a", PATTERN).replace("a-rule", "a" * 64), 8, "63"),
        (policy("a", 'validate: {message: "{{ serviceAccountNam }}", pattern: {a: b}}\n'), 10, "serviceAccountNam"),
        (policy("a", "validate: {message: m}\n"), 10, "must be specified"),
        ("apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata:\n\tname: a\n", 4, "cannot start any token"),
        (policy("a", PATTERN) + "kind: ClusterPolicy\n", 1, "twice"),
        (OTHER.format("policies.kyverno.io/v1", "ValidatingPolicy"), 1, "Required value"),
        (IMAGES, 7, "no matching overload for '_==_' applied to '(int, bool)'"),
        (OTHER.format("kyverno.io/v9", "ClusterPolicy"), 2, "not evaluated: "),
        (OTHER.format("kyverno.io/v2", "PolicyException") + "  exception: []\n", 5, '"exceptions"'),
    ],
)  # fmt: skip
def test_a_policy_that_cannot_be_used_is_red_at_its_line(make: Made, text: str, line: int, says: str) -> None:
    repository = make({**BASE, **workshop(strict=True), "policies/bad.yaml": text}, {**GOOD, **CHANGE})
    done = check(repository)
    lines = [line for line in told(done.stdout).splitlines() if says in line]
    assert lines
    assert lines[0].startswith(f"policies/bad.yaml:{line}: not judged: ")
    assert done.code == 1, "what is denied stays denied"
    assert judged(make({**BASE, "policies/bad.yaml": text}, GOOD))["exit_code"] == 2


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
@pytest.mark.parametrize(
    "text",
    [
        PROXY.format("Envoy"),
        PROXY.format("HTTP"),
    ],
)
def test_what_never_denies_is_a_note_where_it_is_not_evaluated(make: Made, text: str, form: str) -> None:
    repository = make({**BASE, **workshop(strict=True), "policies/other.yaml": text}, GOOD)
    done = check(repository, "--format", form)
    assert done.code == 0
    assert "not evaluated: " in done.stdout


def test_an_exception_that_a_cluster_refuses_excuses_nothing(make: Made) -> None:
    text = dedent("""\
        apiVersion: kyverno.io/v2
        kind: PolicyException
        metadata: {name: bob, namespace: shop}
        spec:
          exceptions: [{policyName: a, ruleNames: [a-rule]}]
          match:
            any:
              - resources: {kinds: [Deployment]}
                subjects: [{kind: User, name: bob}]
        """)
    base = {**BASE, "a.yaml": policy("a", PATTERN), "bob.yaml": text}
    found = judged(make(base, GOOD))
    assert [one["verdict"] for one in found["findings"]] == ["blocked"]
    (note,) = found["problems"]
    assert (note["file"], note["line"]) == ("bob.yaml", 9)
    assert "Usage of user info is forbidden" in note["message"]
    accepted = {**base, "bob.yaml": text.replace("spec:", "spec:\n  background: false")}
    assert judged(make(accepted, GOOD))["problems"] == []


def test_a_policy_without_a_name_near_to_a_known_field_lists_none(make: Made) -> None:
    text = policy("a", PATTERN).replace("rules:", "zzzzzz: 1\n  rules:")
    line = told(check(make({**BASE, "p.yaml": text}, GOOD)).stdout)
    assert "zzzzzz" in line
    assert "did you mean" not in line.lower()


def test_copies_of_a_policy_say_everything_once(make: Made) -> None:
    copies = {f"clusters/{name}/registries.yaml": workshop(strict=True)["policies/registries.yaml"] for name in "ab"}
    found = judged(make({**BASE, **copies}, {"shop/a.yaml": deployment("a", image="nginx")}))
    assert (found["policies"], len(found["findings"]), len(found["reports"][0]["results"])) == (1, 1, 0)


def test_versions_of_a_policy_are_all_asked_and_the_gravest_answer_counts(make: Made) -> None:
    strict = str(workshop(strict=True)["policies/registries.yaml"])
    base = {**BASE, "dev/registries.yaml": strict.replace("Enforce", "Audit"), "prod/registries.yaml": strict}
    found = judged(make(base, {"shop/a.yaml": deployment("a", image="nginx")}))
    assert [one["verdict"] for one in found["findings"]] == ["blocked"]
    (note,) = found["problems"]
    assert (note["file"], note["line"]) == ("prod/registries.yaml", 1)
    assert "dev/registries.yaml:1" in note["message"]


def test_templates_and_patches_of_policies_are_no_policies_of_a_cluster(make: Made) -> None:
    base = {
        **BASE,
        "chart/Chart.yaml": "name: policies\nversion: 1.0.0\n",
        "chart/templates/a.yaml": "{{- if .Values.a }}\napiVersion: kyverno.io/v1\nkind: ClusterPolicy\n{{- end }}\n",
        "over/kustomization.yaml": "resources: [../policies]\npatches: [{path: enforce.yaml}]\n",
        "over/enforce.yaml": "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: a}\nspec: {a: b}\n",
    }
    found = judged(make(base, GOOD))
    assert found["exit_code"] == 0
    assert [one["file"] for one in found["problems"]] == ["chart/templates/a.yaml", "over/enforce.yaml"]
    assert all(one["advice"] for one in found["problems"])


def test_a_large_policy_file_of_the_base_is_red(make: Made) -> None:
    text = policy("a", PATTERN) + "# " + "x" * 5_300_000
    found = judged(make({**BASE, "p.yaml": text, "data.yaml": "x: " + "y" * 5_300_000}, GOOD))
    assert [(one["code"], one["file"]) for one in found["unjudged"]] == [("too-large", "p.yaml")]


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("enforce: report\npolices: [a]\n", 2, "policies"),
        ("enforce: sometimes\n", 1, "enforce: must be block or report"),
        ("comments: all\nmanifests: ['a', 3]\n", 2, "manifests: "),
        ("namespace: Not_A_Name\n", 1, "namespace: "),
        ("- enforce\n", 1, "mapping"),
        ("enforce: [\n", 2, "flow node"),
    ],
)
def test_a_configuration_that_is_wrong_is_red_at_line_and_key(make: Made, text: str, line: int, says: str) -> None:
    repository = make({**BASE, **workshop(strict=True), ".github/preadmit.yml": text}, GOOD)
    done = check(repository)
    assert done.code == 2
    assert told(done.stdout).startswith(f".github/preadmit.yml:{line}: not judged: ")
    assert says in told(done.stdout)
    assert judged(repository)["resources"] == 1


def test_the_configuration_of_the_change_does_not_count(make: Made) -> None:
    done = check(make({**BASE, **workshop(strict=True)}, {**CHANGE, ".github/preadmit.yml": "enforce: report\n"}))
    assert done.code == 1


def test_a_rule_that_errs_denies_where_it_enforces(make: Made) -> None:
    rule = """\
        context: [{name: gone, configMap: {name: gone, namespace: default}}]
        validate:
          message: m
          deny: {conditions: {all: [{key: "{{ gone.data.x }}", operator: Equals, value: a}]}}
        """
    for action, code, verdict in (("Enforce", 1, "blocked"), ("Audit", 0, "error")):
        text = policy("broken", dedent(rule), action=action)
        found = judged(make({**BASE, "p.yaml": text}, GOOD))
        assert (found["exit_code"], [one["verdict"] for one in found["findings"]]) == (code, [verdict])
        assert found["findings"][0]["line"] == line_of(str(GOOD["shop/a.yaml"]), "apiVersion")
