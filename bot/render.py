"""A judgement as text: check run, review comments, tables and the console's output. The only importer of Jinja.

In Markdown templates every value is escaped as prose unless a filter says otherwise (``code``, ``block``, ``tag``); in
text templates control characters are shown as escapes. Pieces are rendered one by one and fitted whole into a budget.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot import markdown, words
from bot.diff import nearest
from bot.formats.table import HEADER, align, cells, columns
from bot.markdown import Fitted, fit
from bot.model import (
    Annotation,
    CheckOutput,
    Comments,
    Enforce,
    Explained,
    Explanation,
    Finding,
    Judgement,
    LineRange,
    ReviewComment,
    Row,
    Verdict,
)
from engine.model import Operation, Problem, Value

MAX_ANNOTATIONS: Final = 100
"""Two requests, and more than a diff is read for; what is beyond stands in the check run's text alone."""

_EVENTS_BUDGET: Final = 24_000
_UNJUDGED_BUDGET: Final = 14_000
_TABLE_BUDGET: Final = 16_000
_NOTES_BUDGET: Final = 6_000
_FINDINGS_BUDGET: Final = 54_000
_IGNORED_BUDGET: Final = 8_000
_EXPLANATION_BUDGET: Final = 56_000
_RULES_BUDGET: Final = 24_000
_EVENT_LENGTH: Final = 4_000
_MESSAGE_LENGTH: Final = 16_000
_TITLE_LENGTH: Final = 255
_LEVELS: Final = {
    Verdict.BLOCKED: "failure",
    Verdict.ERROR: "failure",
    Verdict.EXISTING: "notice",
    Verdict.SUGGESTION: "notice",
}
_COLOURS: Final = {
    "blocked": "31;1",
    "error": "31",
    "failing": "33",
    "warning": "33",
    "existing": "36",
    "suggestion": "36",
}
_NOT_A_KEY: Final = re.compile(r"[^0-9A-Za-z_-]")
_ACRONYMS: Final = {"Api": "API", "Uid": "UID", "Url": "URL"}


def check_output(judgement: Judgement) -> CheckOutput:
    """What the check run shows: title, summary (Blocked, not judged, the table, notes), text (details), annotations."""
    annotated = list(_annotated(judgement))
    return CheckOutput(
        markdown.cut(words.title(judgement), _TITLE_LENGTH),
        summary(judgement),
        details(judgement, annotated=len(annotated), commented=_commented(judgement)),
        tuple(_annotation(*one) for one in annotated[:MAX_ANNOTATIONS]),
    )


def summary(judgement: Judgement) -> str:
    """Blocked first, then what could not be judged, the table, and notes; Markdown within the budget."""
    events = fit(map(_line, judgement.events), len(judgement.events), _EVENTS_BUDGET)
    rows = _fitted_rows(judgement)
    return _fill(
        "check_run.md.j2",
        j=judgement,
        lead=words.lead(judgement),
        enforcing=judgement.enforce is Enforce.BLOCK,
        events=events,
        events_block=markdown.block("\n".join(events.shown), length=_EVENTS_BUDGET),
        unjudged=_fitted("problem", judgement.unjudged, _UNJUDGED_BUDGET),
        rows=rows,
        table_block=markdown.block("\n".join(rows.shown), length=_TABLE_BUDGET),
        problems=_fitted("problem", judgement.problems, _NOTES_BUDGET),
        foot=words.foot(judgement),
    )


def details(judgement: Judgement, *, annotated: int = 0, commented: int = 0) -> str:
    """Every finding folded, gravest first, then the files that are no manifests; Markdown within the budget.

    ``annotated`` and ``commented`` count what would bear an annotation or a comment, of which only the first do.
    """
    return _fill(
        "check_run_details.md.j2",
        findings=_fitted("finding", _by_gravity(judgement.findings), _FINDINGS_BUDGET),
        annotated=annotated,
        most_annotations=MAX_ANNOTATIONS,
        commented=commented,
        most_comments=judgement.most_comments,
        ignored=_fitted("ignored", judgement.ignored, _IGNORED_BUDGET),
    )


def job_summary(judgement: Judgement) -> str:
    """The same for a workflow's summary (at most 1 MiB there) and for `--format markdown`."""
    return _fill(
        "job_summary.md.j2",
        title=words.title(judgement),
        summary=summary(judgement),
        details=details(judgement),
    )


def review_comments(
    judgement: Judgement, commentable: Mapping[str, tuple[LineRange, ...]] | None = None
) -> tuple[ReviewComment, ...]:
    """The comments, gravest first, each on a line of the diff; findings without such a line have none."""
    hunks = judgement.commentable if commentable is None else commentable
    wanted = (found for found in _by_gravity(judgement.findings) if _is_wanted(found, judgement.comments))
    comments = (_comment(found, hunks.get(found.file, ())) for found in wanted)
    return tuple(islice((comment for comment in comments if comment is not None), judgement.most_comments))


