"""A rule that autogen makes of a rule for Pods answers as the same rule written by hand for the controller."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine import documents, policy_reading, resources
from engine.cluster import Cluster
from engine.judge import Judge
from engine.model import Operation, RuleResponse
from engine.request import Request
from tests.engine.contexts import RUNTIME

CONTROLLERS = {
    "Deployment": ("apps/v1", "autogen-r", ("spec", "template")),
    "StatefulSet": ("apps/v1", "autogen-r", ("spec", "template")),
    "Job": ("batch/v1", "autogen-r", ("spec", "template")),
    "CronJob": ("batch/v1", "autogen-cronjob-r", ("spec", "jobTemplate", "spec", "template")),
}
"""By kind: its API, how autogen calls the rule of a Pod rule ``r``, and where the kind keeps its pod."""


def _part(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


_CONTAINER_PATTERN = st.dictionaries(
    _part("image", "(image)", "=(image)", "X(image)", "<(image)"),
    _part("a:*", "!*:latest", "*", "a:1 | b"),
    min_size=1,
    max_size=1,
).flatmap(
    lambda image: _part({}, {"=(privileged)": "false"}, {"privileged": False}).map(
        lambda context: image | ({"=(securityContext)": context} if context else {})
    )
)
PATTERN = st.fixed_dictionaries(
    {},
    optional={
        "metadata": _part({"labels": {"app": "?*"}}, {"labels": {"a*": "x"}}, {"=(annotations)": {"X(b)": "null"}}),
        "spec": st.fixed_dictionaries(
            {},
            optional={
                "containers": st.lists(_CONTAINER_PATTERN, min_size=1, max_size=2),
                "^(containers)": st.lists(_CONTAINER_PATTERN, min_size=1, max_size=1),
                "=(hostNetwork)": _part("false", False),
                "X(hostPID)": st.just("null"),
                "(hostNetwork)": _part("true", True),
            },
        ),
    },
).filter(bool)

EXPRESSIONS = (
    "request.object.spec.containers[].image",
    "request.object.spec.hostNetwork || 'none'",
    "request.object.metadata.labels.app || ''",
    "request.object.spec.containers[0].securityContext.privileged",
    "length(request.object.spec.containers)",
    "request.object.metadata.name",
)
_CONDITION = st.fixed_dictionaries(
    {
        "key": _part(*EXPRESSIONS).map(lambda text: f"{{{{ {text} }}}}"),
        "operator": _part("Equals", "NotEquals", "AnyIn", "AllNotIn", "GreaterThan"),
        "value": _part("a:1", "x", ["a:1", "b"], True, 1, "{{ request.object.metadata.labels.app }}"),
    }
)
BLOCK = st.dictionaries(_part("any", "all"), st.lists(_CONDITION, min_size=1, max_size=2), min_size=1)
CHECK: st.SearchStrategy[dict[str, Any]] = st.one_of(
    PATTERN.map(lambda pattern: {"pattern": pattern}),
    st.lists(PATTERN, min_size=1, max_size=2).map(lambda some: {"anyPattern": some}),
    BLOCK.map(lambda block: {"deny": {"conditions": block}}),
    _part({"image": "a:*"}, {"(image)": "b", "securityContext": {"privileged": True}}).map(
        lambda pattern: {"foreach": [{"list": "request.object.spec.containers", "pattern": pattern}]}
    ),
)
RULE = st.builds(
    lambda check, block: {"validate": {"message": "m", **check}} | ({"preconditions": block} if block else {}),
    CHECK,
    st.none() | BLOCK,
)

_CONTAINER = st.fixed_dictionaries(
    {"name": _part("a", "b"), "image": _part("a:1", "a:latest", "b")},
    optional={"securityContext": _part({}, {"privileged": True}, {"privileged": False})},
)
POD = st.fixed_dictionaries(
    {
        "metadata": st.fixed_dictionaries(
            {},
            optional={
                "name": _part("a:1", "x"),
                "labels": st.dictionaries(_part("app", "ab"), _part("x", "y")),
                "annotations": _part({"b": "c"}, {"d": "e"}),
            },
        ),
        "spec": st.fixed_dictionaries(
            {"containers": st.lists(_CONTAINER, max_size=3)},
            optional={"hostNetwork": st.booleans(), "hostPID": st.booleans()},
        ),
    }
)


def _below(keys: tuple[str, ...], value: Any) -> Any:
    for key in reversed(keys):
        value = {key: value}
    return value


def _by_hand(rule: dict[str, Any], place: tuple[str, ...]) -> dict[str, Any]:
    """The rule as its author would write it for a controller that keeps its pod at ``place``."""
    prefix = "request.object." + ".".join(place)
    text = json.dumps(rule)
    for part in ("spec", "metadata"):
        text = text.replace(f"request.object.{part}", f"{prefix}.{part}")
    moved: dict[str, Any] = json.loads(text)
    check = moved["validate"]
    if "pattern" in check:
        check["pattern"] = _below(place, check["pattern"])
    if "anyPattern" in check:
        check["anyPattern"] = [_below(place, pattern) for pattern in check["anyPattern"]]
    return moved


def _answers(name: str, kind: str, rule: dict[str, Any], resource: dict[str, Any]) -> list[RuleResponse]:
    spec = {"rules": [{"name": name, "match": {"any": [{"resources": {"kinds": [kind]}}]}, **rule}]}
    policy = {"apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy", "metadata": {"name": "p"}, "spec": spec}
    chosen = policy_reading.read(documents.load(json.dumps(policy), "p.yaml", numbers=int).documents)
    assert not chosen.problems
    new = resources.read(documents.load(json.dumps(resource), "r.yaml").documents)[0][0]
    asked = Judge(chosen.policies, Cluster(runtime=RUNTIME))
    request = Request(Operation.CREATE, new=new, namespace=new.namespace)
    return [answer for response in asked.validate(request) for answer in response.rules]


@settings(max_examples=150)
@given(RULE, POD, st.sampled_from(sorted(CONTROLLERS)))
def test_autogen_answers_as_the_rule_written_by_hand(rule: dict[str, Any], pod: dict[str, Any], kind: str) -> None:
    api, name, place = CONTROLLERS[kind]
    resource = {"apiVersion": api, "kind": kind, "metadata": {"name": "c"}, **_below(place, pod)}
    made = _answers("r", "Pod", rule, resource)
    assert made == _answers(name, kind, _by_hand(rule, place), resource)
    assert [answer.rule for answer in made] in ([name], [])
    assert made or "foreach" in rule["validate"]
