"""The rule: what it answers on each operation, with images and with exceptions."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from engine.errors import QueryError
from engine.model import Operation, Result, RuleResponse
from engine.rules import validate_pod_security

PRIVILEGED = {"spec": {"containers": [{"name": "a", "image": "x", "securityContext": {"privileged": True}}]}}
PLAIN = {"spec": {"containers": [{"name": "a", "image": "x"}]}}


@dataclass(frozen=True)
class Rule:
    name: str = "psa"
    raw: dict[str, Any] = field(default_factory=lambda: {"validate": {"podSecurity": {"level": "baseline"}}})


@dataclass(frozen=True)
class Exempt:
    key: str
    raw: dict[str, Any]


class Context:
    """Only what the rule asks of a context."""

    def __init__(self, value: dict[str, Any], operation: Operation = Operation.CREATE, images: Any = None) -> None:
        self.request = SimpleNamespace(operation=operation, resource=SimpleNamespace(value=value, kind="Pod"))
        self._images = images

    def query(self, text: str) -> Any:
        assert text == "images"
        if isinstance(self._images, Exception):
            raise self._images
        return self._images


def judge(context: Any) -> RuleResponse | None:
    return validate_pod_security.compile(Rule())(context, None)


def excepted(context: Any, *exceptions: Exempt) -> RuleResponse | None:
    return validate_pod_security.compile_excepted(Rule())(context, exceptions)


def controls(key: str, *names: str) -> Exempt:
    return Exempt(key, {"spec": {"podSecurity": [{"controlName": name, "images": ["*"]} for name in names]}})


def test_passes() -> None:
    response = judge(Context(PLAIN))
    assert response is not None
    assert (response.result, response.message) == (Result.PASS, "Validation rule 'psa' passed.")


def test_fails_with_the_place_and_the_image() -> None:
    images = {"containers": {"a": {"reference": "docker.io/x:latest"}}}
    response = judge(Context(PRIVILEGED, images=images))
    assert response is not None
    assert response.result is Result.FAIL
    assert response.path == ("spec", "containers", 0, "securityContext", "privileged")
    assert '"Images":["docker.io/x:latest"]' in response.properties["controlsJSON"]


def test_names_the_container_where_images_cannot_be_read() -> None:
    response = judge(Context(PRIVILEGED, images=QueryError("bad image")))
    assert response is not None
    assert '"Images":["a"]' in response.properties["controlsJSON"]


def test_an_undecodable_resource_is_an_error() -> None:
    response = judge(Context({"spec": "x"}))
    assert response is not None
    assert (response.result, response.properties) == (Result.ERROR, {})


def test_says_nothing_of_a_delete() -> None:
    assert judge(Context(PRIVILEGED, Operation.DELETE)) is None
    assert excepted(Context(PRIVILEGED, Operation.DELETE), Exempt("ns/e", {})) is None


def test_an_exception_without_controls_skips_even_what_passes() -> None:
    response = excepted(Context(PLAIN), controls("ns/a", "Seccomp"), Exempt("ns/b", {"spec": {}}))
    assert response is not None
    assert response.result is Result.SKIP
    assert response.message == "rule is skipped due to policy exception ns/b"
    assert response.exceptions == ("ns/b",)


def test_exceptions_with_controls_skip_what_they_cover() -> None:
    response = excepted(Context(PRIVILEGED), controls("ns/a", "Privileged Containers"), controls("ns/b", "Seccomp"))
    assert response is not None
    assert response.result is Result.SKIP
    assert response.message == "rule is skipped due to policy exceptions ns/a, ns/b"
    assert response.exceptions == ("ns/a", "ns/b")


def test_exceptions_with_other_controls_leave_the_violation() -> None:
    response = excepted(Context(PRIVILEGED), controls("ns/a", "Seccomp"))
    assert response is not None
    assert (response.result, response.exceptions) == (Result.FAIL, ())


def test_exceptions_do_not_turn_a_pass_or_an_error_into_a_skip() -> None:
    passed = excepted(Context(PLAIN), controls("ns/a", "Seccomp"))
    error = excepted(Context({"spec": 1.0}), controls("ns/a", "Seccomp"))
    assert passed is not None
    assert error is not None
    assert (passed.result, error.result) == (Result.PASS, Result.ERROR)
