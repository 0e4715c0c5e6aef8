"""``apply`` from its options to its exit code (upstream: commands/apply/command.go)."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from bot.dropin import inputs, output_files, print_apply, report_run, resource_inputs, values
from bot.dropin.counts import Counts, Warnings, exit_code
from bot.dropin.inputs import Exceptions
from bot.dropin.merged_report import Merged
from bot.dropin.run import Ask, Asked, Phase, Run, cleaned_up, with_registry
from bot.dropin.strict import FileError, place
from bot.dropin.values import Values
from bot.runtime import runtime
from engine import autogen, cluster
from engine.cel_records import CelPolicySet
from engine.cluster import Cluster, ContextFile
from engine.match import UserInfo
from engine.model import Problem, Result
from engine.policies import Policy
from engine.resources import Resource

if TYPE_CHECKING:
    from bot.dropin.cel_run import CelRun

UNJUDGED = 2
"""The exit code where nothing failed but something could not be judged."""


class Options(Struct, frozen=True):
    """The flags of ``apply`` by their long names, as click gives them; lists may be parted by commas."""

    policies: tuple[str, ...]
    resource: tuple[str, ...]
    json: tuple[str, ...]
    target_resource: tuple[str, ...]
    parameter_resource: tuple[str, ...]
    values_file: str
    set: tuple[str, ...]
    userinfo: str
    exception: tuple[str, ...]
    exceptions_with_resources: bool
    exceptions_within_policies: bool
    crd_paths: tuple[str, ...]
    context_file: str
    policy_report: bool
    output_format: str
    output: str
    stdin: bool
    table: bool
    detailed_results: bool
    remove_color: bool
    audit_warn: bool
    warn_exit_code: int
    warn_no_pass: bool
    registry: bool
    generate_exceptions: bool
    generated_exception_ttl: str
    continue_on_fail: bool


class Loaded(Struct):
    """What is judged and by what; ``others`` are resources that policies may ask for but that are not judged.

    ``refused`` are policies with what validation finds, ``foreign`` counts those not evaluated.
    """

    policies: list[Policy] = field(default_factory=list)
    cleanups: list[Policy] = field(default_factory=list)
    refused: list[tuple[Policy, tuple[Problem, ...]]] = field(default_factory=list)
    foreign: int = 0
    exceptions: Exceptions = field(default_factory=Exceptions)
    cel: CelPolicySet = CelPolicySet()
    params: list[Resource] = field(default_factory=list)
    context: ContextFile | None = None
    resources: list[Resource] = field(default_factory=list)
    others: list[Resource] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    unjudged: list[Problem] = field(default_factory=list)

    def rules(self) -> int:
        """How many rules the policies have, with those that autogen makes for any kind."""
        every = [*self.policies, *(policy for policy, _ in self.refused)]
        others = self.foreign + len(self.cleanups) + len(self.cel.policies)
        return others + sum(len(autogen.expand(policy, None)) for policy in every)


def split(given: Iterable[str]) -> list[str]:
    """The entries of a flag that may be repeated or parted by commas."""
    return [part for text in given for part in _split(text)]


def _split(text: str) -> list[str]:
    if '"' not in text and "\n" not in text and "\r" not in text:
        return text.split(",") if text else []
    import csv  # hardly ever needed, and no small part of the start

    return [part for row in csv.reader([text]) for part in row]


def run(options: Options) -> int:
    """Do it all; the exit code. Raises FileError for what ends the reference too."""
    vals, user = _supplied(options)
    loaded = _load(options)
    quiet = _is_quiet(options)
    if not (quiet or options.stdin):
        print_line(print_apply.heading(loaded.rules(), len(loaded.resources), len(loaded.exceptions)))
    reasons = _reasons(loaded)
    counts = Counts(erred=len(reasons))
    warnings = Warnings(options.audit_warn, vals.namespaces)
    known = cluster.offline([*loaded.resources, *loaded.others], runtime())
    known = with_registry(known) if options.registry else known
    cel = _cel(loaded, vals, known, user, options.crd_paths)
    judge = Run(loaded.policies, loaded.exceptions.classic, vals, known, user, cel)
    if options.output:
        output_files.clear(options.output)

    def ask(resources: Sequence[Resource], counts: Counts, unjudged: list[Problem]) -> Iterator[Asked]:
        return _ask(judge.passes(are_payloads=bool(options.json)), resources, counts, unjudged, warnings, options)

    cleanups = _counted(cleaned_up(loaded.cleanups, loaded.resources, vals, known), counts)
    found: list[Asked] | Merged
    if options.policy_report:
        # Only JSON can be put together, and what policies make of resources has to be written in their order.
        shared = options.output_format == "json" and not options.output
        answering = cel.judge.answering if cel is not None else ()
        work = report_run.Work(ask, (*loaded.policies, *answering), warnings)
        found = report_run.collect(work, loaded.resources, counts, loaded.unjudged, shared=shared)
        found.add_all(cleanups)
    else:
        found = list(chain(ask(loaded.resources, counts, loaded.unjudged), cleanups))
    for line in print_apply.refused(reasons):
        _err(line) if quiet else print_line(line)
    _show(found, counts, warnings, options)
    for problem in (*loaded.notes, *loaded.unjudged):
        _err(f"preadmit: {place(problem)}")
    code, text = exit_code(counts, options.warn_exit_code, options.warn_no_pass)
    sys.stdout.write(text if not quiet else "")
    return UNJUDGED if loaded.unjudged and not code else code


def _reasons(loaded: Loaded) -> list[tuple[Policy, str]]:
    """The policies that are wrong, and why."""
    wrong = [(policy, problems) for policy, problems in loaded.refused if not inputs.is_skipped(problems[0])]
    if not wrong:
        return []
    from engine import validation

    return [(policy, validation.reason(policy, problems, namespaced=None)) for policy, problems in wrong]


def _is_quiet(options: Options) -> bool:
    """Whether standard output holds what machines read, and nothing else."""
    return options.policy_report or options.generate_exceptions


def print_line(text: str) -> None:
    """Write a line of standard output."""
    sys.stdout.write(text + "\n")


def _err(text: str) -> None:
    sys.stderr.write(text + "\n")


def _supplied(options: Options) -> tuple[Values, UserInfo | None]:
    try:
        vals = values.read(options.values_file) if options.values_file else Values()
    except FileError as error:
        raise FileError(f"failed to decode yaml ({error})") from error
    if options.set:
        vals = replace(vals, given=values.parse_set(split(options.set)))
    if not options.userinfo:
        return vals, None
    user, is_current = values.read_user(options.userinfo)
    if not is_current:
        text = f"WARNING: user infos file ({options.userinfo}) names no apiVersion and kind"
        _err(text) if options.policy_report else print_line("\n" + text)
    return vals, user


def _load(options: Options) -> Loaded:
    loaded = Loaded()
    if options.context_file:
        loaded.context = _context(options.context_file)
    scoped = resource_inputs.cluster_scoped_kinds(path for path in split(options.crd_paths) if path.strip())
    for path in options.policies:
        try:
            _add_policies(loaded, inputs.read_policies(path), options.exceptions_within_policies)
        except FileError as error:
            loaded.notes.append(Problem("unreadable", f"no policy is read from {path}: {error}"))
    paths = split(options.resource)
    report = _err if options.policy_report else print_line
    try:
        found = resource_inputs.read_resources(paths, report, scoped)
        loaded.params = resource_inputs.read_resources(split(options.parameter_resource), report, scoped)
        loaded.others += resource_inputs.read_resources(split(options.target_resource), report, scoped)
        loaded.others += loaded.params
    except FileError as error:
        raise FileError(f"failed to load resources ({error})") from error
    found += _payloads(split(options.json))
    entries = [resource for resource in found if cluster.is_global_entry(resource)]
    loaded.resources = [resource for resource in found if not cluster.is_global_entry(resource)]
    loaded.others += entries
    if options.exceptions_with_resources:
        given = inputs.exceptions_among(paths)
    else:
        try:
            given = inputs.read_exceptions(split(options.exception))
        except FileError as error:
            raise FileError(f"Error: failed to load exceptions ({error})") from error
    loaded.exceptions.classic[:0] = given.classic
    loaded.exceptions.cel[:0] = given.cel
    loaded.unjudged += given.foreign
    return loaded


def _payloads(paths: Sequence[str]) -> list[Resource]:
    """The documents of ``--json``."""
    if not paths:
        return []
    from pathlib import Path

    from bot.dropin.payloads import read_payload

    found = []
    for path in paths:
        try:
            found.append(read_payload(Path(path), path))
        except FileError as error:
            raise FileError(f"failed to load JSON payload ({error})") from error
    return found


def _context(path: str) -> ContextFile:
    from bot.dropin import context_file  # only policies in CEL read it

    return context_file.read(path)


def _cel(
    loaded: Loaded, vals: Values, known: Cluster, user: UserInfo | None, crd_paths: tuple[str, ...]
) -> CelRun | None:
    """What asks the policies in CEL, where there are some."""
    if not loaded.cel.policies:
        return None
    from bot.dropin.cel_run import CelRun
    from engine.patch.structured import crds

    found = replace(loaded.cel, exceptions=tuple(loaded.exceptions.cel))
    schemas = crds.schemas(resource_inputs.definitions(path for path in split(crd_paths) if path.strip()))
    asked = replace(known, context=loaded.context, global_context=None)  # upstream keeps entries for classic policies
    return CelRun(found, vals, asked, user, loaded.params, schemas)


def _add_policies(loaded: Loaded, found: inputs.Policies, with_exceptions: bool) -> None:
    loaded.notes += found.dropped
    loaded.foreign += len(found.foreign)
    loaded.cleanups += found.cleanups
    loaded.unjudged += [
        problem for problem in found.unsupported if with_exceptions or "Exception" not in problem.message
    ]
    loaded.cel += found.cel
    if with_exceptions:
        loaded.exceptions.classic += found.exceptions
        loaded.exceptions.cel += found.cel.exceptions
    loaded.policies += found.policies
    for policy, problems in found.refused:
        loaded.refused.append((policy, problems))
        loaded.unjudged += [problem for problem in problems if inputs.is_skipped(problem)]


def _ask(
    passes: Sequence[Ask],
    resources: Sequence[Resource],
    counts: Counts,
    unjudged: list[Problem],
    warnings: Warnings,
    options: Options,
) -> Iterator[Asked]:
    """Ask about every resource in each pass, count, and write what mutating policies made of it."""
    writes = options.output or not _is_quiet(options)
    for resource, ask in ((resource, ask) for ask in passes for resource in resources):
        for every in _answers(ask, resource, unjudged, options):
            asked, open_ = every.parted()
            unjudged += open_
            _check_deletion(asked, options)
            if asked.rules:
                counts.add(asked, warnings.of(asked))
                yield asked
            if writes:
                _write(asked, resource, options)


def _answers(ask: Ask, resource: Resource, unjudged: list[Problem], options: Options) -> Iterable[Asked]:
    """The answers to a resource; where it cannot be judged, none and a line that says so. Raises FileError."""
    if not options.continue_on_fail:
        return ask(resource)
    try:
        return list(ask(resource))
    except FileError as error:
        unjudged.append(Problem("not-evaluated", str(error), resource.document.file))
        return ()


def _check_deletion(asked: Asked, options: Options) -> None:
    """A policy in CEL that cannot tell whether it deletes ends the command, or is a line of it; raises FileError."""
    if asked.phase is not Phase.CLEANUP:
        return
    for rule in asked.rules:
        if rule.result is Result.ERROR:
            what = f"failed to apply deleting policies on {'json' if options.json else 'resource'}: {rule.message}"
            if not options.continue_on_fail:
                raise FileError(what)
            _err(what) if _is_quiet(options) else print_line(what)


def _counted(answers: Iterable[Asked], counts: Counts) -> Iterator[Asked]:
    for asked in answers:
        counts.add(asked, False)
        yield asked


def _write(asked: Asked, resource: Resource, options: Options) -> None:
    """Print, or put into files, what a policy made of a resource."""
    from bot.dropin.yaml_text import resource_yaml

    title = "" if options.stdin else print_apply.title(asked.policy, resource)
    if asked.phase is Phase.MUTATE:
        text = resource_yaml(asked.after.value)
        targets = [resource_yaml(rule.target) for rule in asked.rules if rule.target is not None]
        if options.output:
            name = f"{print_apply.path(resource).rpartition('/')[2]}-mutated"
            output_files.append(options.output, name, [f"{text}\n---\n\n", *(f"{target}\n---\n" for target in targets)])
            sys.stdout.write("" if _is_quiet(options) else print_apply.MUTATED)
        else:
            sys.stdout.write(print_apply.mutation(title, text, targets))
    elif asked.phase is Phase.GENERATE:
        for text in (resource_yaml(value) for rule in asked.rules for value in rule.generated):
            if options.output:
                output_files.append(options.output, f"{asked.policy.name}-generated", [f"{text}\n---\n\n"])
                sys.stdout.write("" if _is_quiet(options) else print_apply.GENERATED)
            else:
                sys.stdout.write(print_apply.generation(title, text))


def _ttl(text: str) -> int:
    from engine.values import duration

    return duration.try_parse(text) or 0


def _show(found: list[Asked] | Merged, counts: Counts, warnings: Warnings, options: Options) -> None:
    if isinstance(found, Merged):
        report_run.write(found, options.output_format)
    elif options.generate_exceptions:
        from bot.dropin import generated_exceptions

        made = generated_exceptions.make(found, warnings, _ttl(options.generated_exception_ttl))
        for exception in made:
            sys.stdout.write(f"---\n{report_run.text(exception, options.output_format)}\n")
    elif options.table:
        from bot.dropin import tables

        rows = print_apply.table(found, warnings)
        if rows:
            coloured = sys.stdout.isatty() and not options.remove_color
            print_line(tables.text(rows, options.detailed_results, coloured))
    else:
        sys.stdout.writelines(f"{line}\n" for line in print_apply.answers(found, warnings))
        print_line(print_apply.summary(counts))
