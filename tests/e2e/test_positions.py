"""The line at which a finding is shown, where the reference names no path: deny and foreach rules."""

from __future__ import annotations

import pytest

from tests.e2e.command import Made, judged
from tests.e2e.shop import line_of, policy

POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
  annotations:
    team: shop
spec:
  podSelector: {}
  initContainers:
    - name: first
      image: ghcr.io/first:1
  containers:
    - name: second
      image: ghcr.io/second:1
    - name: third
      image: docker.io/third:1
      securityContext:
        capabilities:
          add: [NET_RAW]
  hosts:
    - a.example.com
    - b.example.com
"""

DENY = """\
validate:
  message: never
  deny:
    conditions:
      any:
        - {key: KEY, operator: OPERATOR, value: VALUE}
"""

EACH = """\
validate:
  message: never
  foreach:
    - list: LIST
      deny:
        conditions:
          any:
            - {key: KEY, operator: OPERATOR, value: VALUE}
"""

DEEP = """\
validate:
  message: never
  foreach:
    - list: "request.object.spec.containers[?securityContext]"
      foreach:
        - list: element.securityContext.capabilities.add
          deny: {conditions: {any: [{key: "{{ element }}", operator: Equals, value: NET_RAW}]}}
"""

PATTERN = """\
validate:
  message: never
  foreach:
    - list: "request.object.spec.[initContainers, containers][]"
      pattern: {image: "ghcr.io/*"}
"""

ALL = "request.object.spec.[initContainers, containers][]"


def filled(text: str, **words: str) -> str:
    """A rule with its words put in."""
    for name, word in words.items():
        text = text.replace(name, f"'{word}'" if name != "OPERATOR" else word)
    return text


@pytest.mark.parametrize(
    ("rule", "path", "part"),
    [
        (
            filled(DENY, KEY="{{ request.object.metadata.annotations.team }}", OPERATOR="Equals", VALUE="shop"),
            "metadata.annotations.team",
            "team: shop",
        ),
        (
            filled(DENY, KEY="{{ request.object.metadata.annotations.keys(@)[0] }}", OPERATOR="Equals", VALUE="team"),
            "metadata.annotations",
            "annotations:",
        ),
        (
            filled(DENY, KEY="{{ request.object.spec.podSelector.keys(@) | length(@) }}", OPERATOR="Equals", VALUE="0"),
            "spec.podSelector",
            "podSelector:",
        ),
        (
            filled(
                DENY,
                KEY="{{ request.object.metadata.labels.team || '' }}".replace("'", "''"),
                OPERATOR="Equals",
                VALUE="",
            ),
            "metadata.labels.team",
            "metadata:",
        ),
        (filled(DENY, KEY="{{ request.operation }}", OPERATOR="Equals", VALUE="CREATE"), "", "apiVersion: v1"),
        (
            filled(EACH, LIST=ALL, KEY="{{ element.image }}", OPERATOR="Equals", VALUE="docker.io/third:1"),
            "spec.containers[1].image",
            "image: docker.io/third:1",
        ),
        (
            filled(
                EACH,
                LIST="request.object.spec.containers[?securityContext]",
                KEY="{{ element.name }}",
                OPERATOR="Equals",
                VALUE="third",
            ),
            "spec.containers[1].name",
            "name: third",
        ),
        (
            filled(
                EACH, LIST="request.object.spec.hosts", KEY="{{ element }}", OPERATOR="Equals", VALUE="b.example.com"
            ),
            "spec.hosts[1]",
            "- b.example.com",
        ),
        (DEEP, "spec.containers[1].securityContext.capabilities.add", "add: [NET_RAW]"),
        (PATTERN, "spec.containers[1].image", "image: docker.io/third:1"),
    ],
)
def test_a_finding_stands_where_its_rule_looked(make: Made, rule: str, path: str, part: str) -> None:
    found = judged(make({"p.yaml": policy("looks", rule, kind="Pod")}, {"pod.yaml": POD}))
    (finding,) = found["findings"]
    assert finding["verdict"] == "blocked"
    assert (finding["path"], finding["line"]) == (path, line_of(POD, part))
