"""How many rules had which result, and the exit code that follows (upstream: processor/result.go, apply/command.go)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from bot.dropin.run import Asked, Phase
from engine import report
from engine.cel_records import CelPolicy
from engine.model import Action, Result, RuleResponse
from engine.policies import Policy, Rule

_NEVER_WARN = (Phase.MUTATE, Phase.GENERATE, Phase.CLEANUP)


class Counts(Struct):
    """The figures of the last line; a policy that is refused counts as one error."""

    passed: int = 0
    failed: int = 0
    warned: int = 0
    erred: int = 0
    skipped: int = 0

    def add(self, asked: Asked, warns: bool) -> None:
        """Count the rules of an answer; ``warns`` tells that failures of the policy are warnings here."""
        if asked.phase is Phase.MUTATE_EXISTING:
            return  # upstream forgets them
        if isinstance(asked.policy, CelPolicy):
            self._add_cel(asked.policy, asked.rules)
            return
        for response in asked.rules:
            match response.result:
                case Result.PASS:
                    self.passed += 1
                case Result.SKIP:
                    self.skipped += 1
                case Result.ERROR:
                    self.erred += 1
                case Result.FAIL if not warns or asked.phase in _NEVER_WARN:
                    self.failed += 1
                case _:
                    self.warned += 1

    def join(self, other: Counts) -> None:
        """Add what was counted elsewhere."""
        self.passed += other.passed
        self.failed += other.failed
        self.warned += other.warned
        self.erred += other.erred
        self.skipped += other.skipped

    def _add_cel(self, policy: CelPolicy, responses: Iterable[RuleResponse]) -> None:
        """Failures never warn; what a MutatingPolicy says is counted twice (processMutateEngineResponse)."""
        times = 2 if policy.family == "MutatingPolicy" else 1
        for response in responses:
            match response.result:
                case Result.PASS:
                    self.passed += times
                case Result.FAIL:
                    self.failed += times
                case Result.ERROR:
                    self.erred += times
                case Result.SKIP if policy.family != "ValidatingAdmissionPolicy":
                    self.skipped += times

    def __str__(self) -> str:
        return (
            f"pass: {self.passed}, fail: {self.failed}, warn: {self.warned}, error: {self.erred}, skip: {self.skipped} "
        )


class Warnings:
    """Tells which policies' failures are only warnings: unscored ones, and with ``audit_warn`` audited ones."""

    def __init__(self, audit_warn: bool, labels: Mapping[str, Mapping[str, str]]) -> None:
        self._audit_warn = audit_warn
        self._labels = labels
        self._audits: dict[tuple[int, str], bool] = {}

    def of(self, asked: Asked) -> bool:
        """Whether failures of this answer count as warnings."""
        return not report.scored(asked.policy) or self.audited(asked)

    def audited(self, asked: Asked) -> bool:
        """Whether ``--audit-warn`` is given and the policy as a whole audits in the resource's namespace."""
        if not self._audit_warn:
            return False
        if isinstance(asked.policy, CelPolicy):
            return True  # upstream knows no action of it, which is as good as Audit
        namespace = asked.after.namespace
        key = (id(asked.policy), namespace)
        if key not in self._audits:
            action = policy_action(asked.policy, namespace, self._labels.get(namespace, {}))
            self._audits[key] = action is Action.AUDIT
        return self._audits[key]


def policy_action(policy: Policy, namespace: str, labels: Mapping[str, str]) -> Action:
    """The action of the first rule that states one, else the spec's (engineresponse.go: GetValidationFailureAction)."""
    for rule in policy.rules:
        stated = _stated(policy, rule, namespace, labels)
        if stated is not None:
            return stated
    return policy.action(Rule("", {}, 0), namespace, labels)


def _stated(policy: Policy, rule: Rule, namespace: str, labels: Mapping[str, str]) -> Action | None:
    """What the rule itself says: that which does not change with the spec."""
    said = {
        replace(policy, spec={"validationFailureAction": word}).action(rule, namespace, labels)
        for word in ("Audit", "Enforce")
    }
    return said.pop() if len(said) == 1 else None


def exit_code(counts: Counts, warn_exit_code: int, warn_no_pass: bool) -> tuple[int, str]:
    """The exit code, and what is printed with it."""
    if counts.failed or counts.erred:
        return 1, ""
    if counts.warned and warn_exit_code:
        return warn_exit_code, f"exit as warnExitCode is {warn_exit_code}"
    if not counts.passed and warn_no_pass:
        return warn_exit_code, "exit as no objects satisfied policy\n"
    return 0, ""
