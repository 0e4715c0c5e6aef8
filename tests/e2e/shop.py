"""The texts that the repositories of these tests are made of: a small shop, its policies, and changes to it."""

from __future__ import annotations

from textwrap import dedent, indent
from typing import Final

REGISTRY_LINE: Final = "image: nginx"
PRIVILEGED_LINE: Final = "privileged: true"

Files = dict[str, str | bytes]


def deployment(
    name: str, *, image: str = "public.ecr.aws/shop/web:1.0", labels: str = "CostCenter: IT", more: str = ""
) -> str:
    """A Deployment whose container may be given ``more`` lines."""
    text = dedent(f"""\
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: {name}
        spec:
          replicas: 1
          selector:
            matchLabels: {{app: {name}}}
          template:
            metadata:
              labels:
                app: {name}
                {labels}
            spec:
              containers:
                - name: main
                  image: {image}
        """)
    if not labels:
        text = text.replace("        \n", "")
    return text + indent(dedent(more), " " * 10)


def policy(name: str, rule: str, *, action: str = "Enforce", kind: str = "Deployment", extra: str = "") -> str:
    """A ClusterPolicy with one rule, whose body is given from ``validate`` or ``mutate`` on."""
    head = f"""\
        apiVersion: kyverno.io/v1
        kind: ClusterPolicy
        metadata:
          name: {name}
        spec:
          validationFailureAction: {action}
          rules:
            - name: {name}-rule
              match: {{any: [{{resources: {{kinds: [{kind}]}}}}]}}
        """
    return dedent(head) + indent(dedent(extra) + dedent(rule), " " * 6)


def workshop(*, strict: bool) -> Files:
    """The workshop's three policies, written anew; ``strict`` ones do not let existing violations through."""
    allow = "        allowExistingViolations: false\n" if strict else ""
    return {
        "policies/baseline.yaml": _enforced("baseline-policy", "baseline", allow)
        + "        podSecurity: {level: baseline, version: latest}\n",
        "policies/registries.yaml": _enforced("restrict-image-registries", "validate-registries", allow)
        + "        message: Unknown Image registry.\n"
        + '        pattern: {spec: {template: {spec: {containers: [{image: "public.ecr.aws/*"}]}}}}\n',
        "policies/labels.yaml": _enforced("require-labels", "check-cost-center", "").replace("Enforce", "Audit")
        + "        message: Label 'CostCenter' is required\n"
        + '        pattern: {spec: {template: {metadata: {labels: {CostCenter: "?*"}}}}}\n',
    }


def _enforced(name: str, rule: str, allow: str) -> str:
    head = f"""\
        apiVersion: kyverno.io/v1
        kind: ClusterPolicy
        metadata:
          name: {name}
        spec:
          validationFailureAction: Enforce
          background: true
          rules:
            - name: {rule}
              match:
                any:
                  - resources:
                      kinds: [Deployment]
              validate:
        """
    return dedent(head) + allow


BASE: Final[Files] = {
    "shop/ui.yaml": deployment("ui", labels=""),
    "shop/catalog.yaml": deployment("catalog", image="mysql:8"),
    "shop/orders.yaml": deployment("orders"),
    "shop/service.yaml": "apiVersion: v1\nkind: Service\nmetadata:\n  name: ui\nspec:\n  ports: [{port: 80}]\n",
    "README.md": "A shop\n",
}

CHANGE: Final[Files] = {
    "shop/nginx-public.yaml": deployment("nginx-public", image="nginx"),
    "shop/nginx-ecr.yaml": deployment("nginx-ecr", image="public.ecr.aws/nginx/nginx:1.27"),
    "shop/privileged-deploy.yaml": deployment("privileged-deploy", more="securityContext:\n  privileged: true\n"),
    "shop/ui.yaml": deployment("ui", labels="").replace("replicas: 1", "replicas: 2"),
}

FIX: Final[Files] = {
    "shop/nginx-public.yaml": deployment("nginx-public", image="public.ecr.aws/nginx/nginx:1.27"),
    "shop/privileged-deploy.yaml": deployment("privileged-deploy"),
}

BLOCKED: Final = (
    "Deployment default/nginx-public: [validate-registries] fail (blocked); validation error: Unknown Image registry. "
    "rule validate-registries failed at path /spec/template/spec/containers/0/image/",
    "Deployment default/privileged-deploy: [baseline] fail (blocked); Validation rule 'baseline' failed. "
    'It violates PodSecurity "baseline:latest": (Forbidden reason: privileged, field error list: '
    "[spec.template.spec.containers[0].securityContext.privileged is forbidden, forbidden values found: true])",
)


def line_of(text: str | bytes, part: str) -> int:
    """The number of the only line that holds ``part``."""
    lines = (text.decode() if isinstance(text, bytes) else text).split("\n")
    found = [number for number, line in enumerate(lines, 1) if part in line]
    assert len(found) == 1, f"{part!r} stands on lines {found}"
    return found[0]