def _commented(judgement: Judgement) -> int:
    """How many findings would bear a comment."""
    wanted = (found for found in judgement.findings if _is_wanted(found, judgement.comments))
    return sum(_has_line(found, judgement.commentable.get(found.file, ())) for found in wanted)


def _has_line(found: Finding, hunks: tuple[LineRange, ...]) -> bool:
    edit = found.suggestion
    if edit is not None and any(hunk.covers(LineRange(edit.first_line, edit.last_line)) for hunk in hunks):
        return True
    return nearest(found.line, found.lines or LineRange(found.line, found.line), hunks) is not None


def console(judgement: Judgement, *, colour: bool = False) -> str:
    """What a terminal shows."""
    return _fill(
        "console.txt.j2",
        j=judgement,
        colour=colour,
        findings=sorted(judgement.findings, key=lambda found: (found.file, found.line, found.column, found.key)),
        table=_table(judgement.rows),
        sentences=(*words.lead(judgement), words.foot(judgement)),
        title=words.title(judgement),
    )


def table(rows: Iterable[Row]) -> str:
    """The rows as `kubectl get policyreports -A` prints them."""
    return _fill("table.txt.j2", lines=_table(rows))


def describe(report: Mapping[str, Value]) -> str:
    """A PolicyReport as `kubectl describe policyreport NAME` prints it."""
    return align(_fill("describe.txt.j2", report=report))


def _table(rows: Iterable[Row]) -> list[str]:
    seen = [tuple(map(markdown.visible, cells(row))) for row in rows]
    return columns([HEADER, *seen])


def _fitted_rows(judgement: Judgement) -> Fitted:
    """Lines of the table; where not all fit, the resources with something to say come first."""
    lines = _table(judgement.rows)
    fitted = fit(lines, len(lines), _TABLE_BUDGET)
    if fitted.is_cut:
        quiet = sorted(judgement.rows, key=lambda row: not (row.failed or row.erred or row.warned))
        fitted = fit(_table(quiet), len(lines), _TABLE_BUDGET)
    return Fitted(fitted.shown, len(lines) - 1, headings=1) if judgement.rows else Fitted((), 0)


def _line(event: str) -> str:
    return markdown.visible(markdown.cut(event, _EVENT_LENGTH))


def _by_gravity(findings: Iterable[Finding]) -> list[Finding]:
    order = list(Verdict)
    return sorted(findings, key=lambda found: (order.index(found.verdict), found.file, found.line, found.key))


def _annotated(judgement: Judgement) -> Iterator[tuple[str, Finding | Problem]]:
    """What has a line of the head to stand at, gravest first; each with the annotation's level."""
    for found in _by_gravity(judgement.findings):
        if found.line and found.operation is not Operation.DELETE:
            yield _LEVELS.get(found.verdict, "warning"), found
    for level, problems in (("failure", judgement.unjudged), ("notice", judgement.problems)):
        yield from ((level, problem) for problem in problems if problem.file and problem.line)


def _annotation(level: str, where: Finding | Problem) -> Annotation:
    """GitHub shows these texts as they are; only control characters could deceive."""
    if isinstance(where, Finding):
        heading = f"{words.COMMENT_WORDS[where.verdict]}: {words.rule(where)}"
        text = f"{words.resource(where)}: {where.message}"
    else:
        heading = "Not judged" if level == "failure" else where.code
        text = f"{where.message}\n{where.advice}".strip()
    heading = markdown.cut(markdown.visible(heading), _TITLE_LENGTH)
    message = markdown.visible(markdown.cut(text, _MESSAGE_LENGTH), lines=True)
    return Annotation(where.file, where.line, where.line, level, heading, message)


def _is_wanted(found: Finding, comments: Comments) -> bool:
    if found.operation is Operation.DELETE:
        return False
    match comments:
        case Comments.ALL:
            return found.verdict is not Verdict.EXISTING
        case Comments.BLOCKED:
            return found.verdict is Verdict.BLOCKED
        case Comments.NONE:
            return False


def _comment(found: Finding, hunks: tuple[LineRange, ...]) -> ReviewComment | None:
    edit = found.suggestion
    if edit is not None and edit.text == markdown.visible(edit.text, lines=True):
        lines = LineRange(edit.first_line, edit.last_line)
        if any(hunk.covers(lines) for hunk in hunks):
            start = lines.first if lines.first < lines.last else None
            body = _body(found, elsewhere=False, suggestion=markdown.block(edit.text, "suggestion", keep=True))
            return ReviewComment(found.key, found.file, lines.last, body, start, _body(found, elsewhere=True))
    line = nearest(found.line, found.lines or LineRange(found.line, found.line), hunks)
    if line is None:
        return None
    grave = found.verdict in (Verdict.BLOCKED, Verdict.ERROR)
    moved = _body(found, elsewhere=True)
    body = _body(found, elsewhere=False) if line == found.line else moved
    return ReviewComment(found.key, found.file, line, body, moved=moved, is_grave=grave)


