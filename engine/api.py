"""What an API server would answer, as far as known resources can tell (upstream: pkg/clients/dclient/client.go).

The reference's ``apply`` answers API calls from a fake client that holds the resources it was given; an inventory
that is ``offline`` is answered for as that client does, wrong words included. Else paths are read as an API server
reads them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from engine import selectors
from engine.errors import EngineError
from engine.inventory import BUILT_IN, NOWHERE, Inventory, Place, known_kind
from engine.model import Value
from engine.values.numbers import floats


class Target(Struct, frozen=True):
    """What a path asks for; ``name`` is "" for a list, ``namespace`` "" for all or none."""

    place: Place
    namespace: str
    name: str


class Api(Struct, frozen=True):
    """Answers raw API paths from an inventory."""

    inventory: Inventory

    @property
    def offline(self) -> bool:
        """Whether to answer no better than the reference's fake client."""
        return self.inventory.offline

    def call(self, method: str, path: str) -> Value:
        """The JSON document that the path leads to; raises EngineError with the client's text."""
        if method != "GET":
            raise EngineError(f"method {method} not supported for fake client")
        path, _, query = path.partition("?") if not self.offline else (path, "", "")
        target = _target(path, self.offline)
        place, kind = self._resolved(target.place)
        if target.name:
            return self._object(place, kind, target)
        return self._list(place, kind, target, _selector(query))

    def _object(self, place: Place, kind: str, target: Target) -> Value:
        found = self.inventory.get(place, target.namespace, target.name)
        if found is None:
            what = f"{_api_version(target.place, place)}/{kind}/{target.name}"
            raise EngineError(f'failed to get resource {what}: {place.qualified} "{target.name}" not found')
        return found

    def _list(self, place: Place, kind: str, target: Target, selector: str) -> Value:
        if place == NOWHERE and not known_kind(target.place):
            where = f'in namespace "{target.namespace}"' if target.namespace else "(cluster-scoped or all namespaces)"
            what = f"{target.place.api_version}/{kind} {where}"
            raise EngineError(f"failed to list resources {what}: no resource of that kind is known")
        items = self.inventory.listed(place, target.namespace)
        return {
            "apiVersion": (target.place if place == NOWHERE else place).api_version,
            "items": _selected(items, selector) if selector else items,
            "kind": f"{kind}List",
            "metadata": {"continue": "", "resourceVersion": self.inventory.revision(place)},
        }

    def _resolved(self, asked: Place) -> tuple[Place, str]:
        """The place that really holds what is asked for, and its kind.

        A version that no resource has leads to one that some have: the fake client looks at plurals only.
        """
        kind = self.inventory.kinds.get(asked)
        if kind is not None:
            return asked, kind
        kind = known_kind(asked) if not self.offline else ""
        kind = kind or guess_kind(asked.plural)
        exact = [place for place, name in self.inventory.kinds.items() if (*asked[:2], kind) == (*place[:2], name)]
        if exact:
            return exact[0], kind
        plural = f"{kind.lower()}s" if self.offline else asked.plural
        places = (*self.inventory.kinds, *BUILT_IN)
        if not self.offline:
            places = tuple(place for place in places if place.group == asked.group)
        return next((place for place in places if place.plural == plural), NOWHERE), kind


def _api_version(asked: Place, found: Place) -> str:
    return (asked if found == NOWHERE else found).api_version


def guess_kind(plural: str) -> str:
    """The kind that the fake client reads from a plural: ``Pod``, but also ``Servic``."""
    if plural.endswith("ies"):
        name = f"{plural[:-3]}y"
    else:
        name = plural[:-2] if plural.endswith("es") else plural.removesuffix("s")
    return name[:1].upper() + name[1:]


def _target(path: str, offline: bool) -> Target:
    """Upstream's reading of a path; only ``offline`` it has no words for a Namespace itself."""
    plain = path.removeprefix("/")
    match plain.split("/"):
        case ["api", version, *rest]:
            group = ""
        case ["apis", group, version, *rest]:
            pass
        case _:
            rest = []
    match rest:
        case ["namespaces", name] if not offline:
            found = Target(Place(group, version, "namespaces"), "", name)
        case ["namespaces", namespace, *inner]:
            found = Target(Place(group, version, inner[0] if inner else ""), namespace, _second(inner))
        case [plural, *inner]:
            found = Target(Place(group, version, plural), "", inner[0] if inner else "")
        case _:
            raise EngineError(f"failed to parse path: {plain}")
    if not found.place.plural:
        raise EngineError(f"failed to parse path: {plain}")
    return found


def _second(parts: Sequence[str]) -> str:
    return parts[1] if len(parts) > 1 else ""


def _selector(query: str) -> str:
    """The label selector of a query string; the other options change nothing that is answered here."""
    if not query:
        return ""
    from urllib.parse import parse_qs

    return ",".join(parse_qs(query).get("labelSelector", ()))


def _selected(items: list[Value], selector: str) -> list[Value]:
    matches = selectors.compile(selectors.parse(selector))
    return [item for item in items if matches((item.get("metadata") or {}).get("labels") or {})]


class MockAnswer(Struct, frozen=True):
    """What a mock answers: an HTTP status and a JSON document."""

    status: int
    body: Value


class ApiMocks(Struct, frozen=True):
    """The ``apiCallResponses`` of a test: by URL, or by method and URL, which goes first."""

    answers: Mapping[str, MockAnswer]

    def __bool__(self) -> bool:
        return bool(self.answers)

    def find(self, method: str, url: str) -> MockAnswer | None:
        """The answer to a call, None where it is not mocked."""
        return self.answers.get(f"{method}:{url}") or self.answers.get(url)


def mocks(raw: Iterable[dict[str, Value]]) -> ApiMocks:
    """The mocks of a test file (upstream: buildAPICallURLIndex in store/contextloader.go)."""
    answers = {}
    for item in raw:
        url = str(item.get("url") or "").strip() or str(item.get("urlPath") or "").strip()
        method = str(item.get("method") or "").strip().upper()
        response = item.get("response") or {}
        answer = MockAnswer(int(response.get("statusCode") or 200), floats(response.get("body")))
        answers[f"{method}:{url}" if method else url] = answer
    return ApiMocks(answers)
