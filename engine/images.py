"""The images of a resource, as the context knows them under ``images`` (upstream: pkg/utils/api/image.go)."""

from __future__ import annotations

from msgspec import Struct

from engine.context import ABSENT, Absent, Context
from engine.errors import EngineError
from engine.jmespath.functions.images import image_reference
from engine.model import Value

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
