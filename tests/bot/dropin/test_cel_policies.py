"""The language-neutral cases of policies in CEL, a file for each mechanism, through ``apply``.

A case has ``policies`` and ``resources`` (or those of its file), and may have ``exceptions``, ``values``, ``params``,
``context``, ``user`` and ``args``. ``answers`` are the reference's: by policy, rule in brackets, result and message the
resources of which that is said. A ``fault`` stands instead where a policy ends the command.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from bot.cli import group
from tests.bot.dropin.test_apply import write

FLAGS = {
    "exceptions": "--exception",
    "values": "--values-file",
    "params": "--parameter-resource",
    "context": "--context-file",
    "user": "--userinfo",
}
FILES = sorted((Path(__file__).parents[2] / "cases" / "cel_policies").glob("*.yaml"))
LOADED = {file.stem: yaml.safe_load(file.read_text()) for file in FILES}
CASES = [
    pytest.param(
        {**{key: value for key, value in loaded.items() if key != "cases"}, **case}, id=f"{stem}: {case['name']}"
    )
    for stem, loaded in LOADED.items()
    for case in loaded["cases"]
]

Answers = dict[str, dict[str, list[str]]]


@pytest.mark.parametrize("case", CASES)
def test_answers(case: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {key: case[key] for key in FLAGS if key in case}
    write(tmp_path, {"policies.yaml": case["policies"], "resources.yaml": case["resources"]})
    write(tmp_path, {f"{key}.yaml": text for key, text in given.items()})
    monkeypatch.chdir(tmp_path)
    flags = [word for key in given for word in (FLAGS[key], f"{key}.yaml")]
    command = ["apply", "policies.yaml", "--resource", "resources.yaml", *flags, *case.get("args", ())]
    result = CliRunner().invoke(group, [*command, "--policy-report", "--output-format", "json"])
    if "fault" in case:
        assert result.exit_code == 1
        assert case["fault"] in result.stderr
    else:
        assert _answers(result.stdout) == case["answers"], result.stderr


def _answers(text: str) -> Answers:
    """The rows of all reports, of which each namespaced policy has its own."""
    found: Answers = {}
    reports = [json.loads(report) for report in re.split("^---$", text, flags=re.MULTILINE) if report.strip()]
    for row in [row for report in reports for row in report["results"]]:
        rule = f"[{row['rule']}] " if row.get("rule") not in (None, "", row["policy"]) else ""
        said = f"{rule}{row['result']}: {row.get('message', '')}"
        found.setdefault(row["policy"], {}).setdefault(said, []).append(_place(row["resources"][0]))
    return {policy: {said: sorted(places) for said, places in by.items()} for policy, by in found.items()}


def _place(resource: dict[str, str]) -> str:
    return "/".join(resource[key] for key in ("kind", "namespace", "name") if resource.get(key))
