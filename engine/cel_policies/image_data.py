"""What ``getImageData`` gives: Go's values with Go's names of fields (upstream: sdk's imagedataloader, ImageData).

Fields that need types of their own (times, hashes, layers) are left out, as no policy has been seen to read them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from engine.cel.errors import EvaluationError
from engine.cel.libraries.kyverno import image as references
from engine.cel.types import Type, object_type
from engine.cel.values import Opaque, Value

_CONFIG: Final[Mapping[str, tuple[str, Value]]] = {
    "AttachStderr": ("AttachStderr", False),
    "AttachStdin": ("AttachStdin", False),
    "AttachStdout": ("AttachStdout", False),
    "Cmd": ("Cmd", []),
    "Domainname": ("Domainname", ""),
    "Entrypoint": ("Entrypoint", []),
    "Env": ("Env", []),
    "ExposedPorts": ("ExposedPorts", {}),
    "Hostname": ("Hostname", ""),
    "Image": ("Image", ""),
    "Labels": ("Labels", {}),
    "OnBuild": ("OnBuild", []),
    "Shell": ("Shell", []),
    "StopSignal": ("StopSignal", ""),
    "Tty": ("Tty", False),
    "User": ("User", ""),
    "Volumes": ("Volumes", {}),
    "WorkingDir": ("WorkingDir", ""),
}
_CONFIG_FILE: Final[Mapping[str, tuple[str, Value]]] = {
    "Architecture": ("architecture", ""),
    "Author": ("author", ""),
    "Container": ("container", ""),
    "DockerVersion": ("docker_version", ""),
    "OS": ("os", ""),
    "OSFeatures": ("os.features", []),
    "OSVersion": ("os.version", ""),
    "Variant": ("variant", ""),
}
_MANIFEST: Final[Mapping[str, tuple[str, Value]]] = {
    "Annotations": ("annotations", {}),
    "MediaType": ("mediaType", ""),
    "SchemaVersion": ("schemaVersion", 0),
}


class ImageData(Opaque):
    """A value of Go with the fields that expressions may read."""

    __slots__ = ("_fields",)
    cel_type: ClassVar[Type] = object_type("imagedataloader.ImageData")

    def __init__(self, fields: Mapping[str, Value]) -> None:
        self._fields = fields

    def get_field(self, name: str) -> Value:
        """See Opaque."""
        if name not in self._fields:
            raise EvaluationError(f"no such field: {name}")
        return self._fields[name]

    def has_field(self, name: str) -> bool:
        """See Opaque."""
        return bool(self.get_field(name))


def image_data(text: str, answer: Mapping[str, Value]) -> ImageData:
    """What a registry answered of an image (``Registry.image``), as expressions see it."""
    parsed = references.parse(text)
    digest = parsed.digest or str(answer["resolvedImage"]).rpartition("@")[2]
    name = f"{parsed.registry}/{parsed.repository}"
    reference = {
        "Image": text,
        "ResolvedImage": f"{name}:{parsed.tag}@{digest}" if parsed.tag else f"{name}@{digest}",
        "Registry": parsed.registry,
        "Repository": parsed.repository,
        "Identifier": parsed.digest or parsed.tag,
        "Tag": parsed.tag,
        "Digest": digest,
    }
    config = answer["configData"]
    settings = ImageData(_read(config.get("config"), _CONFIG))
    described = {
        **reference,
        "ImageReference": ImageData(reference),
        "ImageIndex": answer["manifestList"],
        "Manifest": ImageData(_read(answer["manifest"], _MANIFEST)),
        "ConfigData": ImageData({**_read(config, _CONFIG_FILE), "Config": settings}),
    }
    return ImageData({**described, "ImageDescriptor": ImageData(described)})


def _read(value: Value, names: Mapping[str, tuple[str, Value]]) -> dict[str, Value]:
    given = value if isinstance(value, dict) else {}
    return {name: given.get(key) or zero for name, (key, zero) in names.items()}
