"""Check run, comments, tables: what they say, their budgets, and that a repository cannot speak in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot import render
from bot.markdown import BODY_BUDGET, size
from bot.model import (
    Comments,
    Enforce,
    Explained,
    ExplainedRule,
    Explanation,
    Finding,
    Judgement,
    LineRange,
    Row,
    Suggestion,
    Verdict,
)
from engine.model import Operation, Problem
from tests.bot.judgements import EVENT, MESSAGE, finding, judgement, report, row
from tests.bot.test_markdown import HOSTILE, OURS, REFERENCE, leaves

DESCRIBED = """\
Name:         ea02cd57-8684-43ad-8e8f-c0140beeec2b
Namespace:    default
Labels:       app.kubernetes.io/managed-by=kyverno
Annotations:  <none>
API Version:  wgpolicyk8s.io/v1alpha2
Kind:         PolicyReport
Scope:
  API Version:  v1
  Kind:         Pod
  Name:         nginx
  Namespace:    default
Results:
  Message:  validation error: Unknown Image registry. rule validate-registries failed at path /spec/containers/0/image/
  Policy:   restrict-image-registries
  Properties:
    Process:  background scan
  Result:     fail
  Rule:       validate-registries
  Scored:     true
  Source:     kyverno
Summary:
  Error:  0
  Fail:   1
  Pass:   3
  Skip:   0
  Warn:   0
