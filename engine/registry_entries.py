"""The context entry ``imageRegistry`` (upstream: pkg/engine/context/loaders/imagedata.go)."""

from __future__ import annotations

from msgspec import Struct

from engine import jmespath, variables
from engine.context import Context
from engine.errors import EngineError
from engine.model import Value
from engine.values import golang
from engine.values.numbers import floats
from engine.variables import Template


class ImageRegistryEntry(Struct, frozen=True):
    """``imageRegistry``: manifest and configuration of an image."""

    name: str
    reference: Template
    path: Template
    written: tuple[str, str]
    merges: bool = True

    def load(self, context: Context) -> Value:
        """What the registry says of the image, and what ``jmesPath`` makes of it."""
        reference = self._text(self.reference, self.written[0], context)
        registry = context.cluster.registry
        if registry is None:
            text = f"no image registry is asked; give {self.name} in the values file"
            raise EngineError(f"failed to fetch image descriptor: {reference}, error: {text}")
        path = self._text(self.path, self.written[1], context)
        try:
            found = floats(registry.image(reference))
        except EngineError as error:
            where = f"failed to fetch image descriptor: {reference}, error: "
            text = f"{where}{where}failed to fetch image reference: {reference}, error: {error}"
            raise EngineError(text) from error
        if not path:
            return found
        try:
            return jmespath.compile(path).within(found, context.evaluation)
        except EngineError as error:
            where = f"failed to apply JMESPath ({self.written[1]}) results to context entry {self.name}"
            raise EngineError(f"{where}, error: {error}") from error

    def _text(self, template: Template, written: str, context: Context) -> str:
        try:
            value = template(context)
        except EngineError as error:
            text = f"failed to substitute variables in context entry {self.name} {written}: {error}"
            raise EngineError(text) from error
        if not isinstance(value, str):
            shown = golang.sprint(value)
            raise EngineError(f"invalid image reference {shown}, image reference must be a string")
        return value


def image_registry(name: str, raw: dict[str, Value]) -> ImageRegistryEntry:
    """Compile the entry."""
    reference, path = str(raw.get("reference") or ""), str(raw.get("jmesPath") or "")
    return ImageRegistryEntry(name, variables.compile(reference), variables.compile(path), (reference, path))
