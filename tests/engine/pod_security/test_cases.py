"""The language-neutral cases of Pod Security Standards, and what the cases cannot say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import pod_security
from engine.pod_security.decode import decode
from engine.pod_security.shapes import Shape, fits

CASES = Path(__file__).parents[2] / "cases" / "pod_security"


def _floats(value: Any) -> Any:
    match value:
        case bool():
            return value
        case int():
            return float(value)
        case list():
            return [_floats(item) for item in value]
        case dict():
            return {key: _floats(item) for key, item in value.items()}
    return value


def _cases(*names: str) -> list[Any]:
    found = [case for name in names for case in yaml.safe_load((CASES / f"{name}.yaml").read_text())]
    return [pytest.param(case, id=case["name"]) for case in found]


@pytest.mark.parametrize("case", _cases("checks", "excludes"))
def test_case(case: dict[str, Any]) -> None:
    raw: dict[str, Any] = {key: case[key] for key in ("level", "version", "exclude") if key in case}
    answer = pod_security.compile(raw, "r")(_floats(case["resource"]), case["kind"])
    if "expected" not in case:
        assert answer == pod_security.PodSecurityAnswer(True, "Validation rule 'r' passed.")
        return
    standard = f"{case['level']}:{case.get('version', '')}"
    prefix = f"Validation rule 'r' failed. It violates PodSecurity \"{standard}\": "
    assert answer.message == prefix + "".join(case["expected"])
    assert (answer.allowed, answer.error) == (False, None)
    if "path" in case:
        assert list(answer.path) == case["path"]
    if "controls" in case:
        assert answer.properties["controls"] == case["controls"]


@pytest.mark.parametrize("case", _cases("decoding"))
def test_decoding(case: dict[str, Any]) -> None:
    answer = pod_security.compile({"level": "baseline"}, "r")(_floats(case["resource"]), case["kind"])
    if "error" in case:
        assert answer.error == answer.message == f"Error while getting new resource: {case['error']}"
    else:
        assert (answer.allowed, answer.error) == (case["allowed"], None)


def test_properties_name_controls_and_images() -> None:
    pod = {
        "spec": {"hostIPC": True, "containers": [{"name": "a", "securityContext": {"privileged": True}}, {"name": "b"}]}
    }
    standard = pod_security.compile({"level": "baseline", "version": "v1.30"}, "r")
    answer = standard(pod, "Pod", lambda: {"containers": {"a": "docker.io/a&b:1"}})
    assert {key: text for key, text in answer.properties.items() if key != "controlsJSON"} == {
        "standard": "baseline",
        "version": "v1.30",
        "controls": "hostNamespaces,privileged",
    }
    assert answer.properties["controlsJSON"] == (
        '[{"ID":"hostNamespaces","Name":"Host Namespaces","Images":null},'
        '{"ID":"privileged","Name":"Privileged Containers","Images":["docker.io/a\\u0026b:1"]}]'
    )


def test_a_container_without_known_image_stands_for_itself() -> None:
    pod = {"spec": {"containers": [{"name": "a"}, {"name": "b"}], "securityContext": {"runAsNonRoot": False}}}
    answer = pod_security.compile({"level": "restricted"}, "r")(pod, "Pod")
    controls = {item["ID"]: item["Images"] for item in json.loads(answer.properties["controlsJSON"])}
    assert controls["runAsNonRoot"] == ["a", "b"]


def test_an_annotation_stands_beside_the_containers_as_in_the_detail_text() -> None:
    pod = {
        "metadata": {"annotations": {"container.apparmor.security.beta.kubernetes.io/a": "x"}},
        "spec": {"containers": [{"name": "a", "securityContext": {"appArmorProfile": {"type": "x"}}}]},
    }
    answer = pod_security.compile({"level": "baseline"}, "r")(pod, "Pod")
    assert json.loads(answer.properties["controlsJSON"])[0]["Images"] == ["aandannotation"]


def test_a_version_that_is_none_is_an_error() -> None:
    answer = pod_security.compile({"level": "baseline", "version": "1.30"}, "r")({}, "Pod")
    assert answer.error == 'failed to parse pod security api version: must be "latest" or "v1.x"'


def test_further_excludes_apply_after_the_rules_own() -> None:
    pod = {"spec": {"hostPID": True, "containers": [{"name": "a", "image": "x", "ports": [{"hostPort": 80.0}]}]}}
    standard = pod_security.compile({"level": "baseline", "exclude": [{"controlName": "Host Namespaces"}]}, "r")
    assert standard(pod, "Pod").properties["controls"] == "hostPorts"
    assert pod_security.with_excludes(standard, [{"controlName": "Host Ports", "images": ["*"]}])(pod, "Pod").allowed


def test_a_memo_is_for_one_resource() -> None:
    memo = pod_security.Memo()
    good: dict[str, Any] = {"spec": {"containers": []}}
    bad: dict[str, Any] = {"spec": {"containers": [], "hostPID": True}}
    baseline = pod_security.compile({"level": "baseline"}, "r")
    restricted = pod_security.compile({"level": "restricted"}, "r")
    seen = [judge(pod, "Pod", memo=memo).allowed for pod in (good, bad, good) for judge in (baseline, restricted)]
    assert seen == [True, True, False, False, True, True]


_LEAVES = (
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "1", "x", "ALL"])
)
_KEYS = st.sampled_from(
    [
        "spec",
        "metadata",
        "annotations",
        "containers",
        "initContainers",
        "securityContext",
        "capabilities",
        "drop",
        "volumes",
        "hostPath",
        "name",
        "ports",
        "hostPort",
        "hostpid",
        "creationTimestamp",
        "resources",
        "limits",
        "runAsUser",
        "seccompProfile",
        "type",
        "template",
        "jobTemplate",
    ]
)
_VALUES = st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4))
_RESOURCES = st.fixed_dictionaries(
    {"spec": st.fixed_dictionaries({"containers": _VALUES, "securityContext": _VALUES}) | _VALUES}
)


@settings(max_examples=200, deadline=None)
@given(_RESOURCES, st.sampled_from(["Pod", "Deployment", "CronJob"]))
def test_any_resource_is_answered(resource: dict[str, Any], kind: str) -> None:
    answer = pod_security.compile(
        {"level": "restricted", "exclude": [{"controlName": "Seccomp", "images": ["*"]}]}, "r"
    )(resource, kind)
    assert answer.allowed or answer.message
    assert not (answer.allowed and answer.error)


@settings(max_examples=200, deadline=None)
@given(_RESOURCES)
def test_the_quick_way_lets_pass_only_what_the_exact_way_decodes(resource: dict[str, Any]) -> None:
    if not fits(Shape("struct", "v1.Pod", name="Pod"))(resource):
        return
    decoded = decode("Pod", resource)
    restricted = pod_security.compile({"level": "restricted"}, "r")
    assert decoded.error is None
    assert restricted(resource, "Pod") == restricted(decoded.value, "Pod")
