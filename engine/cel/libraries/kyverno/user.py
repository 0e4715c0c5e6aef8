"""Kyverno's function on users (upstream: libs/user)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from engine.cel.errors import EvaluationError
from engine.cel.functions import Library, ObjectTypes, free, function
from engine.cel.types import STRING, Type, object_type
from engine.cel.values import Opaque, Value

ACCOUNT_TYPE: Final = object_type("user.ServiceAccount")
_PREFIX: Final = "system:serviceaccount:"


class ServiceAccount(Opaque):
    """A name and a namespace, both empty for a user that is no service account."""

    __slots__ = ("fields",)
    cel_type: ClassVar[Type] = ACCOUNT_TYPE

    def __init__(self, name: str = "", namespace: str = "") -> None:
        self.fields = {"Name": name, "Namespace": namespace}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ServiceAccount) and self.fields == other.fields

    def __hash__(self) -> int:
        return hash(tuple(self.fields.values()))

    def get_field(self, name: str) -> Value:
        """See Opaque."""
        if name not in self.fields:
            raise EvaluationError(f"no such field: {name}")
        return self.fields[name]

    def has_field(self, name: str) -> bool:
        """Whether it is not empty, as of any field that Go has."""
        return bool(self.get_field(name))


class _Types(ObjectTypes):
    def construct(self, type_name: str, fields: Mapping[str, Value]) -> Value:
        """See TypeProvider."""
        return ServiceAccount(fields.get("Name", ""), fields.get("Namespace", ""))


def _parse(user: str) -> ServiceAccount:
    namespace, colon, name = user.removeprefix(_PREFIX).partition(":")
    return ServiceAccount(name, namespace) if user.startswith(_PREFIX) and colon else ServiceAccount()


USER: Final = Library(
    "kyverno.user",
    functions=tuple(
        function(name, free(f"parse_service_account_string_{suffix}", (STRING,), ACCOUNT_TYPE, _parse))
        for name, suffix in (("parseServiceAccount", "non_prefixed"), ("user.parseServiceAccount", "prefixed"))
    ),
    types=(_Types({"user.ServiceAccount": {"Name": STRING, "Namespace": STRING}}),),
)
