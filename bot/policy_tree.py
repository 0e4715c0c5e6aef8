"""The policies, exceptions and cluster facts of one tree: what judges a change is read from its base branch."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from bot import cel_tree, supplied
from bot.build import plain
from bot.build.contents import KYVERNOS
from bot.build.places import in_test
from bot.build.plain import What
from bot.config import PATHS, Config
from bot.custom_kinds import CustomKinds
from bot.limits import Limits
from bot.model import Entry, SourceError, Tree
from bot.runtime import runtime
from bot.supplied import Supplied
from bot.yaml_files import YamlFiles
from engine import asked, cleanup, cluster, documents, policies, policy_reading, resources, validation
from engine.cel_records import KUBERNETES, CelPolicySet
from engine.cleanup import Cleanup
from engine.cluster import Cluster
from engine.documents import Document
from engine.judge import Judge
from engine.model import Problem
from engine.policies import AnyPolicy, Policy, PolicyException
from engine.resources import Resource

_POLICY = re.compile(
    rb"""apiVersion["']?\s*:\s*["']?(?:(?:policies\.)?kyverno\.io|admissionregistration\.k8s\.io)/""",
)
_UNMADE = frozenset({What.HELM_TEMPLATE, What.PATCH, What.KUSTOMIZE_INPUT})
_NAME_LABEL = "kubernetes.io/metadata.name"


@dataclass(frozen=True, slots=True)
class PolicyTree:
    """What judges. ``unjudged`` forbid a green check: a policy that cannot be read might have denied the change.

    ``digest`` names the files that judge, ``surroundings`` the resources that they can look up in them.
    """

    policies: tuple[Policy, ...]
    exceptions: tuple[PolicyException, ...]
    cleanups: tuple[Cleanup, ...]
    cel: CelPolicySet
    judge: Judge
    unjudged: tuple[Problem, ...]
    problems: tuple[Problem, ...]
    digest: str
    surroundings: str


def digest(contents: Mapping[str, bytes]) -> str:
    """A name for the files that judge: ``sha256sum FILES | sha256sum`` says the same, with the files in C's order."""
    lines = [f"{hashlib.sha256(contents[path]).hexdigest()}  {path}\n" for path in sorted(contents)]
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def read(files: YamlFiles, config: Config, custom: CustomKinds) -> PolicyTree:
    """Read all policies and exceptions of a tree, and what they ask of the cluster."""
    tree = files.tree
    held = _held(files, config)
    chosen = policy_reading.read(held.documents, merges=True)
    unjudged = [*held.unjudged, *chosen.problems]
    if (count := len(chosen.policies) + len(chosen.cel.policies)) > config.limits.policies:
        raise SourceError(
            f"{tree.ref} has {count:,} policies, more than the limit of {config.limits.policies:,}",
            "choose some by `policies` in .github/preadmit.yml; the limit is PREADMIT_MAX_POLICIES",
        )
    valid: dict[Hashable, Policy] = {}
    for policy in chosen.policies:
        if not config.policies.match(policy.document.file):
            continue
        refused = validation.validate(policy, namespaced=custom.namespaced)
        unjudged += refused
        if not refused:  # a copy in another file would only say everything twice
            valid.setdefault((policy.kind, policy.key, repr(policy.spec), repr(policy.annotations)), policy)
    found = tuple(valid.values())
    exceptions, not_admitted = _exceptions(
        item for item in chosen.exceptions if config.exceptions.match(item.document.file)
    )
    given, faults = supplied.read(tree, config)
    cleanups, broken = _cleanups(item for item in chosen.cleanups if config.policies.match(item.document.file))
    in_cel = cel_tree.chosen(chosen.cel, config)
    asking = _Asking((*found, *cleanups), exceptions, in_cel, custom)
    facts = _facts(files, config, asking)
    known = _surroundings(facts, given)
    cel = cel_tree.judge(in_cel, known)
    denying, others = cel_tree.refused(cel)
    unevaluable = (problem for problem in chosen.unsupported if problem.code == policies.NOT_EVALUATED)
    return PolicyTree(
        policies=found,
        exceptions=exceptions,
        cleanups=tuple(map(cleanup.compile, cleanups)),
        cel=in_cel,
        judge=Judge(found, known, exceptions, cel),
        unjudged=(
            *unjudged,
            *faults,
            *denying,
            *unevaluable,
        ),
        problems=(
            *held.problems,
            *_versions((*found, *in_cel.policies)),
            *cel_tree.warnings(found),
            *broken,
            *not_admitted,
            *others,
            *(problem for problem in chosen.unsupported if problem.code != policies.NOT_EVALUATED),
        ),
        digest=digest({**held.contents, **_configuration(tree, config)}),
        surroundings=_name_of(facts, asking),
    )


def _configuration(tree: Tree, config: Config) -> dict[str, bytes]:
    """The files that are no policies and have a say all the same."""
    files = {path: entry for path in (*PATHS, config.values) if (entry := tree.entries().get(path)) and entry.is_file}
    first = next((path for path in PATHS if path in files), "")
    entries = [files[path] for path in (first, config.values) if path in files]
    contents = tree.read(entries)
    return {entry.path: contents[entry.sha] for entry in entries}


def _cleanups(found: Iterable[Policy]) -> tuple[list[Policy], list[Problem]]:
    """The cleanup policies that a cluster accepts, and what is wrong with the others; none of them denies anything."""
    chosen: list[Policy] = []
    problems: list[Problem] = []
    for policy in found:
        from engine.validation.cleanup import validate_cleanup  # only a few repositories need it

        refused = validate_cleanup(policy)
        problems += refused
        if not refused:
            chosen.append(policy)
    return chosen, problems


