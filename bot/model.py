"""The frozen values that travel from a source of trees to a publisher; no framework, no I/O, no rendering.

A ``Source`` fetches a ``Snapshot`` of trees, the pipeline turns it into a ``Judgement``, ``render`` turns that into a
``CheckOutput`` and ``ReviewComment`` values, and a ``Publisher`` shows them. Lines count from 1; 0 means none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import msgspec

from engine.model import Operation, Problem, Value

REFERENCE = "Kyverno 1.19.0"
"""The release whose answers are given; printed with every judgement."""

FILE = "100644"
EXECUTABLE = "100755"
SYMLINK = "120000"
SUBMODULE = "160000"


class SourceError(Exception):
    """Trees could not be had: ``str()`` says what is wrong, ``advice`` what to do about it.

    ``passing`` when they may be there a moment later.
    """

    def __init__(self, message: str, advice: str = "", *, passing: bool = False) -> None:
        super().__init__(message)
        self.advice, self.passing = advice, passing


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One entry of a git tree. ``path`` uses ``/``; ``mode`` is one of the four above; ``sha`` names the content.

    No dataclass, for a repository has thousands of them.
    """

    path: str
    mode: str
    sha: str
    size: int

    @property
    def is_file(self) -> bool:
        """True for a regular file; False for a symlink or a submodule, whose content is no manifest."""
        return self.mode in (FILE, EXECUTABLE)


class Tree(Protocol):
    """A version of the repository's files."""

    @property
    def ref(self) -> str:
        """The version as the user named it."""

    @property
    def sha(self) -> str:
        """The commit; empty for a working tree."""

    def entries(self) -> Mapping[str, Entry]:
        """All entries by path, in the order of the tree."""

    def read(self, entries: Iterable[Entry]) -> Mapping[str, bytes]:
        """The contents by ``sha``, in as few requests as possible and only once; raises SourceError."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a judgement reads.

    ``policies`` is the tip of the base branch (policies, exceptions, configuration, cluster context). ``merged`` is
    compared with ``base`` and judged: the test merge with the base branch (then ``is_merge``), or the change itself
    with the merge base. ``head`` is the change as it is written, whose lines are shown; of it may be known only what
    differs. ``problems`` are what the source could not tell. ``explain`` names a policy to be explained; None for none.
    """

    repository: str
    policies: Tree
    base: Tree
    merged: Tree
    head: Tree
    base_ref: str
    head_ref: str
    default_branch: str = ""
    number: int | None = None
    is_merge: bool = False
    problems: tuple[Problem, ...] = ()
    explain: str | None = None


class Source(Protocol):
    """Where trees come from: local git objects, or GitHub."""

    def fetch(self) -> Snapshot:
        """Fetch the trees' entries; contents follow on demand. Raises SourceError."""


class Verdict(StrEnum):
    """What a finding means for the pull request, gravest first."""

    BLOCKED = "blocked"
    ERROR = "error"
    FAILING = "failing"
    WARNING = "warning"
    EXISTING = "existing"
    SUGGESTION = "suggestion"  # no violation: what a mutate policy would make of the resource


class Enforce(StrEnum):
    """Whether a blocked resource fails the check (``enforce`` of the configuration)."""

    BLOCK = "block"
    REPORT = "report"


class Comments(StrEnum):
    """Which findings become review comments (``comments`` of the configuration)."""

    ALL = "all"
    BLOCKED = "blocked"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class LineRange:
    """Lines ``first`` to ``last`` of a file, both included."""

    first: int
    last: int

    def __contains__(self, line: object) -> bool:
        return isinstance(line, int) and self.first <= line <= self.last

    def covers(self, other: LineRange) -> bool:
        """True when all of ``other`` lies inside."""
        return self.first <= other.first and other.last <= self.last


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Text that replaces the whole lines ``first_line`` to ``last_line`` of the head's file."""

    first_line: int
    last_line: int
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One violation, at its place in the head's file (in the base's file when ``operation`` is DELETE).

    ``key`` is a stable hash of policy, rule, resource identity, file and path (``locate.finding_key``). ``path`` reads
    like ``spec.template.spec.containers[0].image``. ``lines`` is the whole resource, None where it is unknown.
    """

    key: str
    verdict: Verdict
    policy: str
    rule: str
    kind: str
    namespace: str
    name: str
    file: str
    line: int
    column: int
    message: str
    api_version: str = ""
    operation: Operation = Operation.CREATE
    lines: LineRange | None = None
    path: str = ""
    severity: str = ""
    category: str = ""
    suggestion: Suggestion | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One judged resource and the counts of its PolicyReport; ``report`` is the report's name, a UUID."""

    namespace: str
    kind: str
    name: str
    file: str
    line: int
    operation: Operation
    api_version: str = ""
    passed: int = 0
    failed: int = 0
    warned: int = 0
    erred: int = 0
    skipped: int = 0
    report: str = ""


