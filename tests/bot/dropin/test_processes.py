"""Work shared among processes comes to the same as work done in one, whatever becomes of the others."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
import yaml

from benchmarks.manifests import manifests
from bot.dropin import processes

POLICIES = """
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: pinned, annotations: {policies.kyverno.io/scored: "false"}}
spec:
  rules:
    - name: tag
      match: {any: [{resources: {kinds: [Pod]}}]}
      validate: {message: no latest, pattern: {spec: {containers: [{image: "!*:latest"}]}}}
---
apiVersion: kyverno.io/v1
kind: Policy
metadata: {name: own, namespace: space-3}
spec:
  rules:
    - name: probed
      match: {any: [{resources: {kinds: [Deployment, Pod, Service]}}]}
      validate: {message: a team is needed, pattern: {metadata: {labels: {team: "team-?"}}}}
---
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: labelled}
spec:
  rules:
    - name: add
      match: {any: [{resources: {kinds: [ConfigMap, Service]}}]}
      mutate: {patchStrategicMerge: {metadata: {labels: {+(seen): "yes"}}}}
    - name: secure
      match: {any: [{resources: {kinds: [Pod]}}]}
      validate: {podSecurity: {level: restricted, version: latest}}
---
apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {name: private}
spec:
  validationActions: [Audit]
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  validations:
    - {expression: "!object.spec.?hostNetwork.orValue(false)", message: the host's network is not for Pods}
"""
RUN = """
import os, sys
from bot import cli
from bot.dropin import processes
processes._WORTH = 5
processes._available = lambda: int(sys.argv[1])
if sys.argv[2] == "harm":
    processes._work = lambda _work, _writes: os._exit(1)
cli.main(sys.argv[3:])
"""


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("shared")
    (folder / "policies.yaml").write_text(POLICIES)
    (folder / "resources.yaml").write_text(yaml.safe_dump_all(manifests(60)))
    return ["apply", str(folder / "policies.yaml"), "--resource", str(folder / "resources.yaml")]


def _run(count: int, harm: str, command: list[str]) -> tuple[int, str]:
    done = subprocess.run([sys.executable, "-c", RUN, str(count), harm, *command], capture_output=True, text=True)
    assert done.stderr == ""
    return done.returncode, done.stdout


def _documents(text: str) -> list[dict[str, Any]]:
    found = [json.loads(part) for part in text.split("---\n")]
    for report in found:
        for row in report["results"]:
            del row["timestamp"]
    return found


@pytest.mark.parametrize("harm", ["", "harm"])
def test_reports_are_the_same(command: list[str], harm: str) -> None:
    reported = [*command, "--policy-report", "--output-format", "json"]
    alone, shared = _run(1, "", reported), _run(3, harm, reported)
    assert alone[0] == shared[0] == 1
    assert _documents(alone[1]) == _documents(shared[1])
    assert len(_documents(alone[1])) == 2
    rows = _documents(alone[1])[0]["results"]
    assert {row["result"] for row in rows} == {"pass", "fail", "warn"}
    of_cel = {row["resources"][0]["kind"] for row in rows if row["policy"] == "private"}
    assert of_cel >= {"Pod", "Deployment", "CronJob"}, "autogen's part of a policy in CEL answers as well"


def test_shares_are_all_items_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_available", lambda: 3)
    for count in (0, 1, 199, 400, 601, 1000):
        found = processes.shares(range(count))
        assert [item for share in found for item in share] == list(range(count))
        assert len(found) == max(1, min(3, count // 200))