def _exceptions(found: Iterable[PolicyException]) -> tuple[tuple[PolicyException, ...], list[Problem]]:
    """The exceptions that a cluster accepts, and what is wrong with the others, which excuse nothing."""
    chosen: list[PolicyException] = []
    problems: list[Problem] = []
    for exception in found:
        refused = validation.validate_exception(exception)
        problems += refused
        if not refused:
            chosen.append(exception)
    return tuple(chosen), problems


def _versions(found: Iterable[AnyPolicy]) -> list[Problem]:
    """A note for each policy whose name another file gives to other rules: a cluster would hold only one of them."""
    first: dict[tuple[str, str], AnyPolicy] = {}
    notes = []
    for policy in found:
        other = first.setdefault((policy.kind, policy.key), policy)
        if other is not policy:
            text = f"{policy.kind} {policy.key} stands in {_place(other)}, too, with other content; both are asked"
            advice = "Choose one by `policies` in .github/preadmit.yml."
            line = policy.document.position(policy.base).line
            notes.append(Problem("policy-versions", text, policy.document.file, line, 1, advice))
    return notes


def _place(policy: AnyPolicy) -> str:
    return f"{policy.document.file}:{policy.document.position(policy.base).line}"


@dataclass(frozen=True, slots=True)
class _Held:
    """The documents and contents of the files that say that they hold policies, and what is wrong with these files."""

    documents: list[Document]
    unjudged: list[Problem]
    problems: list[Problem]
    contents: dict[str, bytes]


def _held(files: YamlFiles, config: Config) -> _Held:
    wanted = [
        entry for entry in files.named if config.policies.match(entry.path) or config.exceptions.match(entry.path)
    ]
    contents = files.tree.read(wanted)
    asked = [entry for entry in wanted if speaks_of_policies(contents[entry.sha])]
    known = files.by_path
    small = [entry.path for entry in asked if entry.path in known and not in_test(entry.path, known)]
    classified = plain.classify(small, known, lambda path: files.tree.read([known[path]])[known[path].sha])
    held = _Held([], [too_large(entry, config.limits) for entry in asked if entry.path not in known], [], {})
    held.contents.update((entry.path, contents[entry.sha]) for entry in asked)
    for entry in (known[path] for path in small):
        said = classified[entry.path]
        if said.is_loaded:
            loaded = documents.load(contents[entry.sha], entry.path, numbers=int, limits=config.limits.of_files)
            held.documents.extend(loaded.documents)
            held.unjudged.extend(loaded.problems)
        elif said.what in _UNMADE:
            text = f"policies in this file are not used, for it is {said.why}"
            held.problems.append(Problem("not-plain", text, entry.path, 1, 1, "Commit what is made of it as well."))
    return held


def is_kyvernos(resource: Resource) -> bool:
    """Whether it is one of Kyverno's own resources, which judge and are not judged."""
    return resource.group in KYVERNOS


def is_policy(resource: Resource) -> bool:
    """Whether it judges: one of Kyverno's, or one of Kubernetes' own, which are judged as resources, too."""
    return is_kyvernos(resource) or (resource.group == KUBERNETES and "AdmissionPolicy" in resource.kind)


def speaks_of_policies(content: bytes) -> bool:
    """Whether a file may hold policies; most files of a repository are told by two quick searches."""
    if b"kyverno.io/" not in content and b"admissionregistration.k8s.io/" not in content:
        return False
    return _POLICY.search(content) is not None


def too_large(entry: Entry, limits: Limits) -> Problem:
    """The problem of a file that is not read for its size."""
    text = f"the file has {entry.size:,} bytes, more than the limit of {limits.file_bytes:,}"
    return Problem("too-large", text, entry.path, 1, 1, "Split the file, or leave it out in .github/preadmit.yml.")


@dataclass(frozen=True, slots=True)
class _Asking:
    """What looks up resources in the cluster, and what is known of their kinds."""

    policies: Sequence[Policy]
    exceptions: Iterable[PolicyException]
    cel: CelPolicySet
    custom: CustomKinds


def _surroundings(facts: Iterable[Resource], given: Supplied) -> Cluster:
    """The tree as a cluster, with what the repository supplies; its own word goes before that of the manifests."""
    known = cluster.from_resources(facts, runtime())
    told = {name: {_NAME_LABEL: name, **labels} for name, labels in given.namespaces.items()}
    objects = {name: {"metadata": {"name": name, "labels": labels}} for name, labels in told.items()}
    return replace(
        known,
        namespaces={**known.namespaces, **told},
        namespace_objects={**known.namespace_objects, **objects},
        policy_values=given.of_policy,
        rule_values=given.of_rule,
        as_cluster=True,
    )


def _name_of(facts: Iterable[Resource], asking: _Asking) -> str:
    """A name for what can be looked up: the same where no answer of the policies can differ by it."""
    named = asked.config_maps(asking.policies, asking.exceptions, asking.cel)
    lines = []
    for fact in facts:
        if named is None or fact.kind != "ConfigMap" or (fact.namespace, fact.name) in named:
            lines.append(json.dumps([*fact.identity, fact.value], sort_keys=True, default=str))
    return hashlib.sha256("\n".join(sorted(lines)).encode("utf-8", "surrogateescape")).hexdigest()


def _facts(files: YamlFiles, config: Config, asking: _Asking) -> tuple[Resource, ...]:
    """The resources that policies look up beside the one they judge; nothing is read where they look up none."""
    kinds = asked.kinds(asking.policies, asking.exceptions, asking.cel)
    if kinds is not None and not kinds:
        return ()
    found = files.of_kinds(kinds)
    scoped = asking.custom.without_namespace(found)
    read_, _ = resources.read(found, namespace=config.namespace, cluster_scoped=scoped)
    return tuple(resource for resource in read_ if not resource.is_encrypted)
