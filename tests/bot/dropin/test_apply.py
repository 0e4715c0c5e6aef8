"""The language-neutral cases of ``apply``, through the command itself."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from bot.cli import group

CASES = Path(__file__).parents[2] / "cases" / "dropin"
ALL = yaml.safe_load((CASES / "apply.yaml").read_text())["cases"]


def write(folder: Path, files: dict[str, str]) -> None:
    """Write the files of a case."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


@pytest.mark.parametrize("case", ALL, ids=lambda case: case["name"])
def test_case(case: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, case["files"])
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(group, ["apply", *case["args"]], input=case.get("stdin"))
    assert result.exit_code == case["exit"], result.output
    if "stdout" in case:
        assert result.stdout == case["stdout"]
    for part in case.get("holds", ()):
        assert part in result.stdout
    assert case.get("stderr", "") in result.stderr
    for name, content in case.get("written", {}).items():
        assert (tmp_path / name).read_text() == content
    if "report" in case:
        assert _rows(json.loads(result.stdout)) == case["report"]


def _rows(report: dict[str, Any]) -> list[list[str]]:
    assert (report["apiVersion"], report["kind"], report["metadata"]) == (
        "openreports.io/v1alpha1",
        "ClusterReport",
        {"name": "merged"},
    )
    assert sum(report["summary"].values()) == len(report["results"])
    return [
        [
            row["policy"],
            row["rule"],
            "/".join(row["resources"][0][key] for key in ("kind", "namespace", "name") if key in row["resources"][0]),
            row["result"],
            row["message"],
        ]
        for row in report["results"]
    ]


NAMESPACED = """
apiVersion: kyverno.io/v1
kind: Policy
metadata: {name: mine, namespace: shop}
spec:
  rules:
    - name: r
      match: {any: [{resources: {kinds: [ConfigMap]}}]}
      validate: {message: never, deny: {}}
"""


def test_a_namespaced_policy_has_a_report_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    resource = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: shop}\n"
    write(tmp_path, {"p.yaml": NAMESPACED, "r.yaml": resource})
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(group, ["apply", "p.yaml", "-r", "r.yaml", "-p"])
    reports = list(yaml.safe_load_all(result.stdout))
    assert [(report["kind"], report["metadata"]) for report in reports if report] == [
        ("PolicyReport", {"name": "mine", "namespace": "shop"})
    ]
    assert reports[-1]["results"][0]["policy"] == "shop/mine"


def test_the_help_names_every_way_to_end() -> None:
    text = CliRunner().invoke(group, ["apply", "--help"]).stdout
    assert re.search(r"Exit codes: 0 .*, 1 .*, 2 .*, N ", " ".join(text.split()))


def test_a_report_refers_to_the_object_that_the_cluster_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was taken from a cluster says which object it is; what is no text says nothing."""
    resource = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: shop, uid: abc, resourceVersion: %s}\n"
    write(tmp_path, {"p.yaml": NAMESPACED, "r.yaml": resource % '"77"', "s.yaml": resource % "77"})
    monkeypatch.chdir(tmp_path)
    head = {"apiVersion": "v1", "kind": "ConfigMap", "name": "c", "namespace": "shop", "uid": "abc"}
    for file, told in (("r.yaml", {"resourceVersion": "77"}), ("s.yaml", {})):
        result = CliRunner().invoke(group, ["apply", "p.yaml", "-r", file, "-p"])
        assert next(yaml.safe_load_all(result.stdout))["results"][0]["resources"] == [{**head, **told}]
