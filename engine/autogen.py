"""Rules for pod controllers made of rules for Pods (upstream: pkg/autogen/v1).

The reference writes a rule as JSON and replaces text in it; here the same is done on every string of it, keys included,
which gives the same because none of the texts can reach across a string's end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from engine.kind_selector import contains_kind
from engine.model import Value
from engine.policies import Policy, Rule
from engine.references import mentions
from engine.regex import later

ANNOTATION = "pod-policies.kyverno.io/autogen-controllers"

_KINDS = {
    "CronJob": "batch/v1/CronJob",
    "DaemonSet": "apps/v1/DaemonSet",
    "Deployment": "apps/v1/Deployment",
    "Job": "batch/v1/Job",
    "Pod": "v1/Pod",
    "ReplicaSet": "apps/v1/ReplicaSet",
    "ReplicationController": "v1/ReplicationController",
    "StatefulSet": "apps/v1/StatefulSet",
}
_CONTROLLERS = frozenset(_KINDS) - {"Pod"}
_CRON_JOB = "CronJob"
_TEMPLATES = _CONTROLLERS - {_CRON_JOB}
"""The kinds that hold a pod template themselves: a rule made for one of them says the same to all."""

_NAME_LENGTH = 63
_REFERENCE = later(r"^\$\(.[^ ]*\)|[^\\]\$\(.[^ ]*\)")
_KEPT = frozenset({"failureAction", "failureActionOverrides", "allowExistingViolations"})

RawRule = dict[str, Value]
Filters = Callable[[list[dict[str, Value]]], list[dict[str, Value]]]


def expand(policy: Policy, kind: str | None) -> tuple[Rule, ...]:
    """The policy's rules and those made of them: for one kind of resource, or for all kinds with None.

    Where rules are made, user rules named ``autogen-...`` make way for them.
    """
    controllers = _controllers(policy)
    if kind is not None:
        if kind not in controllers:
            return policy.rules
        controllers = frozenset({kind})
    return _expanded(policy, controllers)


class Expansion:
    """One policy expanded for any number of kinds; kinds to which it says the same are given the same rules."""

    __slots__ = ("_controllers", "_made", "_policy")

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._controllers = _controllers(policy)
        self._made: dict[frozenset[str], tuple[Rule, ...]] = {}

    def rules(self, kind: str | None) -> tuple[Rule, ...]:
        """As ``expand``, but the rules for one kind may match others, too, that hold a pod template as it does."""
        controllers = self._controllers
        if kind is not None:
            if kind not in controllers:
                return self._policy.rules
            controllers = controllers & _TEMPLATES if kind in _TEMPLATES else frozenset({kind})
        made = self._made.get(controllers)
        if made is None:
            made = self._made[controllers] = _expanded(self._policy, controllers)
        return made


def _expanded(policy: Policy, controllers: frozenset[str]) -> tuple[Rule, ...]:
    if controllers <= {"none"}:
        return policy.rules
    made = tuple(rule for source in policy.rules for rule in _made_of(source, controllers))
    if not made:
        return policy.rules
    return tuple(rule for rule in policy.rules if not _is_made(rule.name)) + made


def _controllers(policy: Policy) -> frozenset[str]:
    """The kinds to make rules for; the annotation's words count as written, blanks included."""
    if not _is_possible(policy):
        return frozenset({"none"})
    written = policy.annotations.get(ANNOTATION)
    return _CONTROLLERS if written is None else frozenset(written.split(","))


def _is_possible(policy: Policy) -> bool:
    """Whether no rule stands in the way and at least one filter lists a Pod or a controller by its bare kind."""
    needed = False
    for rule in policy.rules:
        if rule.has_generate or _patches_json(rule.raw.get("mutate") or {}):
            return False
        for resources in _descriptions(rule.raw):
            if _forbids(resources):
                return False
            needed = needed or any(kind in _KINDS for kind in resources.get("kinds") or ())
    return needed


def _patches_json(mutate: dict[str, Value]) -> bool:
    return any(item.get("patchesJson6902") for item in (mutate, *(mutate.get("foreach") or ())))


def _descriptions(raw: RawRule) -> Iterator[dict[str, Value]]:
    for block in (raw.get("match") or {}, raw.get("exclude") or {}):
        for item in (block, *(block.get("any") or ()), *(block.get("all") or ())):
            yield item.get("resources") or {}