def settled_comment(key: str, body: str, commit: str) -> str:
    """A comment of ours whose finding a commit has mended: what it said stays, folded, and suggests nothing more."""
    said = body.partition("-->")[2].strip() if body.startswith("<!--") else body
    return _fill(
        "settled_comment.md.j2",
        key=key,
        commit=commit[:12],
        said=said.replace("```suggestion", "```yaml")[:_MESSAGE_LENGTH],
    )


def explanation(found: Explanation | str, marker: str, branch: str) -> str:
    """The reply to an order to explain a policy of a branch; a text says why there is none."""
    why = found if isinstance(found, str) else ""
    policies = () if isinstance(found, str) else found.policies
    return _fill(
        "explanation.md.j2",
        marker=marker,
        branch=branch,
        why=why,
        name="" if isinstance(found, str) else found.name,
        others=() if isinstance(found, str) else found.others,
        policies=fit(map(_explained, policies), len(policies), _EXPLANATION_BUDGET),
    )


def _explained(policy: Explained) -> str:
    return _fill("explained.md.j2", policy=policy, rules=_fitted("rule_of", policy.rules, _RULES_BUDGET)).strip()


def _body(found: Finding, *, elsewhere: bool, suggestion: Markup | None = None) -> str:
    """The text of a comment; ``elsewhere`` where it does not stand on the finding's line, which it then names."""
    return _fill(
        "review_comment.md.j2",
        found=found,
        words=words.COMMENT_WORDS[found.verdict],
        grades=words.grades(found),
        resource=words.resource(found),
        elsewhere=elsewhere,
        suggestion=suggestion,
    )


def page(template: str, **values: Any) -> str:
    """A page of HTML, all values escaped."""
    return _html_environment().get_template(template).render(**values)


def _fill(template: str, **values: Any) -> str:
    environment = _markdown_environment() if template.endswith(".md.j2") else _text_environment()
    return environment.get_template(template).render(**values)


def _fitted(macro: str, values: Sequence[Any], budget: int) -> Fitted:
    """The values as pieces, each rendered by a macro of items.md.j2."""
    rendered = getattr(_markdown_environment().get_template("items.md.j2").module, macro)
    return fit((rendered(value).strip() for value in values), len(values), budget)


def _environment(**settings: Any) -> Environment:
    here = Path(__file__).parent
    places = [here / "templates", here.parent / "templates"]  # in a wheel, in a checkout
    environment = Environment(  # noqa: S701 - each caller says what escapes
        loader=FileSystemLoader(places),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        **settings,
    )
    environment.globals |= {f.__name__: f for f in (words.place, words.resource, words.rule, words.grades)}
    return environment


@cache
def _markdown_environment() -> Environment:
    environment = _environment(autoescape=True, finalize=_prose)
    environment.filters |= {
        "block": markdown.block,
        "code": markdown.code,
        "key": lambda key: _NOT_A_KEY.sub("", key),
        "prose": markdown.text,
        "tag": markdown.tag,
        "whole": Markup,
    }
    return environment


@cache
def _html_environment() -> Environment:
    return _environment(autoescape=True, finalize=_shown)


def _shown(value: object) -> object:
    return value if isinstance(value, Markup) else markdown.visible(str(value))


def _prose(value: object) -> Markup:
    return value if isinstance(value, Markup) else markdown.text(value)


@cache
def _text_environment() -> Environment:
    environment = _environment(autoescape=False, finalize=_seen)
    environment.globals["tab"] = Markup("\t")
    environment.filters |= {"label": _label, "paint": _paint, "plain": _plain, "whole": Markup}
    return environment


def _seen(value: object) -> str:
    return value if isinstance(value, Markup) else markdown.visible(str(value))


def _paint(text: str, colour: str, wanted: bool) -> Markup:
    shown = markdown.visible(text)
    return Markup(f"\x1b[{_COLOURS[colour]}m{shown}\x1b[0m" if wanted else shown)  # noqa: S704 - no HTML here


def _plain(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _label(key: str) -> str:
    """A field's name as kubectl describe writes it: ``apiVersion`` is ``API Version``."""
    parts = re.findall(r"[A-Z]?[^A-Z]+|[A-Z]+(?![a-z])", key) or [key]
    titled = [part[:1].upper() + part[1:] for part in parts]
    return " ".join(_ACRONYMS.get(part, part) for part in titled)
