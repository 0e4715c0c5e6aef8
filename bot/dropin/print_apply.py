"""What ``apply`` prints for people (upstream: commands/apply/command.go, print.go, table.go)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from bot.dropin.counts import Counts, Warnings
from bot.dropin.run import Asked, Phase
from engine.cel_records import CelPolicy
from engine.model import Result, RuleResponse, RuleType
from engine.policies import AnyPolicy, Policy
from engine.resources import Resource

if TYPE_CHECKING:
    from bot.dropin.tables import Row

_RULE = "-" * 70
_NOWHERE = "//"
_PAYLOAD = "JSON payload"
MUTATED = "\n\nMutation:\nMutation has been applied successfully."
GENERATED = "\n\nGenerate:\nGeneration completed successfully."
_WORDS = {Result.PASS: "Pass", Result.FAIL: "Fail", Result.WARN: "Warn", Result.ERROR: "Error", Result.SKIP: "Skip"}


def heading(rules: int, resources: int, exceptions: int) -> str:
    """How much is about to be judged."""
    more = f" with {exceptions} exception(s)" if exceptions else ""
    return f"\nApplying {rules} policy rule(s) to {resources} resource(s){more}..."


def refused(policies: Sequence[tuple[Policy, str]]) -> Iterator[str]:
    """The policies that the reference's validation refuses, with its reasons."""
    invalid = [item for item in policies if item[1].startswith("variable 'element.name'")]
    skipped = [item for item in policies if item not in invalid]
    for title, items in (("Policies Skipped:", skipped), ("Invalid Policies:", invalid)):
        if items:
            yield _RULE
            yield title
            for number, (policy, reason) in enumerate(items, 1):
                yield f"{number}. {policy.name}: {reason}"
            yield _RULE


def path(resource: Resource) -> str:
    """``namespace/kind/name``."""
    named = (resource.value.get("metadata") or {}).get("name")
    name = named if isinstance(named, str) else ""
    return f"{resource.namespace}/{resource.kind}/{name}"


def answers(found: Iterable[Asked], warnings: Warnings) -> Iterator[str]:
    """A line for each rule that failed, and what mutate rules did not do."""
    for asked in found:
        failed: list[RuleResponse] = []
        where = path(asked.before)
        where = _PAYLOAD if where == _NOWHERE else where
        for response in asked.rules:
            if response.result is Result.FAIL:
                failed.append(response)
            elif response.type is RuleType.MUTATION and response.result is Result.SKIP:
                yield f"\nskipped mutate policy {asked.policy.name} -> resource {where}"
            elif response.type is RuleType.MUTATION and response.result is Result.ERROR:
                yield f"\nerror while applying mutate policy {asked.policy.name} -> resource {where} "
                yield f"error:  {response.message}"
            elif asked.phase is Phase.GENERATE and response.result is Result.ERROR:
                yield f"\nerror while applying generate policy {asked.policy.name} -> resource {where} "
                yield f"error: {response.message}"
        if failed:
            how = "failed as audit warning:" if warnings.audited(asked) else "failed:"
            yield f"policy {asked.policy.name} -> resource {where} {how}"
            for number, response in enumerate(failed, 1):
                yield f"{number} - {response.rule} {response.message or 'validation failed'}"


def summary(counts: Counts) -> str:
    """The last line."""
    return f"\n{counts}"


def table(found: Iterable[Asked], warnings: Warnings) -> list[Row]:
    """The rows of ``--table``."""
    from bot.dropin import tables

    rows: list[Row] = []
    for asked in found:
        resource = tables.resource(asked.before.kind, asked.before.namespace, path(asked.before).rpartition("/")[2])
        for response in asked.rules:
            warns = response.result is Result.FAIL and warnings.of(asked)
            rows.append(
                tables.Row(
                    number=len(rows) + 1,
                    policy=asked.policy.key,
                    rule=response.rule if _has_rules(asked) else "",
                    resource=resource,
                    result="Warn" if warns else _WORDS[response.result],
                    reason="",
                    message=response.message,
                )
            )
    return rows


def _has_rules(asked: Asked) -> bool:
    """Whether the policy is one whose rules have names."""
    return asked.phase is not Phase.CLEANUP and not isinstance(asked.policy, CelPolicy)


def title(policy: AnyPolicy, resource: Resource) -> str:
    """The line before what a policy made of a resource."""
    return f"\npolicy {policy.name} applied to {path(resource)}:"


def _made(title: str, text: str) -> str:
    return f"{title}\n{text}\n---\n"


def mutation(title: str, text: str, targets: Sequence[str]) -> str:
    """The resource as a mutating policy left it, and the other resources that it changed."""
    patched = "".join(f"\n{target}\n---\n\n" for target in targets)
    more = f"patched targets: \n{patched}" if patched else ""
    return f"{_made(title, text)}{more}{MUTATED}"


def generation(title: str, text: str) -> str:
    """A resource that a generate rule made."""
    return f"{_made(title, text)}{GENERATED}"
