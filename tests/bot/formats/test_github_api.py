"""The request bodies, held against GitHub's own description where it is at hand."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bot import render
from bot.formats import github_api
from bot.model import Judgement
from tests.bot.judgements import finding, judgement

DESCRIPTION = Path(__file__).parents[4] / "shared/github/rest-api.openapi.json.gz"


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
def test_bodies_are_as_described(made: Judgement) -> None:
    output = render.check_output(made)
    create = github_api.check_run(made, output)
    jsonschema.validate(create, body_schema("/repos/{owner}/{repo}/check-runs", "post"))
    for update in github_api.further_annotations(output):
        jsonschema.validate(update, body_schema("/repos/{owner}/{repo}/check-runs/{check_run_id}", "patch"))
    review = github_api.review(made, render.review_comments(made))
    jsonschema.validate(review, body_schema("/repos/{owner}/{repo}/pulls/{pull_number}/reviews", "post"))


def test_fifty_annotations_a_request() -> None:
    made = many(120)
    output = render.check_output(made)
    requests = [github_api.check_run(made, output), *github_api.further_annotations(output)]
    parts = [request["output"]["annotations"] for request in requests]
    assert [len(part) for part in parts] == [50, 50, 20]
    assert [one["start_line"] for part in parts for one in part] == list(range(1, 121))


def test_the_name_has_the_base_in_it() -> None:
    made = judgement(base_ref="release/1")
    assert github_api.check_run(made, render.check_output(made))["name"] == "preadmit: release/1"


def test_a_marker_counts_at_the_beginning_only() -> None:
    assert github_api.marked_key("<!-- preadmit:ab12 -->\r\n**Blocked**") == "ab12"
    assert github_api.marked_key("**Blocked** `<!-- preadmit:ab12 -->`\n<!-- preadmit:ab12 -->\n") is None


def test_a_comment_over_several_lines() -> None:
    bodies = [github_api.review_comment(comment) for comment in render.review_comments(judgement())]
    assert [(b.get("start_line"), b["line"], b["side"]) for b in bodies] == [(None, 12, "RIGHT"), (4, 5, "RIGHT")]
