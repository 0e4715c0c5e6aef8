"""A world with one answer to each question; ``none``, ``err`` and ``forbidden`` are what it does not answer."""

from __future__ import annotations

from random import Random

from engine.cel.libraries.kyverno.surroundings import ResourceName, Unavailable

_FORBIDDEN = 'forbidden "x" is forbidden: no'


class SmallWorld:
    def __init__(self):
        self._random = Random(7)

    def now(self):
        return 1_600_000_000_000_000_000

    def randrange(self, below):
        return self._random.randrange(below)

    def get_resource(self, version, plural, namespace, name):
        if plural == "forbidden":
            raise Unavailable(_FORBIDDEN, forbidden=True)
        return None if name == "none" else {"ns": namespace, "r": plural, "name": name, "n": 3, "f": 3.0}

    def list_resources(self, version, plural, namespace, labels):
        if plural == "forbidden":
            raise Unavailable(_FORBIDDEN, forbidden=True)
        if plural == "none":
            raise Unavailable("none resource not found")
        return {"items": [{"ns": namespace, "r": plural, "labels": dict(labels)}]}

    def post_resource(self, version, plural, namespace, content):
        return {"ns": namespace, "r": plural, "data": content}

    def resource_name(self, version, kind):
        if kind == "none":
            raise Unavailable(f'no matches for kind "{kind}" in version "{version}"')
        return ResourceName(version, f"{kind}s")

    def global_reference(self, name, projection):
        if name == "err":
            raise Unavailable("broken")
        return None if name == "none" else {"name": name, "projection": projection, "n": 3, "f": 3.0}

    def image_metadata(self, image):
        if image == "none":
            raise Unavailable(f"image data for {image} not found in the context")
        return {"registry": image, "size": 3.0}

    def generate(self, namespace, resources):
        if namespace == "err":
            raise Unavailable("broken")

    def http_get(self, url, headers):
        if url == "err":
            raise Unavailable("broken")
        return {"url": url}

    def http_post(self, url, body, headers):
        return {"url": url, "d": "*structpb.Value"}