def _forbids(resources: dict[str, Value]) -> bool:
    kinds = resources.get("kinds") or []
    return bool(
        resources.get("name")
        or resources.get("names")
        or resources.get("selector") is not None
        or resources.get("annotations") is not None
        or (len(kinds) > 1 and contains_kind(kinds, "Pod"))
    )


def _is_made(name: str) -> bool:
    return name.startswith("autogen-")


def _made_of(rule: Rule, controllers: frozenset[str]) -> Iterator[Rule]:
    pods = _for_controllers(rule, sorted(controllers - {_CRON_JOB}))
    if pods is not None:
        yield _rewritten(rule, "autogen", pods, "")
    jobs = _for_cron_jobs(rule, controllers)
    if jobs is not None:
        yield _rewritten(rule, "autogen-cronjob", jobs, "jobTemplate.spec.")


def _for_controllers(rule: Rule, controllers: list[str]) -> RawRule | None:
    """The rule one level up, for controllers that hold a pod template."""
    if _is_made(rule.name) or not any(controllers) or not _is_for_pods(rule.raw):
        return None
    offered = sorted(_CONTROLLERS) if controllers == ["all"] else controllers
    known = [kind for kind in offered if kind in _CONTROLLERS and kind != _CRON_JOB]
    kinds = [_KINDS.get(kind, kind) for kind in known or controllers]

    def filters(items: list[dict[str, Value]]) -> list[dict[str, Value]]:
        return [_with_kinds(item, kinds) if contains_kind(_kinds_of(item), "Pod") else item for item in items]

    return _lifted(rule.raw, "template", "spec/template", kinds, filters)


def _for_cron_jobs(rule: Rule, controllers: frozenset[str]) -> RawRule | None:
    """The rule two levels up: made of the one for controllers, so references in its message are shifted twice."""
    if not any(_CRON_JOB in text or "all" in text for text in controllers):
        return None
    pods = _for_controllers(rule, sorted(controllers))
    if pods is None:
        return None
    kinds = [_KINDS[_CRON_JOB]]

    def filters(items: list[dict[str, Value]]) -> list[dict[str, Value]]:
        return [_with_kinds(item, kinds) for item in items]

    return _lifted(pods, "jobTemplate", "spec/jobTemplate/spec/template", kinds, filters)


def _is_for_pods(raw: RawRule) -> bool:
    excluded = _all_kinds(raw.get("exclude") or {})
    return contains_kind(_all_kinds(raw.get("match") or {}), "Pod") and (not excluded or contains_kind(excluded, "Pod"))


def _all_kinds(block: dict[str, Value]) -> list[str]:
    return [kind for item in (block, *(block.get("all") or ()), *(block.get("any") or ())) for kind in _kinds_of(item)]


def _kinds_of(item: dict[str, Value]) -> list[str]:
    return (item.get("resources") or {}).get("kinds") or []


def _with_kinds(item: dict[str, Value], kinds: list[str]) -> dict[str, Value]:
    return {**item, "resources": {**(item.get("resources") or {}), "kinds": kinds}}


def _lifted(raw: RawRule, key: str, shift: str, kinds: list[str], filters: Filters) -> RawRule | None:
    """The rule with its match, exclude and action for what holds the pod under ``spec.<key>``."""
    lifted = {**raw, "match": _block(raw.get("match") or {}, kinds, filters, always=True)}
    if raw.get("exclude"):
        lifted["exclude"] = _block(raw["exclude"], kinds, filters, always=False)
    mutate, validate = raw.get("mutate") or {}, raw.get("validate") or {}
    if mutate.get("patchStrategicMerge") is not None:
        return {**lifted, "mutate": {"patchStrategicMerge": _under(key, mutate["patchStrategicMerge"])}}
    if mutate.get("foreach"):
        return {**lifted, "mutate": {"foreach": [_mutate_loop(loop, key) for loop in mutate["foreach"]]}}
    if validate:
        checked = _validate(validate, key, shift)
        if checked is not None:
            return {**lifted, "validate": checked}
    return lifted if raw.get("verifyImages") is not None else None


def _block(block: dict[str, Value], kinds: list[str], filters: Filters, *, always: bool) -> dict[str, Value]:
    for name in ("any", "all"):
        if block.get(name):
            return {**block, name: filters(block[name])}
    return _with_kinds(block, kinds) if always or _kinds_of(block) else block


