"""What a file is by its name and by the files around it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from posixpath import basename, dirname

from bot.build.what import Classified, What

KUSTOMIZATION_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_CHAINSAW = ("chainsaw-test.yaml", "chainsaw-test.yml")

_CI_FILES = r"azure-pipelines|bitbucket-pipelines|cloudbuild|buildspec|appveyor|codefresh"
_CI_DOT_FILES = r"travis|drone|woodpecker|appveyor|pre-commit-config|goreleaser|golangci|codecov"
_TOOL_JSON = r"package|package-lock|composer|tsconfig[^/]*|jsconfig|renovate|deno|angular|nx|lerna"
_TOOL_FILES = r"mkdocs|_config|pnpm-lock|pnpm-workspace|helmfile|tilt_config|lefthook"
_NAMED: tuple[tuple[str, What, str], ...] = (
    (r"\.github/(workflows|actions|issue_template|discussion_template)/.*", What.CI, "a file of GitHub's"),
    (r"\.github/[^/]*|(.*/)?action\.ya?ml", What.CI, "a file of GitHub's"),
    (r"(.*/)?\.gitlab-ci[^/]*|\.gitlab/.*", What.CI, "a file of GitLab's"),
    (r"\.(circleci|buildkite|azure|azuredevops|semaphore|teamcity)/.*", What.CI, "a CI file"),
    (rf"(.*/)?({_CI_FILES})[^/]*|(.*/)?\.({_CI_DOT_FILES})\.ya?ml", What.CI, "a CI file"),
    (r"(.*/)?(docker-)?compose([._-][^/]*)?\.(ya?ml|json)", What.COMPOSE, "a compose file"),
    (r"(.*/)?kyverno-test[^/]*\.ya?ml", What.KYVERNO_TEST, "a test of the Kyverno CLI"),
    (rf"(.*/)?({_TOOL_JSON})\.json|(.*/)?({_TOOL_FILES})\.(ya?ml|json)", What.TOOL, "a tool's file"),
    (r"(.*/)?\.[^/]*rc(\.json|\.ya?ml)?|\.(vscode|idea|devcontainer)/.*", What.TOOL, "a tool's file"),
)


def chart_of(path: str, paths: Collection[str]) -> str | None:
    """The directory of the Helm chart that a file belongs to: the nearest one above it with a Chart.yaml."""
    return next((above for above in _above(path) if f"{above}/Chart.yaml".lstrip("/") in paths), None)


def in_test(path: str, paths: Collection[str]) -> bool:
    """Whether a file belongs to a test of Chainsaw that is kept apart: in a hidden directory, where the test stands.

    Its policies are made for a test's cluster, or say in part what such a cluster is expected to hold. Beside a test
    in any other directory real policies may stand.
    """
    hidden = (above for above in _above(path) if basename(above).startswith("."))
    return any(f"{above}/{name}" in paths for above in hidden for name in _CHAINSAW)


def _above(path: str) -> Iterator[str]:
    """The directories that a file is in, the nearest first; the last is "", the root."""
    directory = dirname(path)
    while directory:
        yield directory
        directory = dirname(directory)
    yield ""


def in_chart(path: str, chart: str) -> Classified | None:
    """What a chart's file is by its place; ``crds/`` holds manifests, and so may any other directory."""
    inside = path.removeprefix(f"{chart}/") if chart else path
    where = f"of the chart in {chart or 'the root'}"
    if inside.startswith("templates/"):
        return Classified(path, What.HELM_TEMPLATE, f"a template {where}")
    if inside in ("Chart.yaml", "requirements.yaml"):
        return Classified(path, What.HELM_CHART, f"the description {where}")
    name = basename(path)
    if ("/" not in inside and name.startswith("values")) or re.fullmatch(r"ci/.*values[^/]*\.ya?ml", inside):
        return Classified(path, What.HELM_VALUES, f"values {where}")
    return None


def by_name(path: str) -> Classified | None:
    """What a file's name says, for files that turn out not to hold resources."""
    for pattern, what, why in _NAMED:
        if re.fullmatch(pattern, path, re.IGNORECASE):
            return Classified(path, what, why)
    return None
