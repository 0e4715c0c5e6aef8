"""Image validating policies: the cases, and what a registry that answers makes of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec.structs import replace

from engine import admission, cluster, documents, policy_reading, resources
from engine.cel_policies.judge import CelJudge
from engine.cluster import Cluster
from engine.judge import Judge
from engine.model import Operation, RuleResponse
from engine.registry import RegistryError, Signature
from engine.request import Request
from engine.resources import Resource
from tests.engine.contexts import RUNTIME

CASES = yaml.safe_load((Path(__file__).parents[1] / "cases" / "image_validating" / "policies.yaml").read_text())
PODS = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
DEFAULTS = {
    "matchConstraints": {"resourceRules": [PODS]},
    "matchImageReferences": [{"glob": "ghcr.io/*"}],
    "attestors": [{"name": "a", "cosign": {"key": {"data": "key"}}}],
}
DIGEST = "sha256:" + "0" * 64


def written(spec: Mapping[str, Any], name: str = "p") -> dict[str, Any]:
    """A policy."""
    merged = {key: value for key, value in {**DEFAULTS, **spec}.items() if value is not None}
    head = {"apiVersion": "policies.kyverno.io/v1", "kind": "ImageValidatingPolicy", "metadata": {"name": name}}
    return {**head, "spec": merged}


def exception(spec: Mapping[str, Any], number: int) -> dict[str, Any]:
    """An exception from it."""
    refs = [{"kind": "ImageValidatingPolicy", "name": "p"}]
    head = {"apiVersion": "policies.kyverno.io/v1", "kind": "PolicyException"}
    return {**head, "metadata": {"name": f"e{number}", "namespace": "shop"}, "spec": {"policyRefs": refs, **spec}}


def resource(kind: str, images: Sequence[str | None]) -> Resource:
    """A resource with these images."""
    containers = [{"name": f"c{n}", **({"image": image} if image else {})} for n, image in enumerate(images)]
    spec: dict[str, Any] = {"containers": containers}
    version = {"Pod": "v1", "ConfigMap": "v1", "CronJob": "batch/v1"}.get(kind, "apps/v1")
    if kind in ("Deployment", "CronJob"):
        spec = {"template": {"spec": spec}}
    if kind == "CronJob":
        spec = {"jobTemplate": {"spec": spec}}
    value = {"apiVersion": version, "kind": kind, "metadata": {"name": "a", "namespace": "shop"}, "spec": spec}
    return resources.read(documents.load(json.dumps(value), "r.json").documents)[0][0]


def judge(found: Sequence[dict[str, Any]], known: Cluster) -> CelJudge:
    """A judge of policies and exceptions that the schema accepts."""
    chosen = policy_reading.read(documents.load("\n---\n".join(map(json.dumps, found)), "p.yaml").documents)
    assert not chosen.problems
    return CelJudge(chosen.cel, known)


def surroundings(*, as_cluster: bool = False) -> Cluster:
    """A cluster of which nothing is known."""
    return replace(cluster.offline([], RUNTIME), as_cluster=as_cluster)


def asked(found: CelJudge, one: Resource) -> list[RuleResponse]:
    """The responses to a creation."""
    request = Request(Operation.CREATE, new=one, namespace="shop")
    return [rule for response in found.verify(request) for rule in response.rules]


def rows(found: Sequence[RuleResponse]) -> list[list[str]]:
    """Results, rules and messages."""
    return [["open" if rule.unjudged else str(rule.result), rule.rule, rule.message] for rule in found]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_answers(case: dict[str, Any]) -> None:
    found = [written(spec) for spec in (case["spec"], *case.get("others", ()))]
    found += [exception(spec, number) for number, spec in enumerate(case.get("exceptions", ()))]
    known = surroundings(as_cluster=case.get("cluster", False))
    answers = asked(judge(found, known), resource(case.get("kind", "Pod"), case["images"]))
    assert rows(answers) == case["rows"]
    if "path" in case:
        assert list(answers[0].path) == case["path"]
    if "properties" in case:
        assert answers[0].properties == case["properties"]


def test_in_a_cluster_what_does_not_compile_is_a_problem_at_its_line() -> None:
    text = yaml.safe_dump(written({"validations": [{"expression": "nope"}]}))
    chosen = policy_reading.read(documents.load(text, "p.yaml").documents)
    found = CelJudge(chosen.cel, surroundings(as_cluster=True))
    ((_, problem),) = found.problems
    assert (problem.code, problem.line) == ("expression", text.splitlines().index("  - expression: nope") + 1)


@pytest.mark.parametrize("action", ["Deny", "Audit", "Warn"])
def test_only_what_denies_blocks(action: str) -> None:
    spec = {"validationActions": [action], "validations": [{"expression": "false", "message": "no"}]}
    known = surroundings(as_cluster=True)
    answered = admission.admit(Judge([], known, cel=judge([written(spec)], known)), None, resource("Pod", ["nginx"]))
    (answer,) = answered.answers
    assert (answer.response.message, answer.blocked) == ("no", action == "Deny")


def test_what_nobody_could_be_asked_is_no_answer() -> None:
    known = surroundings(as_cluster=True)
    found = judge([written({"validations": [{"expression": "true"}]})], known)
    for answered in (
        admission.admit(Judge([], known, cel=found), None, resource("Pod", ["ghcr.io/a/b"])),
        admission.scan(Judge([], known, cel=found), resource("Pod", ["ghcr.io/a/b"])),
    ):
        assert not answered.answers
        (problem,) = answered.unjudged
        assert problem.message.startswith(
            'not evaluated: rule "p" of ImageValidatingPolicy "p": image ghcr.io/a/b: its'
        )


class Answering:
    """A registry with one image, which nobody signed."""

    def __init__(self, referrers: Sequence[str] = ()) -> None:
        self._referrers = referrers

    def digest(self, image: str) -> str:
        """See Registry."""
        return DIGEST

    def image(self, image: str) -> dict[str, Any]:
        """See Registry."""
        if "missing" in image:
            raise RegistryError(f"{image} is missing")
        config = {"architecture": "amd64", "config": {"User": "root"}}
        resolved = f"ghcr.io/a/b@{DIGEST}"
        return {"resolvedImage": resolved, "manifestList": None, "manifest": {"mediaType": "m"}, "configData": config}

    def signatures(self, image: str, digest: str, repository: str) -> Sequence[Signature]:
        """See Registry."""
        return ()

    def referrers(self, image: str, digest: str) -> Sequence[str]:
        """See Registry."""
        return self._referrers


KEY = {"key": {"data": "x"}, "ctlog": {"insecureIgnoreTlog": True}}
VERIFY = "images.containers.all(i, verifyImageSignatures(i, [attestors.a]) > 0)"


def with_registry(registry: Answering, image: str, cosign: Mapping[str, Any] = KEY, **spec: Any) -> list[list[str]]:
    """The rows of a policy that asks it."""
    settings = {"validationConfigurations": {"verifyDigest": False}, "attestors": [{"name": "a", "cosign": cosign}]}
    known = replace(surroundings(), registry=registry)
    return rows(asked(judge([written({**settings, **spec})], known), resource("Pod", [image])))


@pytest.mark.parametrize(
    ("cosign", "says"),
    [
        (KEY, None),
        ({"key": {"data": "x"}}, "the transparency log is not checked (ctlog.insecureIgnoreTlog is not true)"),
        ({"key": {"kms": "x"}}, "keys of a key management service are not asked for"),
        ({"keyless": {"identities": []}}, "keyless signatures are not checked"),
        ({"certificate": {"cert": {"value": "x"}}}, "signatures by certificates are not checked"),
        ({**KEY, "ctlog": {"insecureIgnoreTlog": True, "tsaCertChain": "x"}}, "signed timestamps are not checked"),
    ],
)
def test_what_of_signatures_is_not_checked_says_so(cosign: dict[str, Any], says: str | None) -> None:
    found = with_registry(
        Answering(), "ghcr.io/a/b", cosign, validations=[{"expression": VERIFY, "message": "unsigned"}]
    )
    opened = ["open", "p", f"not evaluated: image ghcr.io/a/b: {says}"]
    assert found == [opened if says else ["fail", "p", "unsigned"]]


def test_a_bundle_is_no_missing_signature() -> None:
    registry = Answering(["application/vnd.dev.sigstore.bundle.v0.3+json"])
    ((result, _, message),) = with_registry(registry, "ghcr.io/a/b", validations=[{"expression": VERIFY}])
    assert (result, message) == ("open", "not evaluated: image ghcr.io/a/b: Sigstore bundles are not checked")


def test_an_image_that_is_not_there() -> None:
    found = with_registry(Answering(), "ghcr.io/a/missing", validations=[{"expression": "true"}])
    assert found == [["error", "evaluation", "failed to evaluate policy: ghcr.io/a/missing is missing"]]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("true", "image ghcr.io/a/b is not verified: no policy performed a signature or attestation check on it"),
        (VERIFY.replace("> 0", "== 0"), "image ghcr.io/a/b failed signature or attestation verification"),
    ],
)
def test_what_has_to_be_verified(expression: str, message: str) -> None:
    validations = [{"expression": expression}]
    assert with_registry(Answering(), "ghcr.io/a/b", validations=validations) == [["fail", "p", message]]
    free = {"verifyDigest": False, "required": False}
    found = with_registry(Answering(), "ghcr.io/a/b", validations=validations, validationConfigurations=free)
    assert found == [["pass", "p", "success"]]


@pytest.mark.parametrize(
    ("read", "gives"),
    [
        ("Digest", DIGEST),
        ("ImageDescriptor.ImageReference.Repository", "a/b"),
        ("ConfigData.Config.User", "root"),
        ("ConfigData.Architecture + '/'", "amd64/"),
        ("digest", "failed to evaluate message expression: no such field: digest"),
    ],
)
def test_the_data_of_an_image_have_the_names_of_go(read: str, gives: str) -> None:
    validations = [{"expression": "false", "messageExpression": f"string(getImageData(images.containers[0]).{read})"}]
    assert with_registry(Answering(), "ghcr.io/a/b", validations=validations) == [["fail", "p", gives]]
