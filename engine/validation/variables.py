"""Variables that a policy may not use (upstream: ValidateVariables, background.go, engine/context/mock_context.go)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from engine import jmespath, pointer, references
from engine.errors import EngineError, QueryError
from engine.model import Path, Value
from engine.policies import Policy, Rule
from engine.regex import later
from engine.schema import Fault
from engine.validation.faults import invalid
from engine.validation.images import has_image_validation
from engine.validation.json_patch import paths_of
from engine.validation.texts import PLAIN_VARIABLE, VARIABLE, Text, texts
from engine.values import wildcard

_MAX_ROUNDS = 16
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_CALL = r"([a-z_0-9]+\()[^{}]"
_IMAGES = r"images|images\.|image\."
_ACCOUNT = "serviceAccountName|serviceAccountNamespace|"
_ELEMENT = "element|elementIndex|@|"
_ANY = f"request|{_ACCOUNT}{_ELEMENT}images|image|{_CALL}"
_BACKGROUND = rf"request\.|{_ELEMENT}{_IMAGES}|{_CALL}"
_TARGET = rf"request\.|{_ACCOUNT}{_ELEMENT}{_IMAGES}|target\.|{_CALL}"
_BACKGROUND_TARGET = rf"request\.|{_ELEMENT}{_IMAGES}|target\.|{_CALL}"
_OF_THE_USER = tuple(
    later(rf"[^\.]({name})\b")
    for name in (
        "serviceAccountName",
        "serviceAccountNamespace",
        "request.userInfo",
        "request.roles",
        "request.clusterRoles",
    )
)


def check(policy: Policy) -> Iterator[Fault]:
    """Variables and user blocks that background mode forbids, and variables that nothing defines."""
    if policy.background:
        for fault in _of_users(policy):
            text = (
                "only select variables are allowed in background mode. Set spec.background=false to disable "
                f"background mode for this policy rule: {fault.message} "
            )
            yield fault._replace(message=text)
            return
    for fault in invalid_variables(policy, policy.background):
        yield fault._replace(message=f"policy contains invalid variables: {fault.message}")


def check_update(policy: Policy) -> Iterator[Fault]:
    """The same for a policy that mutates existing resources when it changes (ValidateOnPolicyUpdate)."""
    if not any(VARIABLE.search(text.value) for text in _all_texts(policy)):
        return
    for fault in invalid_variables(policy, True):
        yield fault._replace(message=f"update event, policy contains invalid variables: {fault.message}")
        return
    for fault in _of_users(policy):
        text = (
            "only select variables are allowed in on policy update. Set spec.mutateExistingOnPolicyUpdate=false to "
            f"disable update policy mode for this policy rule: {fault.message} "
        )
        yield fault._replace(message=text)


def _all_texts(policy: Policy) -> Iterator[Text]:
    annotations = {key: value for key, value in policy.annotations.items() if key != _LAST_APPLIED}
    yield from texts({"annotations": annotations, "labels": dict(policy.labels)}, ("metadata",))
    yield from texts(policy.spec, ("spec",))


def _of_users(policy: Policy) -> Iterator[Fault]:
    for rule in policy.rules:
        for block in ("match", "exclude"):
            yield from _user_blocks(rule, block)
    if any((rule.raw.get("mutate") or {}).get("targets") is not None for rule in policy.rules):
        return
    if not references.mentions([policy.annotations, policy.labels, policy.spec], "{{"):
        return
    for text in _all_texts(policy):
        for _, variable in VARIABLE.findall(text.value):
            if any(banned.search(variable) for banned in _OF_THE_USER):
                yield invalid(f"variable {variable} is not allowed", *text.path)


def _user_blocks(rule: Rule, name: str) -> Iterator[Fault]:
    block = rule.raw.get(name) or {}
    places: list[tuple[str, Path, dict[str, Value]]] = [(name, (name,), block)]
    for list_name in ("any", "all"):
        for index, item in enumerate(block.get(list_name) or ()):
            places.append((f"{name}/{list_name}[{index}]", (name, list_name, index), item))
    for place, path, item in places:
        used = next((field for field in ("roles", "clusterRoles", "subjects") if item.get(field)), None)
        if used:
            text = f"invalid variable used at path: spec/rules[{rule.index}]/{place}/{used}"
            yield invalid(text, "spec", "rules", rule.index, *path, used)


def invalid_variables(policy: Policy, background: bool) -> Iterator[Fault]:
    """Variables in places where none may be, and those that cannot be resolved whatever the request."""
    for rule in policy.rules:
        base: Path = ("spec", "rules", rule.index)
        found = _in_forbidden_places(rule)
        if found is not None:
            yield invalid(found[0], *base, *found[1])
            continue
        fault = _in_targets(rule, background) or _in_rule(rule, background)
        if fault is not None:
            yield invalid(fault[0], *base, *fault[1])


def _in_forbidden_places(rule: Rule) -> tuple[str, Path] | None:
    patch = (rule.raw.get("mutate") or {}).get("patchesJson6902")
    if patch and any(VARIABLE.search(path) for path in paths_of(patch) or ()):
        text = f'rule "{rule.name}" should not have variables in patchesJSON6902 path section'
        return text, ("mutate", "patchesJson6902")
    for block in ("exclude", "match"):
        filters = rule.raw.get(block) or {}
        for found in texts(filters, (block,)) if references.mentions(filters, "{{") else ():
            if PLAIN_VARIABLE.search(found.value):
                return f'rule "{rule.name}" should not have variables in {block} section', found.path
    for index, images in enumerate(rule.raw.get("verifyImages") or ()):
        for reference in [*(images.get("imageReferences") or ()), images.get("image", "")]:
            if VARIABLE.search(reference):
                message = f'rule "{rule.name}" should not have variables in image reference section'
                return message, ("verifyImages", index)
    return None


def _in_targets(rule: Rule, background: bool) -> tuple[str, Path] | None:
    """The names of mutation targets may not use the target that they find."""
    targets = (rule.raw.get("mutate") or {}).get("targets") or ()
    spec = ("apiVersion", "kind", "namespace", "name", "uid")
    for index, target in enumerate(targets):
        part: dict[str, Value] = {
            **{key: rule.raw[key] for key in ("context", "preconditions") if key in rule.raw},
            "mutate": {"targets": [{key: target[key] for key in spec if key in target}]},
        }
        allowed = _Allowed(_BACKGROUND if background else _ANY, tuple(_names(rule.raw.get("context"))))
        error = allowed.first_error(part)
        if error is not None:
            message = f"invalid variables defined at mutate.targets[{index}]: {error[0]}"
            path = error[1] if error[1][:1] != ("mutate",) else ("mutate", "targets", index, *error[1][3:])
            return message, path
    return None


def _in_rule(rule: Rule, background: bool) -> tuple[str, Path] | None:
    raw = dict(rule.raw)
    raw["verifyImages"] = [_without_conditions(images) for images in raw.get("verifyImages") or ()]
    if (raw.get("mutate") or {}).get("targets") is not None:
        regex = _BACKGROUND_TARGET if background else _TARGET
    else:
        regex = _BACKGROUND if background else _ANY
    error = _Allowed(regex, tuple(_defined(rule))).first_error(raw)
    if error is None:
        return None
    return f"variable substitution failed for rule {rule.name}: {error[0]}", error[1]


def _without_conditions(images: dict[str, Value]) -> dict[str, Value]:
    attestations = images.get("attestations") or ()
    kept = [{key: value for key, value in item.items() if key != "conditions"} for item in attestations]
    return {**images, "attestations": kept}


def _defined(rule: Rule) -> Iterator[str]:
    """What context entries define, as wildcards; those of nested loops are not counted, as upstream."""
    raw = rule.raw
    yield from _names(raw.get("context"))
    if has_image_validation(rule):
        for images in raw["verifyImages"]:
            for attestation in images.get("attestations") or ():
                yield f"{attestation.get('name', '')}*"
    for action, lists in (("validate", ("foreach",)), ("mutate", ("foreach", "targets")), ("generate", ("foreach",))):
        for name in lists:
            for item in (raw.get(action) or {}).get(name) or ():
                yield from _names(item.get("context"))


def _names(entries: Value) -> Iterator[str]:
    for entry in entries or ():
        name = entry["name"]
        if any(entry.get(key) is not None for key in ("apiCall", "globalReference", "imageRegistry", "variable")):
            yield f"{name}*"
        if entry.get("configMap") is not None:
            yield from (f"{name}.data", f"{name}.metadata", f"{name}.data.*", f"{name}.metadata.*")


class _Allowed(Struct, frozen=True):
    """The variables that may stand in a rule: what a regular expression finds, and wildcards."""

    regex: str
    patterns: tuple[str, ...]

    def first_error(self, document: dict[str, Value]) -> tuple[str, Path] | None:
        try:
            resolved = references.resolve(document)
        except EngineError as error:
            return str(error), ()
        for text in texts(resolved) if references.mentions(resolved, "{{") else ():
            if "{{" in text.value:
                error_text = self._error_in(text)
                if error_text:
                    return error_text, text.path
        return None

    def _error_in(self, text: Text) -> str:
        """Resolve every variable to null, inner ones first, and say what one of them cannot be."""
        value = text.value
        for _ in range(_MAX_ROUNDS):
            found = VARIABLE.findall(value)
            if not found:
                return ""
            for _before, variable in found:
                error = self._query(self._name(variable, text), text)
                if error or variable == value:
                    return error
            if _bare(found[-1][1])[1]:
                return ""
            value = VARIABLE.sub(r"\1null", value)
        return f"the variables at path {text.pointer} nest too deeply"

    def _name(self, variable: str, text: Text) -> str:
        name = _bare(variable)[0]
        if name == "@":
            return pointer.current(text.pointer, "target" if self._allows("target") else "request.object")
        return name

    def _query(self, name: str, text: Text) -> str:
        query = name.strip()
        where = f"failed to resolve {name} at path {text.pointer}: "
        if not query:
            return where + "invalid query (nil)"
        try:
            jmespath.compile(query)
        except QueryError as error:
            return f"{where}invalid JMESPath query {query}: {error}"
        except EngineError as error:
            return where + str(error)
        plain = query.replace('"', "")
        if self._allows(plain):
            return ""
        return f'variable {plain} must match regex "{self.regex}" or patterns [{" ".join(self.patterns)}]'

    def _allows(self, query: str) -> bool:
        return re.search(self.regex, query) is not None or any(
            wildcard.match(pattern, query) for pattern in self.patterns
        )


def _bare(variable: str) -> tuple[str, bool]:
    """The expression inside the braces, and whether it is shallow: not read again for variables."""
    name = variable.replace("{{", "").replace("}}", "").strip()
    return (name[1:].strip(), True) if name.startswith("-") else (name, False)
