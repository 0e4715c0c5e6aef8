"""The publishers without a network."""

from __future__ import annotations

import gzip
import io
import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bot.model import Judgement, SourceError
from bot.publish import FORMATS, ConsolePublisher, FilePublisher
from tests.bot.judgements import EVENT, MESSAGE, finding, judgement

DESCRIPTION = Path(__file__).parents[3] / "shared/github/rest-api.openapi.json.gz"


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


def printed(stream: io.StringIO, form: str = "text") -> str:
    """What is printed of the sample."""
    publisher = ConsolePublisher(stream, form)
    publisher.start()
    publisher.publish(judgement())
    return stream.getvalue()


def test_the_console_says_blocked_findings_table_and_title() -> None:
    lines = printed(io.StringIO()).splitlines()
    assert lines[:2] == ["Blocked:", EVENT]
    assert f"app/web.yaml:12: blocked restrict-image-registries/validate-registries: {MESSAGE}" in lines
    assert "app/x.yaml:3: note: two of a kind (Remove one.)" in lines
    assert "chart/values.yaml: no manifest: values of a Helm chart" in lines
    header = next(line for line in lines if line.startswith("NAMESPACE"))
    assert header.split() == ["NAMESPACE", "NAME", "KIND", "NAME", "PASS", "FAIL", "WARN", "ERROR", "SKIP"]
    assert lines[-1] == "1 blocked, 1 failing, 14 passing; 3 policies, 17 resources; 1 existing"


def test_colour_on_a_terminal_only() -> None:
    assert "\x1b" not in printed(io.StringIO())
    assert "\x1b[31;1mblocked\x1b[0m" in printed(Terminal())
    assert "\x1b" not in printed(Terminal(), "markdown")


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_prints(form: str) -> None:
    assert printed(io.StringIO(), form).strip()


def test_a_narrow_encoding_is_no_fault() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    ConsolePublisher(stream).publish(judgement(findings=(finding(message="übel"),)))
    assert b"\\xfcbel" in raw.getvalue()


def test_standard_output_is_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    ConsolePublisher().publish(judgement())
    assert EVENT in capsys.readouterr().out


def test_files_are_what_would_be_posted(tmp_path: Path) -> None:
    publisher = FilePublisher(tmp_path / "out")
    publisher.start()
    publisher.publish(judgement())
    files = sorted(str(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out").rglob("*") if p.is_file())
    assert files == [
        "check_run.json",
        "comments/01.md",
        "comments/02.md",
        "policyreports.json",
        "review.json",
        "summary.md",
    ]
    check = json.loads((tmp_path / "out/check_run.json").read_text())
    assert (check["name"], check["conclusion"], check["status"]) == ("preadmit: main", "failure", "completed")
    review = json.loads((tmp_path / "out/review.json").read_text())
    bodies = [(tmp_path / f"out/comments/{n:02}.md").read_text() for n in (1, 2)]
    assert [comment["body"] for comment in review["comments"]] == bodies


def test_a_second_run_leaves_nothing_of_the_first(tmp_path: Path) -> None:
    publisher = FilePublisher(tmp_path)
    publisher.publish(judgement(findings=tuple(finding(key=f"k{n}") for n in range(60))))
    assert (tmp_path / "check_run_updates.json").exists()
    assert len(list((tmp_path / "comments").iterdir())) == 20
    publisher.publish(judgement(findings=()))
    assert not (tmp_path / "check_run_updates.json").exists()
    assert list((tmp_path / "comments").iterdir()) == []


def test_a_directory_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceError, match="cannot write"):
        FilePublisher(tmp_path / "file").publish(judgement())


@cache
def body_schema(path: str, method: str) -> dict[str, Any]:
    """The schema of a request's body."""
    if not DESCRIPTION.exists():
        pytest.skip("GitHub's description of its API is not at hand")
    paths = json.loads(gzip.decompress(DESCRIPTION.read_bytes()))["paths"]
    schema = paths[path][method]["requestBody"]["content"]["application/json"]["schema"]
    assert isinstance(schema, dict)
    return schema


def many(count: int) -> Judgement:
    """A judgement with so many findings, each on its own line."""
    findings = tuple(finding(key=f"k{n}", line=n + 1) for n in range(count))
    return judgement(findings=findings, problems=())


@pytest.mark.parametrize("made", [judgement(), many(120), judgement(findings=(), problems=(), rows=())])
def test_files_are_bodies_as_github_describes_them(made: Judgement, tmp_path: Path) -> None:
    FilePublisher(tmp_path).publish(made)
    check, review = (json.loads((tmp_path / name).read_text()) for name in ("check_run.json", "review.json"))
    jsonschema.validate(check, body_schema("/repos/{owner}/{repo}/check-runs", "post"))
    jsonschema.validate(review, body_schema("/repos/{owner}/{repo}/pulls/{pull_number}/reviews", "post"))
    updates = tmp_path / "check_run_updates.json"
    for update in json.loads(updates.read_text()) if updates.exists() else []:
        jsonschema.validate(update, body_schema("/repos/{owner}/{repo}/check-runs/{check_run_id}", "patch"))


def test_fifty_annotations_a_request(tmp_path: Path) -> None:
    FilePublisher(tmp_path).publish(many(70))
    check = json.loads((tmp_path / "check_run.json").read_text())
    requests = [check, *json.loads((tmp_path / "check_run_updates.json").read_text())]
    parts = [request["output"]["annotations"] for request in requests]
    assert [len(part) for part in parts] == [50, 20]
    assert [one["start_line"] for part in parts for one in part] == list(range(1, 71))
