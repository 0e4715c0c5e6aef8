"""What policies look up in the base: API calls, targets of mutation, sources of clones."""

from __future__ import annotations

from tests.e2e.command import Made, check, judged
from tests.e2e.shop import BASE, deployment, policy

UNIQUE = """\
context: [{name: teams, apiCall: {urlPath: /apis/apps/v1/deployments, jmesPath: "items[].metadata.name"}}]
validate:
  message: "{{ request.object.metadata.name }} stands elsewhere already"
  deny: {conditions: {all: [{key: "{{ request.object.metadata.name }}", operator: AnyIn, value: "{{ teams }}"}]}}
"""
CLONE = """\
generate: {apiVersion: v1, kind: Secret, name: pull, namespace: default, clone: {name: pull, namespace: shared}}
"""
TOUCH = """\
mutate:
  targets: [{apiVersion: v1, kind: Secret, name: pull, namespace: gone}]
  patchStrategicMerge: {metadata: {labels: {touched: "yes"}}}
"""
SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: pull, namespace: shared}\n"


def test_an_api_call_lists_what_the_base_holds(make: Made) -> None:
    base = {**BASE, "other/a.yaml": deployment("a"), "policies/unique.yaml": policy("unique", UNIQUE)}
    repository = make(base, {"shop/a.yaml": deployment("a"), "shop/b.yaml": deployment("b")})
    expected = ["Deployment default/a: [unique-rule] fail (blocked); a stands elsewhere already"]
    assert judged(repository)["events"] == expected


def test_what_works_after_admission_is_a_row_and_no_finding(make: Made) -> None:
    base = {
        **BASE,
        "secrets/pull.yaml": SECRET,
        "policies/clone.yaml": policy("clone", CLONE),
        "policies/touch.yaml": policy("touch", TOUCH),
    }
    repository = make(base, {"shop/a.yaml": deployment("a")})
    assert check(repository).code == 0
    found = judged(repository)
    assert found["findings"] == []
    (report,) = found["reports"]
    assert [(row["policy"], row["result"]) for row in report["results"]] == [("clone", "pass"), ("touch", "error")]


CLEANUP = """\
apiVersion: kyverno.io/v2
kind: ClusterCleanupPolicy
metadata: {name: old}
spec:
  schedule: "0 3 * * *"
  match: {any: [{resources: {kinds: [Deployment]}}]}
  context: [{name: keep, apiCall: {urlPath: /api/v1/namespaces/shared/secrets, jmesPath: "items[].metadata.name"}}]
  conditions: {all: [{key: "{{ target.metadata.name }}", operator: AnyNotIn, value: "{{ keep }}"}]}
"""


def test_what_a_cleanup_policy_deletes_is_a_note_and_denies_nothing(make: Made) -> None:
    bad = CLEANUP.replace("name: old", "name: never").replace("0 3 * * *", "soon")
    base = {**BASE, "secrets/pull.yaml": SECRET, "policies/clean.yaml": CLEANUP, "policies/never.yaml": bad}
    repository = make(base, {"shop/a.yaml": deployment("a"), "shop/pull.yaml": deployment("pull")})
    found = judged(repository)
    assert found["conclusion"] == "success"
    notes = [(note["file"], note["message"]) for note in found["problems"]]
    text = 'ClusterCleanupPolicy old deletes on its schedule "0 3 * * *": Deployment default/a'
    assert ("shop/a.yaml", text) in notes
    assert any(file == "policies/never.yaml" and "proper cron format" in message for file, message in notes)
