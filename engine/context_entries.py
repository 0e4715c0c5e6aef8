"""The entries of a rule's ``context``, compiled once (upstream: pkg/engine/context/loaders)."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from engine import jmespath, variables
from engine.context import Absent, Context, Entry
from engine.errors import EngineError, QueryError
from engine.model import Value
from engine.values import golang
from engine.values.numbers import floats
from engine.variables import Template

_KINDS = ("configMap", "apiCall", "globalReference", "imageRegistry", "variable")
"""The kinds of entries, in the order in which upstream looks for them."""


class Declared(Struct, frozen=True):
    """The entries that a rule, or an element of a foreach, declares; which of them exist depends on the cluster.

    ``asked[i]`` is the kind of entry that the cluster has to answer, "" where ``entries[i]`` needs none.
    """

    entries: tuple[Entry, ...]
    asked: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.entries)

    def available(self, context: Context) -> Sequence[Entry]:
        """The entries that this cluster can answer."""
        if not any(self.asked):
            return self.entries
        answered = context.cluster.answered
        return [entry for entry, kind in zip(self.entries, self.asked, strict=True) if not kind or kind in answered]


def compile(raw: Sequence[dict[str, Value]] | None, policy_namespace: str) -> Declared:
    """Compile the list of context entries of a rule.

    An entry that nobody can answer is not created, as in the reference (factories/contextloaderfactory.go): values
    that the user supplies take its place.
    """
    entries: list[Entry] = []
    asked: list[str] = []
    for item in raw or ():
        kind = next((kind for kind in _KINDS if item.get(kind) is not None), "")
        if kind:
            entries.append(_entry(kind, str(item.get("name", "")), item[kind], policy_namespace))
            asked.append("" if kind == "variable" else kind)
    return Declared(tuple(entries), tuple(asked))


def _entry(kind: str, name: str, raw: dict[str, Value], policy_namespace: str) -> Entry:
    match kind:
        case "variable":
            return _variable(name, raw)
        case "configMap":
            return _config_map(name, raw, policy_namespace)
        case "imageRegistry":
            from engine import registry_entries  # only a few policies need it

            return registry_entries.image_registry(name, raw)
    from engine import called_entries  # only a few policies need it

    if kind == "apiCall":
        return called_entries.api_call(name, raw, policy_namespace)
    return called_entries.global_reference(name, raw)


class VariableEntry(Struct, frozen=True):
    """``variable``: a value, a JMESPath expression over it or over the context, and a default."""

    name: str
    value: Template | None
    path: Template | None
    default: Template | None
    written: tuple[Value, str, Value]
    merges: bool = False

    def load(self, context: Context) -> Value | Absent:
        """The value; a null result is an error (loaders/variable.go)."""
        raw_value, raw_path, raw_default = self.written
        path = _substituted(self.name, self.path, raw_path, context) if self.path else ""
        if not isinstance(path, str):
            raise EngineError(f"jmespath value must be a string {self.name} {raw_path}: <nil>")
        default = _substituted(self.name, self.default, raw_default, context) if self.default else None
        output = default
        if self.value is not None:
            given = _substituted(self.name, self.value, raw_value, context)
            output = self._applied(path, given, default, context) if path else given
        elif path:
            found = self._queried(path, default, context)
            output = default if found is None else found
        if output is None:
            raise EngineError(f"failed to add context entry for variable {self.name} since it evaluated to nil")
        return floats(output)

    def _applied(self, path: str, given: Value, default: Value, context: Context) -> Value:
        try:
            try:
                query = jmespath.compile(path)
            except QueryError as error:
                raise QueryError(f"failed to compile JMESPath: {path}, error: {error}") from error
            return query.within(given, context.evaluation)
        except QueryError as error:
            if default is None:
                raise EngineError(f"failed to apply jmespath {path} to variable <nil>: {error}") from error
            return default

    def _queried(self, path: str, default: Value, context: Context) -> Value:
        try:
            return context.query(path)
        except QueryError as error:
            if default is None:
                raise EngineError(f"failed to apply jmespath {path} to variable <nil>: {error}") from error
            return default


class ConfigMapEntry(Struct, frozen=True):
    """``configMap``: data and metadata of a ConfigMap of the repository."""

    name: str
    config_map: Template
    namespace: Template
    written: tuple[str, str]
    policy_namespace: str
    merges: bool = True

    def load(self, context: Context) -> Value | Absent:
        """``{data, metadata}`` of the ConfigMap (loaders/configmap.go)."""
        try:
            return self._fetch(context)
        except EngineError as error:
            text = f"failed to retrieve config map for context entry {self.name}: {error}"
            raise EngineError(text) from error

    def _fetch(self, context: Context) -> Value:
        name = self._text(context, self.config_map, "name", self.written[0])
        namespace = self._text(context, self.namespace, "namespace", self.written[1])
        namespace = namespace or self.policy_namespace or "default"
        if self.policy_namespace and namespace != self.policy_namespace:
            raise EngineError(
                f'context entry {self.name}: configMap namespace "{namespace}" is different from '
                f'policy namespace "{self.policy_namespace}"'
            )
        found = (context.cluster.config_maps or {}).get((namespace, name))
        if found is None:
            raise EngineError(f'failed to get configmap {namespace}/{name} : configmaps "{name}" not found')
        metadata = {"creationTimestamp": None, **found.get("metadata", {})}
        return {"data": found.get("data") or None, "metadata": metadata}

    def _text(self, context: Context, template: Template, field: str, written: str) -> str:
        where = f"failed to substitute variables in context {self.name} configMap.{field} {written}"
        try:
            value = template(context)
        except EngineError as error:
            raise EngineError(f"{where}: {error}") from error
        if not isinstance(value, str):
            raise EngineError(f"{where}: expected string, got {golang.type_name(value)}")
        return value


def _substituted(name: str, template: Template, written: Value, context: Context) -> Value:
    try:
        return template(context)
    except EngineError as error:
        shown = written if isinstance(written, str) else golang.sprint(written)
        raise EngineError(f"failed to substitute variables in context entry {name} {shown}: {error}") from error


def _variable(name: str, raw: dict[str, Value]) -> VariableEntry:
    value, path, default = floats(raw.get("value")), str(raw.get("jmesPath") or ""), floats(raw.get("default"))
    return VariableEntry(
        name=name,
        value=None if value is None else variables.compile(value),
        path=variables.compile(path) if path else None,
        default=None if default is None else variables.compile(default),
        written=(value, path, default),
    )


def _config_map(name: str, raw: dict[str, Value], policy_namespace: str) -> ConfigMapEntry:
    written = (str(raw.get("name") or ""), str(raw.get("namespace") or ""))
    return ConfigMapEntry(
        name=name,
        config_map=variables.compile(written[0]),
        namespace=variables.compile(written[1]),
        written=written,
        policy_namespace=policy_namespace,
    )
