"""Manifests from a seed: the mix of a repository, about 1,200 bytes each, a fifth of them violating something.

python -m benchmarks.manifests 1000 > manifests.yaml
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from typing import Any

import yaml

KINDS = (
    *("Deployment",) * 12,
    *("StatefulSet", "DaemonSet", "CronJob", "Pod") * 5,
    *("Service", "Ingress", "ConfigMap", "ServiceAccount"),
)
"""Nine of ten hold pods: 1,000 manifests and the 33 policies give some 29,000 rows."""
_VERSIONS = {"CronJob": "batch/v1", "Ingress": "networking.k8s.io/v1"}
_APPS = frozenset({"Deployment", "StatefulSet", "DaemonSet"})


def manifests(count: int, seed: int = 20260101) -> Iterator[dict[str, Any]]:
    """``count`` resources, the same ones for the same seed."""
    chance = random.Random(seed)
    for number in range(count):
        yield _resource(chance, number, chance.choice(KINDS), violates=chance.random() < 0.2)


def _resource(chance: random.Random, number: int, kind: str, violates: bool) -> dict[str, Any]:
    name = f"{kind.lower()}-{number}"
    labels = {"app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "shop", "team": f"team-{number % 9}"}
    found: dict[str, Any] = {
        "apiVersion": "apps/v1" if kind in _APPS else _VERSIONS.get(kind, "v1"),
        "kind": kind,
        "metadata": {"name": name, "namespace": f"space-{number % 17}", "labels": labels},
    }
    template = {"metadata": {"labels": dict(labels)}, "spec": _pod(chance, violates)}
    match kind:
        case "Deployment" | "StatefulSet" | "DaemonSet":
            found["spec"] = {"selector": {"matchLabels": {"app.kubernetes.io/name": name}}, "template": template}
        case "CronJob":
            found["spec"] = {"schedule": "*/5 * * * *", "jobTemplate": {"spec": {"template": template}}}
        case "Pod":
            found["spec"] = template["spec"]
        case "Service":
            ports = [{"name": f"p{port}", "port": port, "targetPort": port} for port in range(8080, 8090)]
            found["spec"] = {"type": "NodePort" if violates else "ClusterIP", "selector": dict(labels), "ports": ports}
        case "Ingress":
            found["spec"] = {"rules": [_rule("" if violates and not at else f"h{at}.{name}.test") for at in range(5)]}
        case "ConfigMap":
            found["data"] = {f"key-{at}": "some text of a configuration " * 4 for at in range(6)}
        case _:
            found["metadata"]["annotations"] = {f"example.test/{at}": "x" * 60 for at in range(10)}
    return found


def _rule(host: str) -> dict[str, Any]:
    backend = {"service": {"name": "shop", "port": {"number": 8080}}}
    return {"host": host, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}


def _pod(chance: random.Random, violates: bool) -> dict[str, Any]:
    containers = [_container(chance, at, violates and at == 0) for at in range(chance.choice((1, 1, 1, 1, 2, 3)))]
    security = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    return {"serviceAccountName": "shop", "securityContext": security, "containers": containers}


def _container(chance: random.Random, at: int, violates: bool) -> dict[str, Any]:
    probe = {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 10}
    security: dict[str, Any] = {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    if violates:
        security[chance.choice(("privileged", "allowPrivilegeEscalation"))] = True
    registry = chance.choice(("ghcr.io/shop", "public.ecr.aws/shop"))
    found = {
        "name": f"container-{at}",
        "image": f"{registry}/part-{at}:{'latest' if violates else '1.4.2'}",
        "ports": [{"containerPort": 8080}],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
        "securityContext": security,
    }
    return {**found, "livenessProbe": probe} if at == 0 else found


def main() -> None:
    """Write manifests to standard output."""
    yaml.dump_all(manifests(int(sys.argv[1])), sys.stdout, Dumper=yaml.CSafeDumper, sort_keys=False)


if __name__ == "__main__":
    main()
