"""What a run imports: the start is a good part of a small run, so that what only some policies need waits for them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

POLICY = """
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: p}
spec:
  rules:
    - name: r
      match: {any: [{resources: {kinds: [Pod]}}]}
      validate: {message: m, pattern: {metadata: {labels: {app: "?*"}}}}
"""
RESOURCE = """
apiVersion: v1
kind: Pod
metadata:
  name: a
  labels:
    app: a
"""
RUN = """
import sys
from bot import cli
try:
    cli.main(sys.argv[1:])
except SystemExit as ended:
    assert ended.code == 0, ended.code
print(*sorted(sys.modules), file=sys.stderr)
"""


def _imported(*arguments: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", RUN, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stderr.splitlines()[-1].split())


def _within(modules: set[str], *packages: str) -> list[str]:
    return sorted(name for name in modules if any(f"{name}.".startswith(f"{package}.") for package in packages))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The modules of a run that finds its policies in the cache, as all runs but the first do."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "policy.yaml").write_text(POLICY)
    (folder / "resource.yaml").write_text(RESOURCE)
    files = [str(folder / "policy.yaml"), "--resource", str(folder / "resource.yaml")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PREADMIT_CACHE", str(folder / "cache"))
        command = ["apply", *files, "--policy-report", "--output-format", "json"]
        _imported(*command)
        return _imported(*command)


def test_a_plain_run_imports_nothing_of_what_only_some_policies_need(run: set[str]) -> None:
    packages = ["engine.cel", "engine.patch", "engine.pod_security", "engine.validation", "engine.cleanup"]
    modules = [
        "engine.schema",
        "engine.policy_fields",
        "engine.background",
        "engine.rules.mutate",
        "engine.yaml.faults",
    ]
    assert _within(run, *packages, *modules) == []


def test_nor_what_others_of_the_bot_need(run: set[str]) -> None:
    bot = [
        "bot.pipeline",
        "bot.render",
        "bot.github",
        "bot.durable",
        "bot.git",
        "bot.git_objects",
        "bot.dropin.tables",
        "bot.dropin.payloads",
    ]
    others = ["jinja2", "flask", "github", "requests", "urllib3", "cryptography", "dbos", "sqlalchemy", "yaml", "re2"]
    standard = ["asyncio", "subprocess", "random", "difflib", "glob", "csv", "logging", "pathlib", "dataclasses"]
    assert _within(run, *bot, *others, *standard) == []


def test_a_demonstration_without_cel_imports_none_of_it(tmp_path: Path) -> None:
    modules = _imported("demo", "--dir", str(tmp_path / "demo"))
    assert "bot.pipeline" in modules
    assert _within(modules, "engine.cel", "flask", "github", "dbos", "sqlalchemy") == []
