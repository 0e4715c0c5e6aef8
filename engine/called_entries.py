"""Context entries that ask a cluster: ``apiCall`` and ``globalReference`` (upstream: pkg/engine/context/loaders)."""

from __future__ import annotations

import posixpath

from msgspec import Struct

from engine import jmespath, variables
from engine.api import ApiMocks
from engine.context import ABSENT, Absent, Context
from engine.errors import EngineError
from engine.model import Value
from engine.regex import later
from engine.values.numbers import floats
from engine.variables import Template

_NAMESPACE = later(r"/apis?/.*?/namespaces/([^/]+)/?.*")


class ApiCallEntry(Struct, frozen=True):
    """``apiCall``: the answer of the API server, of a mock, or the default where neither answers."""

    name: str
    call: Template
    path: Template | None
    default: Value
    written: tuple[str, str]
    policy_namespace: str
    merges: bool = True

    def load(self, context: Context) -> Value | Absent:
        """The answer, and what ``jmesPath`` makes of it (pkg/engine/apicall/apiCall.go)."""
        if context.cluster.api_mocks:
            mocked = self._mocked(context, context.cluster.api_mocks)
            if not isinstance(mocked, Absent):
                return mocked
        if context.cluster.api is None:
            return ABSENT
        try:
            value = self._fetched(context)
        except EngineError as error:
            raise EngineError(f"failed to fetch data for APICall: {error}") from error
        if value is self.default and value is not None:
            return value
        try:
            return self._transformed(value, context)
        except EngineError as error:
            raise EngineError(f"failed to store data for APICall: {error}") from error

    def _mocked(self, context: Context, mocks: ApiMocks) -> Value | Absent:
        """The body of a mock and what ``jmesPath`` makes of it (store/contextloader.go)."""
        try:
            call = self.call(context)
        except EngineError as error:
            where = f'failed to substitute variables in apiCall context entry "{self.name}"'
            raise EngineError(f"{where}: {error}") from error
        url = call["service"].get("url", "") if call.get("service") is not None else call.get("urlPath", "")
        found = mocks.find(call.get("method") or "GET", url) if url else None
        if found is None:
            return ABSENT
        if not 200 <= found.status < 300:
            where = f'apiCall mock for context entry "{self.name}"'
            raise EngineError(f"HTTP {found.status} from {where} (v1 apiCall treats non-2xx as failure)")
        path = call.get("jmesPath")
        if not path:
            return found.body
        return _searched(path, found.body, f'JMESPath "{path}" for context entry "{self.name}"', context)

    def _fetched(self, context: Context) -> Value:
        try:
            call = self.call(context)
        except EngineError as error:
            where = f"failed to substitute variables in context entry {self.name} {self.written[0]}"
            raise EngineError(f"{where}: {error}") from error
        if self.policy_namespace:
            self._stay_home(call.get("urlPath", ""))
        try:
            return self._executed(call, context)
        except EngineError:
            if self.default is None:
                raise
            return self.default

    def _stay_home(self, path: str) -> None:
        """A namespaced policy reads nothing outside its namespace."""
        clean = posixpath.normpath(path) if path else "."
        found = _NAMESPACE.fullmatch(clean)
        if found is None:
            text = "does not contain a namespace segment, which is required for namespaced policies"
            raise EngineError(f"path {clean} {text}")
        if found[1] != self.policy_namespace:
            raise EngineError(
                f"path {clean} refers to namespace {found[1]}, "
                f"which is different from the policy namespace {self.policy_namespace}"
            )

    def _executed(self, call: dict[str, Value], context: Context) -> Value:
        path, method = call.get("urlPath"), call.get("method") or "GET"
        if not path:
            url = (call.get("service") or {}).get("url", "")
            raise EngineError(f"failed to execute HTTP request for APICall {self.name}: no service is asked, not {url}")
        api = context.cluster.api
        if api is None:
            raise EngineError(f"failed to {method} resource with raw url: {path}: no resources are known")
        try:
            return api.call(method, path)
        except EngineError as error:
            raise EngineError(f"failed to {method} resource with raw url: {path}: {error}") from error

    def _transformed(self, value: Value, context: Context) -> Value:
        if self.path is None:
            return floats(value)
        try:
            path = str(self.path(context))
        except EngineError as error:
            where = f"failed to substitute variables in context entry {self.name} JMESPath {self.written[1]}"
            raise EngineError(f"{where}: {error}") from error
        return _searched(path, floats(value), f"JMESPath {path} for context entry {self.name}", context)


class GlobalReferenceEntry(Struct, frozen=True):
    """``globalReference``: a GlobalContextEntry, or a projection of one."""

    name: str
    reference: Template
    merges: bool = True

    def load(self, context: Context) -> Value | Absent:
        """The value, and what ``jmesPath`` makes of it (loaders/globalcontext.go)."""
        try:
            return self._fetched(context)
        except EngineError as error:
            raise EngineError(f"failed to marshal APICall data for context entry {self.name}: {error}") from error

    def _fetched(self, context: Context) -> Value:
        reference = self.reference(context)
        name, _, projection = str(reference.get("name", "")).partition(".")
        entry = (context.cluster.global_context or {}).get(name)
        if entry is None:
            raise EngineError(f"failed to fetch entry key={name}")
        value = entry.get(projection.partition(".")[0], context.cluster.runtime)
        path = reference.get("jmesPath")
        if not path:
            return floats(value)
        return _searched(path, value, f"JMESPath {path} for context entry {self.name}", context)


def _searched(path: str, value: Value, what: str, context: Context) -> Value:
    try:
        return floats(jmespath.compile(path).within(value, context.evaluation))
    except EngineError as error:
        raise EngineError(f"failed to apply {what}: {error}") from error


def api_call(name: str, raw: dict[str, Value], policy_namespace: str) -> ApiCallEntry:
    """Compile an ``apiCall`` entry."""
    path = str(raw.get("jmesPath") or "")
    return ApiCallEntry(
        name=name,
        call=variables.compile(floats(raw)),
        path=variables.compile(path) if path else None,
        default=floats(raw.get("default")),
        written=(str(raw.get("urlPath") or ""), path),
        policy_namespace=policy_namespace,
    )


def global_reference(name: str, raw: dict[str, Value]) -> GlobalReferenceEntry:
    """Compile a ``globalReference`` entry."""
    return GlobalReferenceEntry(name, variables.compile(raw))
