"""The policies, exceptions and cluster facts of one tree: what judges a change is read from its base branch."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.config import Config
from bot.model import Entry, Tree
from engine import cluster, documents, policies, resources, validation
from engine.documents import Document
from engine.jmespath import Runtime
from engine.judge import Judge, unevaluated
from engine.model import Problem
from engine.policies import Policy, PolicyException

MAX_FILE = 5 * 1024 * 1024
SUFFIXES = (".yaml", ".yml", ".json")
_POLICY = re.compile(
    rb"""apiVersion["']?\s*:\s*["']?(?:(?:policies\.)?kyverno\.io|admissionregistration\.k8s\.io)/""",
)
_FACT = re.compile(rb"""kind["']?\s*:\s*["']?(?:ConfigMap|Namespace)\b""")


@dataclass(frozen=True, slots=True)
class PolicyTree:
    """What judges. ``unjudged`` forbid a green check: a policy that cannot be read might have denied the change."""

    policies: tuple[Policy, ...]
    exceptions: tuple[PolicyException, ...]
    judge: Judge
    unjudged: tuple[Problem, ...]
    problems: tuple[Problem, ...]


def yaml_files(tree: Tree) -> list[Entry]:
    """The files that can hold manifests or policies, by their name and size."""
    return [
        entry
        for entry in tree.entries().values()
        if entry.path.endswith(SUFFIXES) and entry.is_file and entry.size <= MAX_FILE
    ]


def read(tree: Tree, config: Config) -> PolicyTree:
    """Read all policies and exceptions of a tree, and what they ask of the cluster."""
    wanted = [
        entry for entry in yaml_files(tree) if config.policies.match(entry.path) or config.exceptions.match(entry.path)
    ]
    contents = tree.read(wanted)
    found: list[Document] = []
    unjudged: list[Problem] = []
    for entry in wanted:
        content = contents[entry.sha]
        if _POLICY.search(content):
            loaded = documents.load(content, entry.path)
            found += loaded.documents
            unjudged += loaded.problems
    chosen = policies.read(found)
    unjudged += chosen.problems
    valid: list[Policy] = []
    for policy in chosen.policies:
        if not config.policies.match(policy.document.file):
            continue
        refused = validation.validate(policy)
        unjudged += refused
        if not refused:
            valid.append(policy)
    exceptions = tuple(item for item in chosen.exceptions if config.exceptions.match(item.document.file))
    skipped = [*chosen.unsupported, *unevaluated(valid)]
    unjudged += [problem for problem in skipped if problem.code == "not-evaluated"]
    facts = _facts(tree, valid, exceptions)
    return PolicyTree(
        policies=tuple(valid),
        exceptions=exceptions,
        judge=Judge(valid, facts, exceptions),
        unjudged=tuple(unjudged),
        problems=tuple(problem for problem in skipped if problem.code != "not-evaluated"),
    )


def runtime() -> Runtime:
    """The clock and the randomness that expressions may ask for."""
    return Runtime(clock=lambda: datetime.now(UTC), random=random.SystemRandom())


def _facts(tree: Tree, chosen: Sequence[Policy], exceptions: Iterable[PolicyException]) -> cluster.Cluster:
    """The tree as a cluster; read only when a policy asks for ConfigMaps or the labels of namespaces."""
    asked = "".join(repr(policy.spec) for policy in chosen) + "".join(repr(item.raw) for item in exceptions)
    if "'configMap'" not in asked and "'namespaceSelector'" not in asked:
        return cluster.from_resources((), runtime())
    entries = yaml_files(tree)
    contents = tree.read(entries)
    found: list[Document] = []
    for entry in entries:
        content = contents[entry.sha]
        if _FACT.search(content):
            found += documents.load(content, entry.path).documents
    return cluster.from_resources(resources.read(found)[0], runtime())