def _under(key: str, value: Value) -> Value:
    return {"spec": {key: value}}


def _mutate_loop(loop: dict[str, Value], key: str) -> dict[str, Value]:
    names = ("list", "context", "preconditions")
    kept: dict[str, Value] = {name: loop[name] for name in names if name in loop}
    return {**kept, "patchStrategicMerge": _under(key, loop.get("patchStrategicMerge"))}


def _validate(validate: dict[str, Value], key: str, shift: str) -> dict[str, Value] | None:
    """The first of the ways to validate that is there, and what stays of the rest; None for those never lifted."""
    kept = {name: validate[name] for name in _KEPT if name in validate}
    made: dict[str, Value]
    if validate.get("pattern") is not None:
        pivot, made = "pattern", {"pattern": _under(key, validate["pattern"])}
    elif validate.get("deny") is not None:
        pivot, made = "deny", {"deny": validate["deny"]}
    elif validate.get("podSecurity") is not None:
        pivot, made = "podSecurity", {"podSecurity": validate["podSecurity"]}
    elif validate.get("anyPattern") is not None:
        patterns = validate["anyPattern"] if type(validate["anyPattern"]) is list else []
        pivot, made = "anyPattern", {"anyPattern": [_under(key, pattern) for pattern in patterns]}
    elif validate.get("foreach"):
        pivot, made = "pattern", {"foreach": validate["foreach"]}
    else:
        return validate if validate.get("cel") else None
    if "message" in validate:
        made["message"] = _shifted(validate["message"], shift, pivot)
    return {**kept, **made}


def _shifted(message: str, shift: str, pivot: str) -> str:
    """The message with its ``$(...)`` references pointed deeper (FindAndShiftReferences, vars.go).

    From an anyPattern reference on, the pivot keeps the index it found, as upstream.
    """
    for found in _REFERENCE.findall(message):
        reference = found if found.startswith("$(") else found[1:]
        if pivot == "anyPattern":
            pivot += "/" + reference[reference.find(pivot) + len(pivot) + 1 :].split("/", 1)[0]
        lead = found[: len(found) - len(reference)]
        message = message.replace(found, lead + reference.replace(pivot, f"{pivot}/{shift}"), 1)
    return message


def _without_empty_any(part: RawRule) -> RawRule:
    """A rule, or what stands in it, as Go writes it: an ``any`` without conditions is gone (AnyAllConditions)."""
    written = {**part}
    for name in ("preconditions", "conditions"):
        block = written.get(name)
        if isinstance(block, dict) and block.get("any") == []:
            written[name] = {key: value for key, value in block.items() if key != "any"}
    for name in ("validate", "mutate", "deny"):
        if isinstance(written.get(name), dict):
            written[name] = _without_empty_any(written[name])
    if isinstance(written.get("foreach"), list):
        written["foreach"] = [_without_empty_any(loop) for loop in written["foreach"]]
    return written


def _rewritten(rule: Rule, prefix: str, raw: RawRule, job: str) -> Rule:
    """The finished rule: named after the one it came from, its paths pointed at the pod template."""
    name = f"{prefix}-{rule.name}"[:_NAME_LENGTH]
    spec = f"spec.{job}template."
    cel = (raw.get("validate") or {}).get("cel") is not None
    start = "" if cel else "request."
    changes = [
        (f"{start}{holder}.{part}", f"{start}{holder}.{spec}{part}")
        for part in ("spec", "metadata")
        for holder in ("object", "oldObject")
    ]
    kept = {key: value for key, value in raw.items() if key not in ("generate", "imageExtractors")}
    text: RawRule = _without_empty_any({**kept, "name": name})
    if mentions(text, f"{start}object.") or mentions(text, f"{start}oldObject."):
        text = _replaced(text, changes)
    return Rule(text["name"], text, rule.index)


def _replaced(value: Value, changes: list[tuple[str, str]]) -> Value:
    match value:
        case str():
            for old, new in changes:
                value = value.replace(old, new)
            return value
        case dict():
            return {_replaced(key, changes): _replaced(inner, changes) for key, inner in value.items()}
        case list():
            return [_replaced(inner, changes) for inner in value]
    return value