Events:   <none>"""


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({}, "1 blocked, 1 failing, 14 passing; 3 policies, 17 resources; 1 existing"),
        ({"findings": ()}, "0 blocked, 0 failing, 17 passing; 3 policies, 17 resources"),
        ({"policies": 0, "findings": (), "resources": 2}, "no policies"),
        ({"findings": (), "resources": 0, "rows": ()}, "no manifests changed; 3 policies"),
        (
            {"findings": (), "resources": 1, "policies": 1, "unjudged": (Problem("x", "y"),)},
            "0 blocked, 0 failing, 1 passing; 1 policy, 1 resource; 1 not judged",
        ),
    ],
)
def test_title(changes: dict[str, Any], title: str) -> None:
    assert render.check_output(judgement(**changes)).title == title


def test_two_findings_of_one_resource_count_once() -> None:
    findings = (finding(), finding(verdict=Verdict.FAILING, rule="other"), finding(verdict=Verdict.SUGGESTION))
    tally = judgement(findings=findings).tally()
    assert (tally.blocked, tally.failing, tally.passing) == (1, 0, 16)


def test_conclusion_and_exit_code() -> None:
    problem = Problem("yaml-syntax", "broken", "a.yaml", 1)
    cases = [
        (judgement(), "failure", 1),
        (judgement(unjudged=(problem,)), "failure", 1),
        (judgement(findings=(), unjudged=(problem,)), "failure", 2),
        (judgement(findings=(), problems=(problem,)), "success", 0),
        (judgement(enforce=Enforce.REPORT), "success", 0),
    ]
    assert [(made.conclusion, made.exit_code) for made, _, _ in cases] == [(c, code) for _, c, code in cases]


def test_summary_says_blocked_first_then_the_table() -> None:
    problem = Problem("yaml-syntax", "a tab", "a.yaml", 3, 1, "Use spaces.")
    text = render.summary(judgement(unjudged=(problem,)))
    assert EVENT in text.splitlines()
    order = [text.index(part) for part in ("### Blocked", "### Not judged", "### Resources", "NAMESPACE ", "### Notes")]
    assert order == sorted(order)
    assert "- `a.yaml:3`: a tab *Use spaces.*" in text
    assert "Kyverno 1.19.0" in text
    assert "shown" not in text


def test_a_repository_without_policies_is_told_how_to_begin() -> None:
    made = judgement(policies=0, findings=(), events=(), rows=(), resources=1)
    assert made.conclusion == "success"
    assert "Add a Kyverno policy" in render.summary(made)


def test_a_change_without_manifests() -> None:
    made = judgement(findings=(), events=(), rows=(), resources=0)
    assert made.conclusion == "success"
    assert "touches no manifests" in render.summary(made)


def test_report_only_says_so() -> None:
    text = render.summary(judgement(enforce=Enforce.REPORT))
    assert "### Blocked (reported only, as the configuration says)" in text


def test_annotations() -> None:
    deleted = finding(operation=Operation.DELETE, key="d")
    made = judgement(findings=(*judgement().findings, deleted), unjudged=(Problem("x", "bad", "b.yaml", 2),))
    levels = [(one.path, one.start_line, one.level) for one in render.check_output(made).annotations]
    assert levels == [
        ("app/web.yaml", 12, "failure"),
        ("app/web.yaml", 4, "warning"),
        ("app/old.yaml", 3, "notice"),
        ("b.yaml", 2, "failure"),
        ("app/x.yaml", 3, "notice"),
    ]


def comments(*findings: Finding, hunks: tuple[LineRange, ...] = (LineRange(1, 20),), **changes: Any) -> list[Any]:
    """The places of the comments on app/web.yaml."""
    made = judgement(findings=findings, commentable={"app/web.yaml": hunks}, **changes)
    return [(one.start_line, one.line) for one in render.review_comments(made)]


def test_comments_stand_in_the_diff_only() -> None:
    assert comments(finding()) == [(None, 12)]
    assert comments(finding(), hunks=(LineRange(1, 5), LineRange(15, 30))) == [(None, 15)]
    assert comments(finding(lines=LineRange(10, 14)), hunks=(LineRange(1, 9), LineRange(15, 30))) == []
    assert comments(finding(), hunks=()) == []
    assert comments(finding(operation=Operation.DELETE)) == []


def test_a_comment_elsewhere_names_the_line() -> None:
    made = judgement(findings=(finding(),), commentable={"app/web.yaml": (LineRange(15, 30),)})
    assert "on line 12." in render.review_comments(made)[0].body


def test_a_suggestion_needs_all_its_lines_in_one_hunk() -> None:
    suggested = finding(suggestion=Suggestion(4, 6, "x: 1"))
    assert comments(suggested) == [(4, 6)]
    assert comments(suggested, hunks=(LineRange(1, 5), LineRange(6, 20))) == [(None, 12)]
    assert comments(finding(suggestion=Suggestion(4, 4, "x: 1"))) == [(None, 4)]
    assert comments(finding(suggestion=Suggestion(4, 4, "x: \u202e"))) == [(None, 12)]


def test_a_suggestion_is_the_exact_text() -> None:
    text = "  a: |\n\n\n    ```\n\n  b: <!-- @x -->  \n"
    body = render.review_comments(judgement(findings=(finding(suggestion=Suggestion(4, 6, text)),)))[0].body
    assert f"````suggestion\n{text}\n````" in body


def test_which_findings_become_comments() -> None:
    every = [finding(verdict=verdict, key=verdict.value, line=n + 1) for n, verdict in enumerate(Verdict)]
    assert len(comments(*every)) == len(Verdict) - 1
    assert comments(*every, comments=Comments.BLOCKED) == [(None, 1)]
    assert comments(*every, comments=Comments.NONE) == []


def test_at_most_twenty_comments_gravest_first() -> None:
    failing = [finding(verdict=Verdict.FAILING, key=f"f{n}") for n in range(40)]
    made = judgement(findings=(*failing, finding(key="blocked")))
    found = render.review_comments(made)
    assert len(found) == 20
    assert found[0].key == "blocked"


def test_a_body_carries_its_marker() -> None:
    body = render.review_comments(judgement(findings=(finding(key="ab-->c d"),)))[0].body
    assert body.startswith("<!-- preadmit:ab--cd -->\n**Blocked** by policy `restrict-image-registries`")
    assert MESSAGE in body
    assert "severity medium, category Best Practices" in body


def test_describe_reads_like_kubectl() -> None:
    assert render.describe(report()) == DESCRIBED


def test_table() -> None:
    assert render.table([row(name="a\x1b[1m")]).splitlines()[1].split()[3] == "a\\x1b[1m"


def large() -> Judgement:
    """More of everything than any budget takes."""
    findings = tuple(finding(key=f"k{n}", name=f"n{n}", message="wide ß " * 700) for n in range(300))
    problems = tuple(Problem("x", f"{n} " + "long " * 300, "a.yaml", n + 1) for n in range(300))
    rows: tuple[Row, ...] = tuple(row(name=f"n{n}", failed=n % 100 == 99) for n in range(900))
    return judgement(
        findings=findings,
        unjudged=problems,
        problems=problems,
        rows=rows,
        events=tuple(EVENT + str(n) for n in range(500)),
        resources=900,
        ignored=judgement().ignored * 900,
    )


def test_everything_is_within_budget_and_says_what_is_left_out() -> None:
    output = render.check_output(large())
    assert size(output.summary) <= BODY_BUDGET
    assert size(output.text) <= BODY_BUDGET
    assert size(output.summary) > 40_000
    for what in ("of 500 blocked shown", "of 300 problems shown", "of 900 resources shown", "of 300 notes shown"):
        assert what in output.summary
    for what in ("of 300 findings shown", "of 900 files shown"):
        assert what in output.text
    assert "n899 " in output.summary  # a failing resource, which a cut table shows first
    assert output.text.count("<details>") == output.text.count("</details>")
    assert all(size(one.message) <= 64 * 1024 and len(one.title) <= 255 for one in output.annotations)
    assert all(size(one.body) <= BODY_BUDGET for one in render.review_comments(large()))


def test_what_is_not_shown_is_not_rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: list[str] = []

    def counted(pieces: Iterator[str]) -> Iterator[str]:
        for piece in pieces:
            rendered.append(piece)
            yield piece

    fit = render.fit
    monkeypatch.setattr(render, "fit", lambda pieces, count, budget: fit(counted(pieces), count, budget))
    many = judgement(findings=tuple(finding(key=f"k{n}") for n in range(20_000)))
    output = render.check_output(many)
    assert "of 20000 findings shown" in output.text
    assert len(output.annotations) == render.MAX_ANNOTATIONS
    assert f"{render.MAX_ANNOTATIONS} of 20001 annotations shown at their lines." in output.text
    assert 0 < len(rendered) < 1_000


def test_a_scan_speaks_of_no_change() -> None:
    text = render.summary(judgement(scan=True, findings=(), events=()))
    assert "17 resources scanned." in text
    assert "Blocked" not in text


def test_one_huge_finding_is_cut_and_still_shown() -> None:
    huge = finding(message="`" * 200_000, policy="p" * 10_000, name="n" * 10_000, path="x" * 10_000, rule="|" * 10_000)
    made = judgement(findings=(huge,), events=("e" * 100_000,))
    output = render.check_output(made)
    assert max(size(output.summary), size(output.text)) <= BODY_BUDGET
    assert "blocked: " in output.text
    assert size(render.review_comments(made)[0].body) <= BODY_BUDGET


def hostile_judgement(hostile: str) -> Judgement:
    """A judgement that says the text wherever a repository can speak."""
    everywhere = finding(
        policy=hostile,
        rule=hostile,
        kind=hostile,
        namespace=hostile,
        name=hostile,
        file=hostile or "f",
        message=hostile,
        path=hostile,
        severity=hostile,
        category=hostile,
        suggestion=Suggestion(3, 4, hostile),
    )
    problem = Problem("x", hostile, hostile, 3, 1, hostile)
    return judgement(
        base_ref=hostile,
        base_sha=hostile,
        head_sha=hostile,
        findings=(everywhere, replace(everywhere, verdict=Verdict.EXISTING)),
        unjudged=(problem,),
        problems=(problem,),
        rows=(row(namespace=hostile, kind=hostile, name=hostile, file=hostile),),
        events=(hostile, hostile),
        ignored=(judgement().ignored[0], replace(judgement().ignored[0], path=hostile, what=hostile)),
        commentable={hostile or "f": (LineRange(1, 30),)},
    )


WRITTEN = {"heading", "paragraph", "bullet_list", "list_item", "em", "strong"}


def assert_ours(source: str) -> None:
    """Only the markup that the templates write."""
    inside = 0
    for token in leaves(source):
        kind = token.type.removesuffix("_open").removesuffix("_close")
        if token.type == "html_block":
            bare = token.content.replace("</details>", "").replace("</summary>", "").replace("<summary>", "")
            bare = (
                bare.replace("<details>", "").replace("<code>", "").replace("</code>", "").replace("<!-- preadmit:", "")
            )
            assert "<" not in bare, source
        elif token.type == "html_inline":
            assert token.content in OURS, source
            inside += {"<code>": 1, "</code>": -1}.get(token.content, 0)
        elif token.type == "text":
            assert inside or not REFERENCE.search(token.content), (token.content, source)
        elif token.type not in ("inline", "code_inline", "softbreak", "fence"):
            assert kind in WRITTEN, (kind, source)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_repository_cannot_speak(hostile: str) -> None:
    made = hostile_judgement(hostile)
    calm = hostile_judgement("calm")
    output, expected = render.check_output(made), render.check_output(calm)
    for source, wanted in ((output.summary, expected.summary), (output.text, expected.text)):
        assert_ours(source)
        kinds = [token.type for token in leaves(source) if token.type in ("heading_open", "fence")]
        assert kinds == [token.type for token in leaves(wanted) if token.type in ("heading_open", "fence")]
    for comment in render.review_comments(made):
        assert_ours(comment.body)
        assert comment.body.startswith(f"<!-- preadmit:{comment.key} -->\n")  # the first one is the one that counts
    assert_ours(render.job_summary(made))
    for text in (output.title, render.console(made), render.table(made.rows)):
        assert all(c == "\n" or c.isprintable() or ord(c) > 0x7F for c in text)
        assert "\u202e" not in text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_policy_that_is_explained_cannot_speak(hostile: str) -> None:
    rule = ExplainedRule(hostile, hostile, hostile, (hostile,) * 30)
    policy = Explained(hostile, hostile, hostile, 1, hostile, hostile, hostile, hostile, (rule,) * 200)
    every = [Explanation(hostile, (policy,) * 3), Explanation(hostile, (), (hostile, "b")), hostile]
    for found in every:
        made = render.explanation(found, "comment-7", hostile)
        assert made.startswith("<!-- preadmit:comment-7 -->\n")
        assert len(made.encode()) <= BODY_BUDGET
        assert_ours(made.partition("\n")[2])


def test_templates_are_in_one_place() -> None:
    names = {path.name for path in (Path(__file__).parents[2] / "templates").iterdir()}
    assert {"check_run.md.j2", "review_comment.md.j2", "table.txt.j2", "describe.txt.j2", "job_summary.md.j2"} <= names
