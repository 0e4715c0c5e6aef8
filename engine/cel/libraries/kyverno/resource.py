"""Kyverno's ``resource``: objects of the cluster (upstream: libs/resource).

A policy of a namespace sees that namespace only, and its functions do not ask for one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar, Final

from engine.cel.errors import EvaluationError
from engine.cel.functions import Constant, Library, Overload, function, member
from engine.cel.libraries.json_values import to_struct
from engine.cel.libraries.kyverno.native import asked
from engine.cel.libraries.kyverno.surroundings import ResourceName, Surroundings
from engine.cel.types import ANY, STRING, Type, map_of, opaque
from engine.cel.values import Opaque, Value

CONTEXT_TYPE: Final = opaque("resource.Context")
NAME_TYPE: Final = opaque("schema.GroupVersionResource")
_OBJECT: Final = map_of(STRING, ANY)
_LABELS: Final = map_of(STRING, STRING)


class Context(Opaque):
    """Who knows the objects, for a namespace (empty: for all)."""

    __slots__ = ("namespace", "surroundings")
    cel_type: ClassVar[Type] = CONTEXT_TYPE

    def __init__(self, surroundings: Surroundings, namespace: str) -> None:
        self.surroundings = surroundings
        self.namespace = namespace


class NameValue(Opaque):
    """What ``resource.toGVR`` gives."""

    __slots__ = ("name",)
    cel_type: ClassVar[Type] = NAME_TYPE

    def __init__(self, name: ResourceName) -> None:
        self.name = name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NameValue) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)


def _check_version(api_version: str, failed: str) -> None:
    """What schema.ParseGroupVersion refuses."""
    if api_version.count("/") > 1:
        raise EvaluationError(f"{failed}: unexpected GroupVersion string: {api_version}")


def _labels(labels: Mapping[Value, Value]) -> dict[str, str]:
    for key, value in labels.items():
        if not isinstance(key, str) or not isinstance(value, str):
            raise EvaluationError("invalid arg 4: labels are texts")
    return dict(labels)


def _list(of: Context, version: str, plural: str, namespace: str, labels: Mapping[Value, Value] | None = None) -> Value:
    failed = "failed to list resource"
    _check_version(version, failed)
    wanted = _labels(labels or {})
    return asked(failed, lambda: of.surroundings.list_resources(version, plural, namespace, wanted))


def _get(of: Context, version: str, plural: str, namespace: str, name: str) -> Value:
    failed = "failed to get resource"
    _check_version(version, failed)
    return asked(failed, lambda: of.surroundings.get_resource(version, plural, namespace, name))


def _post(of: Context, version: str, plural: str, namespace: str, content: Value) -> Value:
    failed = "failed to create resource"
    _check_version(version, failed)
    try:
        given = to_struct(content)
    except EvaluationError as error:
        raise EvaluationError(f"invalid arg 4: {error}") from None
    return asked(failed, lambda: of.surroundings.post_resource(version, plural, namespace, given))


def _post_outside(of: Context, version: str, plural: str, content: Value) -> Value:
    return _post(of, version, plural, "", content)


def _name(of: Context, version: str, kind: str) -> NameValue:
    failed = "failed to map kind to resource"
    _check_version(version, failed)
    return NameValue(asked(failed, lambda: of.surroundings.resource_name(version, kind)))


def _by_name(call: Callable[..., Value]) -> Callable[..., Value]:
    """The same with a GVR in the place of version and plural."""

    def called(of: Context, name: NameValue, *rest: Value) -> Value:
        return call(of, name.name.api_version, name.name.plural, *rest)

    return called


def _in_namespace(call: Callable[..., Value]) -> Callable[..., Value]:
    """The same in the policy's own namespace."""

    def called(of: Context, version: str, plural: str, *rest: Value) -> Value:
        return call(of, version, plural, of.namespace, *rest)

    return called


def _overload(id: str, call: Callable[..., Value], *arguments: Type, result: Type = _OBJECT) -> Overload:
    return member(id, (CONTEXT_TYPE, *arguments), result, call)


def _listing(suffix: str) -> tuple[Overload, ...]:
    words = f"resource_list_string_string_string{{}}_{suffix}"
    return (
        _overload(words.format(""), _list, STRING, STRING, STRING),
        _overload(words.format("_map"), _list, STRING, STRING, STRING, _LABELS),
        _overload(f"list_resources_gvr_string_{suffix}", _by_name(_list), NAME_TYPE, STRING),
        _overload(f"list_resources_gvr_string_map_{suffix}", _by_name(_list), NAME_TYPE, STRING, _LABELS),
    )


def _getting(suffix: str) -> tuple[Overload, ...]:
    return (
        _overload(f"resource_get_string_string_string_string_{suffix}", _get, STRING, STRING, STRING, STRING),
        _overload(f"resource_get_gvr_string_string_{suffix}", _by_name(_get), NAME_TYPE, STRING, STRING),
    )


def _posting(suffix: str) -> tuple[Overload, ...]:
    return (
        _overload(f"resource_post_string_string_string_map_{suffix}", _post, STRING, STRING, STRING, _OBJECT),
        _overload(f"resource_post_string_string_map_{suffix}", _post_outside, STRING, STRING, _OBJECT),
    )


def _listing_here(suffix: str) -> tuple[Overload, ...]:
    here = _in_namespace(_list)
    return (
        _overload(f"resource_list_string_string_{suffix}", here, STRING, STRING),
        _overload(f"resource_list_string_string_map_{suffix}", here, STRING, STRING, _LABELS),
        _overload(f"list_resources_gvr_{suffix}", _by_name(here), NAME_TYPE),
        _overload(f"list_resources_gvr_map_{suffix}", _by_name(here), NAME_TYPE, _LABELS),
    )


def _getting_here(suffix: str) -> tuple[Overload, ...]:
    here = _in_namespace(_get)
    return (
        _overload(f"resource_get_string_string_string_{suffix}", here, STRING, STRING, STRING),
        _overload(f"resource_get_gvr_string_{suffix}", _by_name(here), NAME_TYPE, STRING),
    )


def _posting_here(suffix: str) -> tuple[Overload, ...]:
    return (_overload(f"resource_post_string_string_map_{suffix}", _in_namespace(_post), STRING, STRING, _OBJECT),)


def _naming(suffix: str) -> tuple[Overload, ...]:
    return (_overload(f"convert_to_gvr_string_string_{suffix}", _name, STRING, STRING, result=NAME_TYPE),)


_EVERYWHERE: Final = {"List": _listing, "Get": _getting, "Post": _posting, "ToGVR": _naming}
_HERE: Final = {"List": _listing_here, "Get": _getting_here, "Post": _posting_here, "ToGVR": _naming}


def library(surroundings: Surroundings, namespace: str = "") -> Library:
    """``resource`` for a policy of the cluster, or of a namespace."""
    spellings = _HERE if namespace else _EVERYWHERE
    return Library(
        "kyverno.resource",
        functions=(
            *(function(name, *overloads("pascal")) for name, overloads in spellings.items()),
            *(function(name[0].lower() + name[1:], *overloads("camel")) for name, overloads in spellings.items()),
        ),
        constants={"resource": Constant(CONTEXT_TYPE, Context(surroundings, namespace))},
        asks=True,
    )
