"""``Context`` of cli.kyverno.io: what policies in CEL look up (upstream: cmd/cli/kubectl-kyverno/context)."""

from __future__ import annotations

import json

from bot.dropin import resource_inputs
from bot.dropin.strict import Fields, Leaf, Many, head, load
from engine.cluster import ContextFile
from engine.documents import Document
from engine.inventory import Inventory
from engine.model import Value
from engine.resources import Resource
from engine.values.numbers import floats, renumber

_TEXTS = ("image", "resolvedImage", "registry", "repository")
_IMAGE = Fields(
    "ImageData",
    {
        **dict.fromkeys((*_TEXTS, "tag", "digest"), Leaf.TEXT),
        **dict.fromkeys(("imageIndex", "manifest", "config"), Leaf.ANY),
    },
)
_FILE = head("Context", spec=Fields("ContextSpec", {"resources": Many(Leaf.OBJECT), "images": Many(_IMAGE)}))


def read(path: str) -> ContextFile:
    """What the file supplies; raises FileError."""
    spec = load(path, _FILE).get("spec") or {}
    images = {entry.get("image", ""): _image(entry) for entry in spec.get("images") or ()}
    return ContextFile(Inventory([_resource(value, path) for value in spec.get("resources") or ()]), images)


def _image(entry: dict[str, Value]) -> Value:
    """What is known of an image, as it comes out of JSON: every number a double."""
    return floats({**dict.fromkeys(_TEXTS, ""), **{name: value for name, value in entry.items() if value}})


def _resource(value: Value, path: str) -> Resource:
    """A resource as it stands, without the namespace that resources of the command line are given."""
    [found] = resource_inputs.parse_resources(json.dumps(value).encode(), path)
    document: Document = found.document
    return Resource(renumber(value), document)
