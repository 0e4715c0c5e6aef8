"""What is checked of each rule after the shape of the whole (upstream: the loop over rules in validate.go)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from engine.model import Path, Value
from engine.policies import Policy, Rule
from engine.schema import Fault
from engine.validation import actions, conditions, context, images, json_patch, metadata, variables
from engine.validation.conditions import Refusal
from engine.validation.faults import invalid
from engine.validation.structure import user_info
from engine.validation.texts import VARIABLE, texts

_ANY_ALL = "can't specify any/all together with"
Check = Callable[[Value, str], Iterator[Refusal]]


def check(policy: Policy) -> Iterator[Fault]:
    """Of each rule the first thing that is wrong with it."""
    for rule in policy.rules:
        for step in _STEPS:
            found = next(iter(step(policy, rule)), None)
            if found is not None:
                yield found
                break


def _json_patch(_policy: Policy, rule: Rule) -> Iterator[Fault]:
    yield from json_patch.check(rule)


def _resources(_policy: Policy, rule: Rule) -> Iterator[Fault]:
    for where, text, path in (*_blocks(rule), *_conditions(rule)):
        message = f"path: spec.rules[{rule.index}].{where}: {text}"
        yield invalid(message, "spec", "rules", rule.index, *path)


def _blocks(rule: Rule) -> Iterator[Refusal]:
    match, exclude = rule.raw.get("match") or {}, rule.raw.get("exclude") or {}
    for fault in user_info(exclude, ("spec", "rules", rule.index, "exclude")):
        yield Refusal("exclude", fault.message, ("exclude",))
    for name, block in (("exclude", exclude), ("match", match)):
        if (block.get("any") or block.get("all")) and block.get("resources"):
            yield Refusal(f"{name}.", f"{_ANY_ALL} {name} resources", (name,))
    for list_name in ("any", "all"):
        if match.get(list_name):
            for index, item in enumerate(match[list_name]):
                if not item.get("resources"):
                    yield Refusal("match.resources.", "match resources not specified", ("match", list_name, index))
            return
    if not match.get("resources"):
        yield Refusal("match.resources.", "match resources not specified", ("match",))


def _conditions(rule: Rule) -> Iterator[Refusal]:
    raw = rule.raw
    both: tuple[Check, ...] = (conditions.complete, conditions.known_operators)
    yield from _of(raw.get("preconditions"), "preconditions", "validate.", ("preconditions",), both)
    deny = (raw.get("validate") or {}).get("deny") or {}
    path: Path = ("validate", "deny", "conditions")
    yield from _of(deny.get("conditions"), "conditions", "validate.deny.", path, both)
    for action in ("validate", "mutate"):
        loops = (raw.get(action) or {}).get("foreach") or []
        yield from _loops(loops, f"{action}.foreach.", (action, "foreach"))
    for index, entry in enumerate(raw.get("verifyImages") or ()):
        place: Path = ("verifyImages", index, "validate", "deny", "conditions")
        block = ((entry.get("validate") or {}).get("deny") or {}).get("conditions")
        yield from _of(block, "conditions", "imageVerify.validate.deny.", place, both)


def _of(block: Value, name: str, prefix: str, path: Path, checks: tuple[Check, ...]) -> Iterator[Refusal]:
    for found in (refusal for checking in checks for refusal in checking(block, name)):
        yield Refusal(prefix + found.where, found.text, (*path, *found.path))


def _loops(loops: list[dict[str, Value]], prefix: str, path: Path) -> Iterator[Refusal]:
    """In loops only the operators are looked at."""
    operators: tuple[Check, ...] = (conditions.known_operators,)
    for index, loop in enumerate(loops):
        place = (*path, index)
        yield from _of(loop.get("preconditions"), "conditions", prefix, (*place, "preconditions"), operators)
        deny = (loop.get("deny") or {}).get("conditions")
        yield from _of(deny, "conditions", f"{prefix}deny.", (*place, "deny", "conditions"), operators)
        yield from _loops(loop.get("foreach") or [], prefix + prefix, (*place, "foreach"))


def _elements(_policy: Policy, rule: Rule) -> Iterator[Fault]:
    """``element`` has a value inside loops alone; a message counts as outside."""
    for text in texts(rule.raw):
        if "{{" not in text.value or "/foreach/" in text.pointer:
            continue
        for _, variable in VARIABLE.findall(text.value):
            name = variable.replace("{{", "").replace("}}", "").strip().removeprefix("-").strip()
            if name.startswith("element"):
                message = f"variable '{name}' present outside of foreach at path {text.pointer}"
                yield invalid(message, "spec", "rules", rule.index, *text.path)


def _context(_policy: Policy, rule: Rule) -> Iterator[Fault]:
    yield from context.check(rule)


def _extractors(_policy: Policy, rule: Rule) -> Iterator[Fault]:
    text = images.extractor_fault(rule)
    if text:
        yield invalid(f"path: spec.rules[{rule.index}]: {text}", "spec", "rules", rule.index, "imageExtractors")


def _kinds(_policy: Policy, rule: Rule) -> Iterator[Fault]:
    match = rule.raw.get("match") or {}
    filters = match.get("any") or match.get("all") or [match]
    for index, item in enumerate(filters):
        if not (item.get("resources") or {}).get("kinds"):
            text = (
                "at least one element must be specified in a kind block, the kind attribute is mandatory when "
                "working with the resources element"
            )
            if not metadata.only_metadata(rule):
                text = metadata.METADATA_ONLY
            name = next((name for name in ("any", "all") if match.get(name)), None)
            yield invalid(text, "spec", "rules", rule.index, "match", *((name, index) if name else ()))


def _action(_policy: Policy, rule: Rule) -> Iterator[Fault]:
    yield from actions.check(rule)


def _images(policy: Policy, rule: Rule) -> Iterator[Fault]:
    if rule.has_verify_images:
        yield from images.check(policy, rule)


def _strings(_policy: Policy, rule: Rule) -> Iterator[Fault]:
    if not metadata.has_string_values(rule):
        action = "validate" if rule.has_validate else "mutate"
        yield invalid(metadata.NOT_STRINGS, "spec", "rules", rule.index, action)


def _on_update(policy: Policy, rule: Rule) -> Iterator[Fault]:
    if rule.has_mutate:
        own = rule.raw["mutate"].get("mutateExistingOnPolicyUpdate")
        if policy.spec.get("mutateExistingOnPolicyUpdate") if own is None else own:
            yield from variables.check_update(policy)


_STEPS: tuple[Callable[[Policy, Rule], Iterator[Fault]], ...] = (
    _json_patch,
    _resources,
    _elements,
    _context,
    _extractors,
    _kinds,
    _action,
    _images,
    _strings,
    _on_update,
)