@dataclass(frozen=True, slots=True)
class Ignored:
    """A YAML or JSON file that is no manifest: ``what`` names what it is (``values of a Helm chart``)."""

    path: str
    what: str


@dataclass(frozen=True, slots=True)
class Tally:
    """Judged resources by their gravest finding; they add up to the number of resources."""

    blocked: int = 0
    error: int = 0
    failing: int = 0
    warning: int = 0
    existing: int = 0
    passing: int = 0


@dataclass(frozen=True, slots=True)
class ExplainedRule:
    """A rule: what it ``does``, what its failure means (``Enforce``, ``Audit``, empty where it cannot fail)."""

    name: str
    does: str
    action: str
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explained:
    """A policy as its annotations and rules tell it; ``file`` and ``line`` are where it stands on the base branch."""

    kind: str
    key: str
    file: str
    line: int
    title: str = ""
    description: str = ""
    severity: str = ""
    category: str = ""
    rules: tuple[ExplainedRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """The policies of a name; where there is none, ``others`` are names that there are."""

    name: str
    policies: tuple[Explained, ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """The whole answer to a change (or to a tree, when ``scan``); every output is made from this value alone.

    ``policies`` and ``resources`` count what was loaded and judged. ``unjudged`` are the problems that forbid a green
    check, ``problems`` all others; none stands in both. ``events`` are the Blocked lines. ``commentable`` maps a
    file to the head lines of each hunk of its diff. ``is_merge`` tells that the head was judged as it would be merged.
    ``digest`` names what judged (``policy_tree.digest``), ``surroundings`` what that could look up.
    Of very many findings the gravest are here, and ``findings_left_out`` counts the others.
    """

    repository: str
    base_ref: str
    base_sha: str
    head_sha: str
    policies: int
    resources: int
    head_ref: str = ""
    number: int | None = None
    findings: tuple[Finding, ...] = ()
    findings_left_out: int = 0
    rows: tuple[Row, ...] = ()
    reports: tuple[dict[str, Value], ...] = ()
    unjudged: tuple[Problem, ...] = ()
    problems: tuple[Problem, ...] = ()
    events: tuple[str, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    commentable: Mapping[str, tuple[LineRange, ...]] = field(default_factory=dict)
    enforce: Enforce = Enforce.BLOCK
    comments: Comments = Comments.ALL
    most_comments: int = 20
    scan: bool = False
    is_merge: bool = False
    digest: str = ""
    surroundings: str = ""
    explanation: Explanation | None = None

    @property
    def blocked(self) -> bool:
        """True when a finding denies the change and the configuration lets it."""
        return self.enforce is Enforce.BLOCK and any(found.verdict is Verdict.BLOCKED for found in self.findings)

    @property
    def exit_code(self) -> int:
        """0 admitted, 1 blocked, 2 something could not be judged; a denial is certain, so 1 goes before 2."""
        if self.blocked:
            return 1
        return 2 if self.unjudged else 0

    @property
    def conclusion(self) -> str:
        """``success`` or ``failure``; never ``neutral``, which satisfies a required check."""
        return "failure" if self.exit_code else "success"

    def tally(self) -> Tally:
        """Count the judged resources by their gravest finding."""
        order = list(Verdict)
        gravest: dict[tuple[str, ...], Verdict] = {}
        for found in self.findings:
            if found.verdict is not Verdict.SUGGESTION:
                key = (found.file, found.api_version, found.kind, found.namespace, found.name)
                gravest[key] = min(gravest.get(key, found.verdict), found.verdict, key=order.index)
        counts = Counter(gravest.values())
        return Tally(
            blocked=counts[Verdict.BLOCKED],
            error=counts[Verdict.ERROR],
            failing=counts[Verdict.FAILING],
            warning=counts[Verdict.WARNING],
            existing=counts[Verdict.EXISTING],
            passing=max(0, self.resources - len(gravest)),
        )


@dataclass(frozen=True, slots=True)
class Annotation:
    """An annotation of a check run; ``level`` is ``failure``, ``warning`` or ``notice``."""

    path: str
    start_line: int
    end_line: int
    level: str
    title: str
    message: str


@dataclass(frozen=True, slots=True)
class CheckOutput:
    """What a check run shows, each text within GitHub's limits; all annotations (GitHub takes 50 a request)."""

    title: str
    summary: str
    text: str
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewComment:
    """A comment on the head's side of the diff; ``start_line`` is set when it spans lines up to ``line``.

    ``moved`` is the body where GitHub shows the comment at another line than ``line``. ``is_grave`` tells of a finding
    that is more than a warning.
    """

    key: str
    path: str
    line: int
    body: str
    start_line: int | None = None
    moved: str = ""
    is_grave: bool = False


class Publisher(Protocol):
    """Where a judgement is shown."""

    def start(self) -> None:
        """Say that the work has begun."""

    def publish(self, judgement: Judgement) -> None:
        """Show the judgement; raises only when the infrastructure fails."""
