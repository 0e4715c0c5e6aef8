"""The images of a resource, as the context knows them under ``images`` (upstream: pkg/utils/api/image.go)."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from engine import jmespath
from engine.context import ABSENT, Absent, Context
from engine.errors import EngineError
from engine.jmespath import Evaluation
from engine.jmespath.functions.images import image_reference
from engine.model import Value
from engine.values import golang

_TEMPLATE = ("spec", "template", "spec")
_TEMPLATES: dict[str, tuple[str, ...]] = {
    "Pod": ("spec",),
    "DaemonSet": _TEMPLATE,
    "Deployment": _TEMPLATE,
    "ReplicaSet": _TEMPLATE,
    "ReplicationController": _TEMPLATE,
    "StatefulSet": _TEMPLATE,
    "Job": _TEMPLATE,
    "CronJob": ("spec", "jobTemplate", *_TEMPLATE),
}
_LISTS = ("initContainers", "containers", "ephemeralContainers")


class ImagesEntry(Struct, frozen=True):
    """The context entry ``images``: {containers: {name: {registry, path, name, tag, ...}}, ...}."""

    name: str = "images"
    merges: bool = True
    supplied: bool = False

    def load(self, context: Context) -> Value | Absent:
        """The images of the resource under judgement; absent where it has none."""
        resource = context.request.new
        if resource is None:
            return ABSENT
        value = context.root["request"]["object"] if self.supplied else resource.value
        return extract(resource.kind, value) or ABSENT


IMAGES = (ImagesEntry(),)
SUPPLIED_IMAGES = (ImagesEntry(supplied=True),)
"""The same of an object in which a user's values stand."""


def extract(kind: str, value: Value) -> dict[str, Value]:
    """The images of a resource by list of containers and name; raises EngineError with the reference's text."""
    path = _TEMPLATES.get(kind)
    if path is None:
        return {}
    found: dict[str, Value] = {}
    for name in _LISTS:
        infos = _containers(value, (*path, name))
        if infos:
            found[name] = infos
    return found


def _containers(value: Value, path: tuple[str, ...]) -> dict[str, Value]:
    secrets: list[Value] = []
    for step in path:
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise EngineError("invalid image config")
        secrets += _pull_secrets(value)
        value = value.get(step)
    if value is None:
        return {}
    if isinstance(value, dict):
        items: list[tuple[str, Value]] = list(value.items())
    elif isinstance(value, list):
        items = [(str(index), item) for index, item in enumerate(value)]
    else:
        raise EngineError("invalid type")
    infos: dict[str, Value] = {}
    for index, container in items:
        if container is not None:
            infos.update(_container(container, f"/{'/'.join(path)}/{index}/image", secrets))
    return infos


def _pull_secrets(value: dict[str, Value]) -> list[Value]:
    secrets = value.get("imagePullSecrets")
    if not isinstance(secrets, list):
        return []
    return [item["name"] for item in secrets if isinstance(item, dict) and isinstance(item.get("name"), str)]


def _container(container: Value, pointer: str, secrets: list[Value]) -> dict[str, Value]:
    if not isinstance(container, dict):
        raise EngineError("invalid image config")
    name, image = container.get("name"), container.get("image")
    if not isinstance(name, str):
        raise EngineError("invalid key")
    if not isinstance(image, str) or not image.strip():
        return {}
    try:
        info = image_reference(image)
    except ValueError as error:
        raise EngineError(f"invalid image '{image}' ({error})") from error
    return {name: {**info, "jsonPointer": pointer, "imagePullSecrets": secrets or None}}


def custom(
    kind: str, value: Value, extractors: dict[str, list[dict[str, str]]], evaluation: Evaluation
) -> dict[str, Value]:
    """The images that ``imageExtractors`` find in a resource; those of :func:`extract` where they say nothing of its
    kind. Raises EngineError with the reference's text.
    """
    if kind not in extractors:
        return extract(kind, value)
    if not extractors[kind]:
        raise EngineError(f"failed to extract images: no extractors found for {kind}")
    found: dict[str, Value] = {}
    for config in extractors[kind]:
        extractor = _extractor(config, evaluation)
        infos = dict(extractor.walk(value, extractor.steps, ()))
        if infos:
            found[config.get("name") or "custom"] = infos  # upstream keeps the last of one name, too
    return found


class _Extractor(Struct, frozen=True):
    """``steps`` lead to the object whose field ``field`` is an image, "*" to all elements; ``key`` names it."""

    steps: tuple[str, ...]
    field: str
    key: str
    expression: str
    evaluation: Evaluation

    def walk(self, node: Value, steps: tuple[str, ...], path: tuple[str, ...]) -> Iterator[tuple[str, Value]]:
        if node is None:
            return
        if steps[:1] == ("*",):
            yield from self._each(node, steps[1:], path)
            return
        if not isinstance(node, dict):
            raise EngineError("failed to extract images: invalid image config")
        if steps:
            yield from self.walk(node.get(steps[0]), steps[1:], (*path, steps[0]))
        else:
            yield from self._image(node, f"/{'/'.join((*path, self.field))}")

    def _each(self, node: Value, steps: tuple[str, ...], path: tuple[str, ...]) -> Iterator[tuple[str, Value]]:
        if not isinstance(node, (list, dict)):
            raise EngineError("failed to extract images: invalid type")
        for place, item in enumerate(node) if isinstance(node, list) else node.items():
            yield from self.walk(item, steps, (*path, str(place)))

    def _image(self, node: dict[str, Value], pointer: str) -> Iterator[tuple[str, Value]]:
        key = node.get(self.key) if self.key else pointer
        if not isinstance(key, str):
            raise EngineError("failed to extract images: invalid key")
        text = node.get(self.field)
        if not isinstance(text, str) or not text.strip():
            return
        try:
            yield key, {**image_reference(self._applied(text)), "jsonPointer": pointer, "imagePullSecrets": None}
        except ValueError as error:
            raise EngineError(f"failed to extract images: invalid image '{text}' ({error})") from error

    def _applied(self, text: str) -> str:
        if not self.expression:
            return text
        where = f"failed to extract images: failed to apply jmespath {self.expression}"
        try:
            found = jmespath.compile(self.expression).within(text, self.evaluation)
        except EngineError as error:
            raise EngineError(f"{where}: {error}") from error
        if not isinstance(found, str):
            produced = f"must produce a string, but produced {golang.sprint(found)}"
            raise EngineError(f"failed to extract images: jmespath {self.expression} {produced}")
        return found


def _extractor(config: dict[str, str], evaluation: Evaluation) -> _Extractor:
    steps = [part.strip(" ") for part in config["path"].split("/")]
    steps = [part for part in steps if part]
    field = config.get("value") or (steps.pop() if steps else "")
    return _Extractor(tuple(steps), field, config.get("key", ""), config.get("jmesPath", ""), evaluation)
