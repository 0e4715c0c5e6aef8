"""GitHub's own description of its REST API, as a judge of every exchange.

It is published by GitHub and stands beside the checkout where it is available; without it nothing is validated, and
``Description.load`` returns None.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator, validators
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

PLACE = Path(__file__).parents[2] / "../shared/github/rest-api.openapi.json.gz"
_URI = "urn:github"


def _nullable(validate: Any) -> Any:
    """OpenAPI 3.0 says ``nullable`` beside a keyword where JSON Schema would add the type null."""

    def check(validator: Any, value: Any, instance: Any, schema: dict[str, Any]) -> Iterator[ValidationError]:
        if instance is None and schema.get("nullable"):
            return
        yield from validate(validator, value, instance, schema) or ()

    return check


_KEYWORDS = ("type", "enum", "allOf", "anyOf", "oneOf", "required", "properties", "format", "items")
_Validator = validators.extend(
    Draft4Validator, {word: _nullable(Draft4Validator.VALIDATORS[word]) for word in _KEYWORDS}
)


class Description:
    """Operations by method and path."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._registry = Registry().with_resource(_URI, Resource(document, DRAFT4))
        self._paths = [(re.compile(_pattern(path)), path) for path in document["paths"]]

    @staticmethod
    @cache
    def load() -> Description | None:
        """The description, None where it is absent."""
        if not PLACE.exists():
            return None
        with gzip.open(PLACE) as file:
            return Description(json.load(file))

    def faults_of_request(self, method: str, path: str, query: dict[str, str], body: Any) -> Iterator[str]:
        """What GitHub's description says against a request."""
        found = self._operation(method, path)
        if found is None:
            yield f"{method} {path} is not in the description"
            return
        operation, pointer = found
        yield from self._query_faults(operation, query)
        schema = _json_schema(operation.get("requestBody", {}))
        if body is not None and schema is not None:
            yield from self._faults(f"{pointer}/requestBody/content/application~1json/schema", body)
            yield from self._unknown(schema, body, "body")
        elif operation.get("requestBody", {}).get("required") and body is None:
            yield "a body is required"

    def faults_of_response(self, method: str, path: str, status: int, body: Any) -> Iterator[str]:
        """What GitHub's description says against an answer; statuses it does not name pass."""
        found = self._operation(method, path)
        if found is None:
            return
        operation, pointer = found
        answer = operation["responses"].get(str(status))
        if answer is None:
            if 200 <= status < 300:
                yield f"status {status} is not described"
            return
        where = f"{pointer}/responses/{status}"
        if "$ref" in answer:
            where, answer = answer["$ref"], self._resolve(answer)
        if _json_schema(answer) is not None:
            yield from self._faults(f"{where}/content/application~1json/schema", body)

    def _operation(self, method: str, path: str) -> tuple[dict[str, Any], str] | None:
        for pattern, template in self._paths:
            operation = self._document["paths"][template].get(method.lower())
            if operation is not None and pattern.fullmatch(path):
                return operation, f"#/paths/{template.replace('~', '~0').replace('/', '~1')}/{method.lower()}"
        return None

    def _query_faults(self, operation: dict[str, Any], query: dict[str, str]) -> Iterator[str]:
        known = {p["name"]: p for p in map(self._resolve, operation.get("parameters", ())) if p["in"] == "query"}
        for name, value in query.items():
            if name not in known:
                yield f"query parameter {name} is not described"
            elif known[name]["schema"].get("type") == "integer" and not value.isdigit():
                yield f"query parameter {name} is no integer"

    def _faults(self, pointer: str, value: Any) -> Iterator[str]:
        validator = _Validator({"$ref": _URI + pointer}, registry=self._registry)
        for error in validator.iter_errors(value):
            yield f"{error.json_path}: {error.message[:300]}"

    def _unknown(self, schema: dict[str, Any], value: Any, where: str) -> Iterator[str]:
        """Keys that a body has and the description has not: GitHub would ignore what we believe to have said."""
        schema = self._resolve(schema)
        if isinstance(value, dict) and "properties" in schema and not schema.get("additionalProperties"):
            for key, part in value.items():
                if key not in schema["properties"]:
                    yield f"{where}.{key} is not described"
                else:
                    yield from self._unknown(schema["properties"][key], part, f"{where}.{key}")
        elif isinstance(value, list) and "items" in schema:
            for part in value:
                yield from self._unknown(schema["items"], part, f"{where}[]")

    def _resolve(self, part: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in part:
            found: Any = self._document
            for word in part["$ref"].removeprefix("#/").split("/"):
                found = found[word.replace("~1", "/").replace("~0", "~")]
            part = found
        return part


def _pattern(template: str) -> str:
    return re.sub(r"\\\{[^/]+?\\\}", "[^/]+", re.escape(template))


def _json_schema(part: dict[str, Any]) -> dict[str, Any] | None:
    schema = part.get("content", {}).get("application/json", {}).get("schema")
    return schema if isinstance(schema, dict) else None
