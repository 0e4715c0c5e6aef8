"""Policies and resources made to exhaust: each ends with an answer that names its limit, within bounds of the process.

The bounds are wide (a whole run takes a tenth of them), so that no slow machine decides a test: what they catch is work
that grows without end.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

PREADMIT = Path(sys.executable).with_name("preadmit")
MEMORY = 2 * 1024**3
"""Bytes of address space."""
TIME = 120
"""Seconds of the processor."""

LIST = "request.object.spec.l"
LONG = "a" * 100_000


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (TIME, TIME))


def _policy(**body: Any) -> dict[str, Any]:
    rule = {"name": "r", "match": {"any": [{"resources": {"kinds": ["Thing"]}}]}, **body}
    head = {"apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy", "metadata": {"name": "p"}}
    return {**head, "spec": {"rules": [rule]}}


def _thing(spec: Any) -> dict[str, Any]:
    return {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "t"}, "spec": spec}


def _apply(folder: Path, policy: dict[str, Any] | str, thing: dict[str, Any] | str) -> subprocess.CompletedProcess[str]:
    for name, content in (("policy.yaml", policy), ("resource.yaml", thing)):
        (folder / name).write_text(content if isinstance(content, str) else json.dumps(content))
    command = [PREADMIT, "apply", "policy.yaml", "-r", "resource.yaml", "--policy-report", "--output-format", "json"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, preexec_fn=_bounded)


def _asks(expression: str) -> dict[str, Any]:
    condition = {"key": "{{ " + expression + " }}", "operator": "Equals", "value": "x"}
    return _policy(validate={"message": "m", "deny": {"conditions": {"all": [condition]}}})


def _pattern(field: str, wanted: str) -> dict[str, Any]:
    return _policy(validate={"message": "m", "pattern": {"spec": {field: wanted}}})


def _doubling() -> dict[str, Any]:
    """Thirty variables of which each is twice the one before."""
    context = [{"name": "v0", "variable": {"value": "x" * 100}}]
    for number in range(1, 31):
        before = "{{ v" + str(number - 1) + " }}"
        context.append({"name": f"v{number}", "variable": {"value": before + before}})
    policy = _asks("v30")
    policy["spec"]["rules"][0]["context"] = context
    return policy


def _loops(levels: int) -> dict[str, Any]:
    """A foreach in a foreach, all over the same list."""
    loop: dict[str, Any] = {"deny": {"conditions": {"all": [{"key": "a", "operator": "Equals", "value": "b"}]}}}
    for _ in range(levels):
        loop = {"list": LIST, "foreach": [loop]} if "list" in loop else {"list": LIST, **loop}
    return _policy(validate={"message": "m", "foreach": [loop]})


THRICE = f"{LIST}[*].[{','.join(['@'] * 50)}][] | [*].[{','.join(['@'] * 50)}][]"


@pytest.mark.parametrize(
    ("policy", "spec", "limit"),
    [
        pytest.param(_loops(1), {"l": [None] * 999_999 + [1]}, "more than the limit of 100000", id="a long foreach"),
        pytest.param(_loops(6), {"l": [1] * 100}, "more than 100000 elements", id="foreach in foreach"),
        pytest.param(_doubling(), {}, "expand to more than 4194304 characters", id="variables in variables"),
        pytest.param(_asks(THRICE), {"l": [1] * 3000}, "visit more than 2000000 elements", id="projections"),
        pytest.param(
            _asks("'aa' | " + " | ".join(["join('', [@, @])"] * 40)), {}, "more than 16777216 characters", id="texts"
        ),
        pytest.param(_asks("random('(((a{1000}){1000}){1000})')"), {}, "more than 65536 parts", id="random texts"),
    ],
)
def test_what_grows_ends_in_an_error(tmp_path: Path, policy: dict[str, Any], spec: Any, limit: str) -> None:
    result, message = _row(_apply(tmp_path, policy, _thing(spec)))
    assert (result, limit in message) == ("error", True), message


@pytest.mark.parametrize(
    ("policy", "spec", "result"),
    [
        pytest.param(_asks("regex_match('^(a+)+$', request.object.spec.s)"), {"s": LONG + "b"}, "pass", id="regex"),
        pytest.param(_pattern("s", "*a" * 2000 + "b"), {"s": LONG}, "fail", id="wildcard"),
        pytest.param(_pattern("s", "|".join(f"x{n}" for n in range(20_000))), {"s": LONG}, "fail", id="alternatives"),
        pytest.param(_pattern("s", "|".join(f"*x{n}*" for n in range(20_000))), {"s": LONG}, "error", id="wildcards"),
        pytest.param(_pattern("n", "<1e999999999"), {"n": "1e999999999"}, "fail", id="a huge exponent"),
        pytest.param(_pattern("n", ">10"), {"n": "9" * 100_000}, "fail", id="a huge number"),
        pytest.param(_asks("request.object.spec.s"), {"s": "{{ request.object.spec.s }}"}, "pass", id="itself"),
    ],
)
def test_what_is_slow_elsewhere_is_answered(tmp_path: Path, policy: dict[str, Any], spec: Any, result: str) -> None:
    assert _row(_apply(tmp_path, policy, _thing(spec)))[0] == result


def _laughs() -> str:
    """Aliases of aliases: ten to the twelfth elements when written out."""
    lines = ["  a: &a [x, x, x, x, x, x, x, x, x, x]"]
    for before, letter in pairwise("abcdefghijkl"):
        lines.append(f"  {letter}: &{letter} [" + ", ".join([f"*{before}"] * 10) + "]")
    return "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: t}\nspec:\n" + "\n".join(lines) + "\n"


DEEP = '{"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "t"}, "spec": %s}'


@pytest.mark.parametrize(
    ("text", "limit"),
    [(_laughs(), "aliases expand to"), (DEEP % ('{"a":' * 5000 + "1" + "}" * 5000), "nest deeper than 100 levels")],
    ids=["aliases", "depth"],
)
def test_resources_that_cannot_be_held_are_refused(tmp_path: Path, text: str, limit: str) -> None:
    done = _apply(tmp_path, _pattern("a", "?*"), text)
    assert (done.returncode, limit in done.stderr) == (1, True), done.stderr


def _row(done: subprocess.CompletedProcess[str]) -> tuple[str, str]:
    assert done.returncode in (0, 1), done.stderr[-2000:]
    [row] = json.loads(done.stdout)["results"]
    return row["result"], row.get("message", "")
