"""match and exclude, by cases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engine import kind_selector, match
from engine.documents import load
from engine.match import Subject, UserInfo
from engine.model import Operation
from engine.policies import Rule
from engine.resources import Resource

CASES = Path(__file__).parents[1] / "cases" / "match"
DOCUMENT = load("a: b", "a.yaml").documents[0]


def _cases(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load((CASES / f"{name}.yaml").read_text()))


def subject(request: dict[str, Any]) -> Subject:
    """A subject in the words of the cases."""
    metadata = {key: request[key] for key in ("name", "namespace", "labels", "annotations") if key in request}
    value = {"apiVersion": request.get("api_version", "v1"), "kind": request["kind"], "metadata": metadata}
    user = request.get("user")
    parent = request.get("parent")
    return Subject(
        resource=Resource(value, DOCUMENT),
        operation=Operation(request.get("operation", "CREATE")),
        user=None if user is None else UserInfo(**{k: tuple(v) if type(v) is list else v for k, v in user.items()}),
        namespace_labels=request.get("namespace_labels", {}),
        subresource=request.get("subresource", ""),
        parent=tuple(parent) if parent else None,
    )


def _rule(case: dict[str, Any]) -> Rule:
    return Rule("r", {key: case[key] for key in ("match", "exclude") if key in case}, 0)


@pytest.mark.parametrize("case", _cases("kinds"), ids=lambda case: f"{case['selector']} of {case['of']}")
def test_kind_selector(case: dict[str, Any]) -> None:
    parts = [*case["of"].split("/"), ""][:4]
    assert kind_selector.parse(case["selector"]).matches(*parts) is case["matches"]


@pytest.mark.parametrize("case", _cases("blocks"), ids=lambda case: case["name"])
def test_block(case: dict[str, Any]) -> None:
    applies = match.compile(_rule(case), case.get("policy_namespace", ""))
    wanted = [(request, True) for request in case.get("applies", ())]
    wanted += [(request, False) for request in case.get("spares", ())]
    assert [(request, applies(subject(request))) for request, _ in wanted] == wanted


@pytest.mark.parametrize("case", _cases("blocks"), ids=lambda case: case["name"])
def test_the_index_by_kind_leaves_nothing_out(case: dict[str, Any]) -> None:
    kinds = match.kinds(_rule(case))
    for request in case.get("applies", ()):
        kind = request["parent"][2] if "parent" in request else request["kind"]
        assert kinds is None or kind in kinds


def test_kinds_of_the_index() -> None:
    def kinds(block: dict[str, Any]) -> frozenset[str] | None:
        return match.kinds(Rule("r", {"match": block}, 0))

    assert kinds({"any": [{"resources": {"kinds": ["apps/v1/Deployment", "Pod/exec"]}}]}) == {"Deployment", "Pod"}
    assert kinds({"any": [{"resources": {"kinds": ["Pod"]}}, {"resources": {"names": ["a"]}}]}) is None
    assert kinds({"resources": {"kinds": ["*Set"]}}) is None
    assert kinds({}) is None


PARTS = st.sampled_from(["*", "v1", "v1beta1", "apps", "Pod", "Deployment", "scale", "exec"])


@given(st.lists(PARTS, min_size=1, max_size=4).map("/".join), st.sampled_from(["Pod", "Deployment"]), st.booleans())
def test_the_plain_path_agrees_with_the_selectors(text: str, kind: str, has_twin: bool) -> None:
    texts = [text, "Service"] if has_twin else [text]
    applies = match.compile(Rule("r", {"match": {"resources": {"kinds": texts}}}, 0), "")
    request = {"kind": kind, "api_version": "v1" if kind == "Pod" else "apps/v1"}
    resource = subject(request).resource
    expected = kind_selector.parse(text).matches(resource.group, resource.version, kind, "")
    assert applies(subject(request)) is expected
