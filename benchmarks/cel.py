"""Expressions by expression: compiling and evaluating, here and in two packages that also do CEL.

python -m benchmarks.cel [--rounds N]

Microseconds of processor time, the least of the rounds. ``cel-python`` and ``cel-expr-python`` come with the extra
``bench``; a column is empty where a package is not installed or refuses the expression. Values are handed over in the
form that each package takes quickest: its own, made beforehand, where it has one.
"""

from __future__ import annotations

import argparse
import importlib
import json
import time
from collections.abc import Callable
from typing import Any

DEPLOYMENT: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "shop", "labels": {"app.kubernetes.io/name": "web"}},
    "spec": {
        "replicas": 3.0,
        "template": {
            "metadata": {"labels": {"app.kubernetes.io/name": "web"}},
            "spec": {
                "hostNetwork": False,
                "volumes": [{"name": "data", "emptyDir": {}}, {"name": "conf", "configMap": {"name": "conf"}}],
                "containers": [
                    {
                        "name": name,
                        "image": f"registry.example.com/shop/{name}:1.4.2",
                        "ports": [{"containerPort": 8080.0}],
                        "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
                        "securityContext": {
                            "privileged": False,
                            "allowPrivilegeEscalation": False,
                            "capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]},
                        },
                    }
                    for name in ("web", "sidecar")
                ],
            },
        },
    },
}
_POD = "object.spec.template.spec"
EXPRESSIONS = {
    "a field": "object.spec.replicas > 1.0",
    "a label": "has(object.metadata.labels) && 'app.kubernetes.io/name' in object.metadata.labels",
    "host namespaces": f"!has({_POD}.hostNetwork) || {_POD}.hostNetwork == false",
    "image tags": f"{_POD}.containers.all(c, c.image.contains(':') && !c.image.endsWith(':latest'))",
    "privileged": f"{_POD}.containers.all(c, !has(c.securityContext) || !has(c.securityContext.privileged) "
    "|| c.securityContext.privileged == false)",
    "resources": f"{_POD}.containers.all(c, has(c.resources) && has(c.resources.requests) && "
    "has(c.resources.requests.cpu) && has(c.resources.requests.memory) && has(c.resources.limits.memory))",
    "capabilities": f"{_POD}.containers.all(c, !has(c.securityContext) || !has(c.securityContext.capabilities) || "
    "c.securityContext.capabilities.add.all(a, a in ['NET_BIND_SERVICE', 'CHOWN']))",
    "host ports": f"{_POD}.containers.all(c, !has(c.ports) || c.ports.all(p, !has(p.hostPort) || p.hostPort == 0.0))",
    "volumes": f"!has({_POD}.volumes) || {_POD}.volumes.all(v, !has(v.hostPath))",
    "registry": f"{_POD}.containers.all(c, c.image.matches('^registry[.]example[.]com/.+'))",
    "optional fields": f"{_POD}.?initContainers.orValue([]).size() == 0 && {_POD}.?containers.hasValue()",
    "all kinds of containers": f"({_POD}.containers + (has({_POD}.initContainers) ? {_POD}.initContainers : []))"
    ".filter(c, has(c.securityContext)).map(c, c.name).exists(n, n == 'sidecar')",
}
"""The shape of what policies ask of a Deployment."""

Prepared = tuple[Callable[[], Any], Callable[[], Any]]
"""Compiles; evaluates what was compiled."""


def ours(expression: str) -> Prepared:
    """engine.cel."""
    from engine.cel.environment import Environment
    from engine.cel.types import DYN

    environment = _once("ours", lambda: Environment(variables={"object": DYN}))
    program = environment.compile(expression)
    variables = {"object": DEPLOYMENT}
    return lambda: environment.compile(expression), lambda: program.evaluate(variables)


def cel_python(expression: str) -> Prepared:
    """The package cel-python, written in Python."""
    celpy = importlib.import_module("celpy")
    environment = _once("celpy", celpy.Environment)
    value = _once("celpy value", lambda: {"object": celpy.json_to_cel(DEPLOYMENT)})

    def compiled() -> Any:
        return environment.program(environment.compile(expression))

    program = compiled()
    return compiled, lambda: program.evaluate(value)


def cel_expr_python(expression: str) -> Prepared:
    """The package cel-expr-python, which wraps the C++ implementation."""
    cel = importlib.import_module("cel_expr_python.cel")
    optional = importlib.import_module("cel_expr_python.ext.ext_optional")
    environment = _once(
        "cpp", lambda: cel.NewEnv(variables={"object": cel.Type.DYN}, extensions=[optional.ExtOptional()])
    )
    program = environment.compile(expression)
    variables = {"object": DEPLOYMENT}
    return lambda: environment.compile(expression), lambda: program.eval(data=variables).value()


_MADE: dict[str, Any] = {}


def _once(name: str, make: Callable[[], Any]) -> Any:
    if name not in _MADE:
        _MADE[name] = make()
    return _MADE[name]


def least(work: Callable[[], Any], rounds: int) -> float:
    """Microseconds that the work takes at least."""
    times, best = 1, float("inf")
    while best == float("inf") or times * best < 5_000:  # a round of 5 ms is well above the clock's steps
        times = max(times, min(times * 10, 100_000) if best == float("inf") else int(6_000 / best) + 1)
        best = _round(work, times)
        if times >= 100_000:
            break
    return min([best, *(_round(work, times) for _ in range(rounds))])


def _round(work: Callable[[], Any], times: int) -> float:
    start = time.process_time()
    for _ in range(times):
        work()
    return max((time.process_time() - start) / times * 1e6, 1e-3)


def _cells(prepare: Callable[[str], Prepared], expression: str, rounds: int) -> tuple[str, str]:
    """Evaluation and compilation; what the other packages raise is theirs to know."""
    try:
        compile_, evaluate = prepare(expression)
        if json.dumps(bool(evaluate())) != "true":
            return "wrong", ""
    except Exception as error:  # noqa: BLE001  # their exceptions share no base
        return ("", "") if isinstance(error, ImportError) else ("refused", "")
    return f"{least(evaluate, rounds):.1f}", f"{least(compile_, rounds):.0f}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    packages = {"engine.cel": ours, "cel-python": cel_python, "cel-expr-python": cel_expr_python}
    print("| Expression | " + " | ".join(f"{name}: evaluate | compile" for name in packages) + " |")
    print("|---|" + "---:|---:|" * len(packages))
    for name, expression in EXPRESSIONS.items():
        cells = [cell for prepare in packages.values() for cell in _cells(prepare, expression, rounds)]
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
