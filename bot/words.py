"""The sentences about a judgement that every output says alike; plain text, not escaped."""

from __future__ import annotations

from dataclasses import fields

from bot.model import REFERENCE, Enforce, Finding, Judgement, Row, Verdict
from engine.model import Problem

BEGIN = (
    "Add a Kyverno policy, for example below policies/, to the base branch: "
    "every pull request after that is answered as a cluster with that policy would answer it."
)

COMMENT_WORDS = {
    Verdict.BLOCKED: "Blocked",
    Verdict.ERROR: "Error",
    Verdict.FAILING: "Failing",
    Verdict.WARNING: "Warning",
    Verdict.EXISTING: "Existing",
    Verdict.SUGGESTION: "Suggestion",
}


def number(count: int, one: str, many: str) -> str:
    """``1 policy``, ``3 policies``."""
    return f"{count:,} {one if count == 1 else many}"


def title(judgement: Judgement) -> str:
    """``1 blocked, 2 failing, 14 passing; 3 policies, 17 resources``, and behind it what else there is."""
    policies = number(judgement.policies, "policy", "policies")
    if is_unprotected(judgement):
        return "no policies"
    if is_untouched(judgement):
        return f"no manifests changed; {policies}"
    tally = judgement.tally()
    head = f"{tally.blocked:,} blocked, {tally.failing:,} failing, {tally.passing:,} passing"
    rest = [(tally.error, "in error"), (tally.warning, "warning"), (tally.existing, "existing")]
    more = ", ".join(f"{count:,} {what}" for count, what in [*rest, (len(judgement.unjudged), "not judged")] if count)
    return "; ".join(filter(None, (head, f"{policies}, {number(judgement.resources, 'resource', 'resources')}", more)))


def is_unprotected(judgement: Judgement) -> bool:
    """True when there is no policy at all, which is no fault."""
    return judgement.policies == 0 and not judgement.unjudged


def is_untouched(judgement: Judgement) -> bool:
    """True when the change has nothing to judge."""
    return judgement.resources == 0 and not judgement.scan and not judgement.unjudged and not judgement.findings


def lead(judgement: Judgement) -> tuple[str, ...]:
    """What the numbers mean, a sentence or two."""
    if is_unprotected(judgement):
        return (f"{judgement.base_ref} has no Kyverno policies. {BEGIN}",)
    if is_untouched(judgement):
        return ("The change touches no manifests: there is nothing to judge.",)
    return tuple(filter(None, (_verdict(judgement), _unjudged(judgement), _left_out(judgement))))


def _verdict(judgement: Judgement) -> str:
    tally = judgement.tally()
    every = number(judgement.resources, "resource", "resources")
    wrong = sum(getattr(tally, field.name) for field in fields(tally)) - tally.passing
    if judgement.scan:
        return f"{every} scanned{f', {wrong:,} with something to report' if wrong else ''}."
    if tally.blocked and judgement.enforce is Enforce.REPORT:
        return f"A cluster would deny {tally.blocked:,} of {every}; the configuration says to report that only."
    if tally.blocked:
        return f"A cluster would deny {tally.blocked:,} of {every}."
    return f"A cluster would admit {every}{f', {wrong:,} with something to report' if wrong else ''}."


def _unjudged(judgement: Judgement) -> str:
    if not judgement.unjudged:
        return ""
    what = number(len(judgement.unjudged), "thing", "things")
    return f"{what} could not be judged; until that is mended the check cannot be green."


def _left_out(judgement: Judgement) -> str:
    if not judgement.findings_left_out:
        return ""
    kept = number(len(judgement.findings), "finding is", "findings are")
    return f"The gravest {kept} told; {judgement.findings_left_out:,} more are left out, and in no count."


def foot(judgement: Judgement) -> str:
    """By what was judged: branch, commits and the release that is answered for."""
    policies = number(judgement.policies, "policy", "policies")
    base = f"{judgement.base_ref} at {judgement.base_sha[:12]}" if judgement.base_sha else judgement.base_ref
    head = judgement.head_sha[:12] or "the working tree"
    if judgement.is_merge:
        return f"Judged {head}, merged into {base}, by {policies} of it, as {REFERENCE} does."
    return f"Judged {head} by {policies} of {base}, as {REFERENCE} does."


def place(where: Finding | Problem | Row) -> str:
    """``path:line``, as far as it is known."""
    return f"{where.file}:{where.line}" if where.line else where.file


def resource(of: Finding | Row) -> str:
    """``Deployment default/nginx``, as in the cluster's events."""
    return f"{of.kind} {of.namespace}/{of.name}" if of.namespace else f"{of.kind} {of.name}"


def rule(found: Finding) -> str:
    """``policy/rule``; a policy without rules stands alone."""
    return f"{found.policy}/{found.rule}" if found.rule else found.policy


def grades(found: Finding) -> str:
    """Severity and category, as far as the policy tells them."""
    severity = f"severity {found.severity}" if found.severity else ""
    category = f"category {found.category}" if found.category else ""
    return ", ".join(filter(None, (severity, category)))
