"""Admission: the cases of tests/cases/admission, and what reports are made of it."""

from __future__ import annotations

import json
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import admission, cluster, documents, policy_reading, report, resources, validation
from engine.judge import Judge
from engine.model import Result
from tests.engine.contexts import RUNTIME, cases

POLICY = {
    "apiVersion": "kyverno.io/v1",
    "kind": "ClusterPolicy",
    "metadata": {"name": "p", "annotations": {"policies.kyverno.io/severity": "high"}},
    "spec": {
        "rules": [
            {
                "name": "r",
                "match": {"any": [{"resources": {"kinds": ["Pod"]}}]},
                "validate": {"message": "no", "pattern": {"metadata": {"labels": {"app": "?*"}}}},
            }
        ]
    },
}


def resource(value, file="r.yaml"):
    if value is None:
        return None
    found, problems = resources.read(documents.load(json.dumps(value), file).documents)
    assert not problems
    return found[0]


def judge(case):
    written = [json.dumps(value) for value in (*case["policies"], *case.get("exceptions", ()))]
    chosen = policy_reading.read([documents.load(text, "p.yaml").documents[0] for text in written])
    assert not chosen.problems
    for policy in chosen.policies:
        assert not validation.validate(policy), policy.name
    tree = cluster.from_resources([resource(value) for value in case.get("tree", ())], RUNTIME)
    return Judge(chosen.policies, tree, chosen.exceptions)


@pytest.mark.parametrize("case", cases("admission/admit.yaml"))
def test_admit(case):
    found = admission.admit(judge(case), resource(case.get("old")), resource(case.get("new")))
    answers = found.answers
    assert [(a.response.rule, str(a.response.result)) for a in answers] == [tuple(row[:2]) for row in case["answers"]]
    for answer, (_, _, message) in zip(answers, case["answers"], strict=True):
        if message is not None:
            assert answer.response.message == message
    assert admission.events([found]) == case.get("blocked", [])
    assert [a.response.rule for a in answers if a.existing] == case.get("existing", [])
    assert [a.response.rule for a in answers if a.stood_before] == case.get("stood_before", [])
    if "path" in case:
        assert list(answers[-1].response.path) == case["path"]
    if "starts" in case:
        assert answers[-1].response.message.startswith(case["starts"])
    if "properties" in case:
        assert answers[-1].response.properties == case["properties"]


def test_a_scan_leaves_out_policies_that_take_no_part_in_it():
    quiet = {**POLICY, "spec": {**POLICY["spec"], "background": False}}
    pod = resource({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}})
    assert admission.scan(judge({"policies": [POLICY]}), pod).answers
    assert not admission.scan(judge({"policies": [quiet]}), pod).answers


def reported(scored="true", labels=None):
    annotations = {**POLICY["metadata"]["annotations"], "policies.kyverno.io/scored": scored}
    policy = {**POLICY, "metadata": {"name": "p", "annotations": annotations}}
    pod = resource({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x", "labels": labels or {}}})
    found = admission.admit(judge({"policies": [policy]}), None, pod)
    rows = [report.entry(answer.policy, answer.response, 5) for answer in found.answers]
    return report.policy_report(pod, rows, report.name("o/r", "r.yaml", pod))


def test_a_report_of_one_resource():
    found = reported()
    assert found["apiVersion"] == "wgpolicyk8s.io/v1alpha2"
    assert found["kind"] == "PolicyReport"
    assert found["scope"] == {"apiVersion": "v1", "kind": "Pod", "name": "x", "namespace": "default"}
    assert found["summary"] == {"pass": 0, "fail": 1, "warn": 0, "error": 0, "skip": 0}
    assert found["results"] == [
        {
            "source": "kyverno",
            "policy": "p",
            "rule": "r",
            "severity": "high",
            "timestamp": {"seconds": 5, "nanos": 0},
            "result": "fail",
            "scored": True,
            "message": "validation error: no. rule r failed at path /metadata/labels/app/",
            "properties": {"process": "background scan"},
        }
    ]


def test_an_unscored_failure_is_a_warning():
    row = reported(scored="false")["results"][0]
    assert row["result"] == "warn"
    assert "scored" not in row


def test_a_report_keeps_its_name_while_repository_file_and_identity_stay():
    first, second = reported(), reported(labels={"app": "x"})
    assert first["metadata"]["name"] == second["metadata"]["name"]
    assert first["summary"] != second["summary"]
    pod = resource({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}})
    assert report.name("o/r", "other.yaml", pod) != report.name("o/r", "r.yaml", pod)


def test_a_resource_without_namespace_has_a_cluster_wide_report():
    space = resource({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}})
    assert report.policy_report(space, [], "n")["kind"] == "ClusterPolicyReport"
    assert report.policy_report(space, [], "n", report.Flavour.OPENREPORTS)["kind"] == "ClusterReport"


@cache
def all_policies():
    every = [case.values[0] for case in cases("admission/admit.yaml")]
    return judge({"policies": [policy for case in every for policy in case["policies"]]})


json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@settings(deadline=None)
@given(json_values, json_values)
def test_admission_answers_any_resource_without_raising(spec, labels):
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x", "labels": labels}, "spec": spec}
    loaded = documents.load(json.dumps(pod), "r.yaml")
    found, _ = resources.read(loaded.documents)
    for one in found:
        for answer in admission.admit(all_policies(), None, one).answers:
            assert answer.response.result in Result
