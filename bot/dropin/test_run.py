"""One test document through the judge (upstream: commands/test/test.go, runTest)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from bot.dropin import inputs, resource_inputs, surroundings, values
from bot.dropin.payloads import read_payload
from bot.dropin.run import Asked, Run, with_registry
from bot.dropin.strict import FileError, place
from bot.dropin.surroundings import Surroundings
from bot.dropin.test_file import Test
from bot.dropin.values import Values
from engine.cel_records import CelPolicySet
from engine.match import UserInfo
from engine.model import Problem, RuleResponse
from engine.policies import Policy
from engine.resources import Resource

if TYPE_CHECKING:
    from bot.dropin.cel_run import CelRun

Echo = Callable[[str], None]


class Key(NamedTuple):
    """What rows name a resource by."""

    api_version: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        """``v1/Pod/default/web``; a JSON document has nothing but a name (output/color/color.go, Resource)."""
        if self.kind:
            return "/".join(self)
        return self.name if "/" in self.name else f"/{self.name}"


class Answers(Struct):
    """What was answered to each resource, by operation ("" where a row states none).

    ``refused`` are policies that validation refuses, with its words; ``foreign`` those of kinds that are not
    evaluated, with the reason. ``targets`` are resources that others changed, with who did and what came out.
    """

    by_operation: dict[str, dict[Key, list[Asked]]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    foreign: dict[str, str] = field(default_factory=dict)
    targets: dict[Key, list[tuple[Asked, RuleResponse, Resource]]] = field(default_factory=dict)


def run(test: Test, operations: Iterable[str], echo: Echo, *, registry: bool) -> Answers:
    """Judge the resources of a test; raises FileError where the reference gives up."""
    echo(f"Loading test {test.spec.get('name', '')} ( {test.path} ) ...")
    echo("  Loading values/variables ...")
    vals = _values(test)
    user = _user(test, echo)
    echo("  Loading policies ...")
    found = _policies(test, echo)
    echo("  Loading resources ...")
    judged = _unique(_resources(test, "resources", echo), echo)
    payloads = _payloads(test, echo)
    targets = _resources(test, "targetResources", echo)
    params = _resources(test, "paramResources", echo)
    others = [*targets, *params]
    if test.spec.get("clusterResources"):
        echo("Loading Kubernetes resources ...")
    around = surroundings.of_test(test, [*judged.values(), *others])
    echo("  Loading exceptions ...")
    exceptions = _exceptions(test)
    count = len(found.policies) + len(found.refused) + len(found.foreign) + len(found.cel.policies)
    words = _counted(count, "policy", "policies"), _counted(len(judged), "resource", "resources")
    echo(f"  Applying {words[0]} to {words[1]} with {_counted(len(exceptions), 'exception', 'exceptions')} ...")
    answers = Answers()
    chosen = _valid(found, answers)
    known = with_registry(around.cluster) if registry else around.cluster
    asking = replace(around, cluster=known)
    cel = _cel(found.cel, exceptions, vals, asking, user, None if around.complete else params, targets)
    judge = Run(chosen, exceptions.classic, vals, known, user, cel)
    for operation in dict.fromkeys(("", *sorted(operations))):
        by_resource = answers.by_operation[operation] = {}
        for key, resource in judged.items():
            around.check(resource, vals)
            by_resource[key] = [*judge.ask(resource, operation, silent=True), *judge.verify_images(resource, operation)]
            if not operation:  # it happens to what is there, whatever is admitted
                by_resource[key] += judge.delete(resource)
    for payload in payloads:
        key = Key("", "", "", payload.document.file)
        answers.by_operation[""][key] = [] if cel is None else list(cel.judge_json(payload))
    answers.targets = _targets(targets, answers)
    return answers


def _cel(
    found: CelPolicySet,
    exceptions: inputs.Exceptions,
    vals: Values,
    around: Surroundings,
    user: UserInfo | None,
    params: list[Resource] | None,
    targets: list[Resource],
) -> CelRun | None:
    """What asks the policies in CEL, where there are some."""
    if not found.policies:
        return None
    from bot.dropin.cel_run import CelRun

    if exceptions.classic and any(policy.kind == "ValidatingAdmissionPolicy" for policy in found.policies):
        raise FileError("error: use of exceptions with ValidatingAdmissionPolicies is not supported")
    asked = replace(found, exceptions=tuple(exceptions.cel))
    return CelRun(asked, vals, around.cluster, user, params, around.schemas(), targets)


def _payloads(test: Test, echo: Echo) -> list[Resource]:
    """The JSON documents of a test, each named as the test names it."""
    if test.payloads:
        echo("  Loading JSON payloads ...")
    found = []
    for name in test.payloads:
        try:
            found.append(read_payload(test.folder / name, name))
        except FileError as error:
            raise FileError(f"error: failed to load JSON payload {name} ({error})") from error
    return found


def _targets(targets: Iterable[Resource], answers: Answers) -> dict[Key, list[tuple[Asked, RuleResponse, Resource]]]:
    """The answers that patched a target resource, in the order of all answers; of each its first (output.go)."""
    every = [one for by_key in answers.by_operation.values() for asked in by_key.values() for one in asked]
    found: dict[Key, list[tuple[Asked, RuleResponse, Resource]]] = {}
    for target in targets:
        key = _key(target)
        for asked in every:
            for rule in asked.rules:
                patched = None if rule.target is None else Resource(rule.target, target.document, target.base)
                if patched is not None and _key(patched) == key:
                    found.setdefault(key, []).append((asked, rule, patched))
                    break
    return found


def _key(resource: Resource) -> Key:
    name = (resource.value.get("metadata") or {}).get("name")
    return Key(resource.api_version, resource.kind, resource.namespace, name if isinstance(name, str) else "")


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _values(test: Test) -> Values:
    try:
        inline = test.spec.get("values")
        if inline is not None:
            return values.of_spec(inline)
        file = test.spec.get("variables")
        return values.read(test.folder / file) if file else Values()
    except FileError as error:
        raise FileError(f"failed to decode yaml ({error})") from error


def _user(test: Test, echo: Echo) -> UserInfo | None:
    file = test.spec.get("userinfo")
    if not file:
        return None
    echo("  Loading user infos ...")
    try:
        user, is_current = values.read_user(test.folder / file)
    except FileError as error:
        raise FileError(f"error: {error}") from error
    if not is_current:
        raise FileError(f"userInfo file {file} needs an apiVersion (cli.kyverno.io/v1alpha1) and a kind (UserInfo)")
    return user


def _policies(test: Test, echo: Echo) -> inputs.Policies:
    found = inputs.Policies()
    for path in test.paths("policies"):
        try:
            found.add(inputs.read_policies(path))
        except FileError as error:
            raise FileError(f"error: failed to load policies ({error})") from error
    for problem in found.dropped:
        echo(f"  ERROR: {place(problem)}")
    return found


def _resources(test: Test, name: str, echo: Echo) -> list[Resource]:
    try:
        return resource_inputs.read_resources(test.paths(name), echo)
    except FileError as error:
        what = {"targetResources": "target resources", "paramResources": "parameter resources"}.get(name, "resources")
        raise FileError(f"error: failed to load {what} ({error})") from error


def _unique(found: Sequence[Resource], echo: Echo) -> dict[Key, Resource]:
    """The first of each group, kind, namespace and name."""
    seen: set[tuple[str, str, str, str]] = set()
    unique: dict[Key, Resource] = {}
    for resource in found:
        key = _key(resource)
        identity = (resource.group, *key[1:])
        if identity in seen:
            echo(f"  warning: found duplicated resource {key.kind} {key.name} {key.namespace}")
            continue
        seen.add(identity)
        unique[key] = resource
    return unique


def _exceptions(test: Test) -> inputs.Exceptions:
    try:
        return inputs.read_exceptions(test.paths("exceptions"))
    except FileError as error:
        raise FileError(f"error: failed to load exceptions ({error})") from error


def _valid(found: inputs.Policies, answers: Answers) -> list[Policy]:
    """The policies that are asked; notes why others are not."""
    for kind, _, name in found.foreign:
        answers.foreign[name] = f"{kind} judges the requests of a proxy"
    for policy, problems in found.refused:
        if inputs.is_skipped(problems[0]):
            answers.foreign[policy.name] = _reason(problems[0])
        else:
            from engine import validation

            answers.refused[policy.name] = validation.reason(policy, problems, namespaced=None)
    return found.policies


def _reason(problem: Problem) -> str:
    return problem.message.rpartition(": ")[2]
