"""What libraries declare: types with fields, values of their own, functions, constants, names in a container."""

from __future__ import annotations

from typing import Any

import pytest

from engine.cel.environment import Environment, Options
from engine.cel.errors import CompileError, EvaluationError
from engine.cel.functions import Constant, Library, ObjectTypes, free, function, member
from engine.cel.types import BOOL, DYN, INT, STRING, list_of, object_type, opaque, parameter
from engine.cel.values import ObjectValue, Opaque, Value

POINT = opaque("geo.Point")


class Point(Opaque):
    """A value of the library's own."""

    __slots__ = ("x",)
    cel_type = POINT

    def __init__(self, x: int) -> None:
        self.x = x

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Point) and self.x == other.x

    def __hash__(self) -> int:
        return self.x

    def get_field(self, name: str) -> Value:
        if name == "shown":
            return self.x
        raise EvaluationError(f"no such field '{name}'")

    def has_field(self, name: str) -> bool:
        return name == "shown"


T = parameter("T")
GEOMETRY = Library(
    "geo",
    functions=(
        function("geo.point", free("geo_point", (INT,), POINT, Point)),
        function("twice", member("point_twice", (POINT,), POINT, lambda of: Point(2 * of.x))),
        function("twice", member("list_twice", (list_of(T),), list_of(T), lambda of: of + of)),
        function("total", member("ints_total", (list_of(INT),), INT, sum)),
        function("total", member("texts_total", (list_of(STRING),), STRING, "".join)),
    ),
    types=(ObjectTypes({"Box": {"name": STRING, "items": list_of(INT), "any": DYN, "inner": object_type("Box")}}),),
    constants={"geo.ORIGIN": Constant(POINT, Point(0))},
)
ENVIRONMENT = Environment([GEOMETRY], {"p": POINT, "box": object_type("Box"), "anything": DYN})


def run(text: str, **variables: Any) -> Value:
    return ENVIRONMENT.compile(text).evaluate(variables)


def test_values_of_a_library() -> None:
    assert run("geo.point(2).twice()") == Point(4)
    assert run("p == geo.point(3)", p=Point(3)) is True
    assert run("p == anything", p=Point(3), anything=3) is False
    assert run("type(anything) == type(geo.ORIGIN)", anything=Point(1)) is True
    assert run("[p, geo.ORIGIN].twice().size()", p=Point(1)) == 4
    assert run("anything.twice()", anything=Point(1)) == Point(2)
    assert run("anything.twice()", anything=[1]) == [1, 1]
    with pytest.raises(EvaluationError, match=r"^no such overload: twice\(string\)$"):
        run("anything.twice()", anything="x")


def test_only_what_a_value_offers_can_be_reached() -> None:
    assert run("anything.shown", anything=Point(5)) == 5
    assert run("has(anything.shown) && !has(anything.x)", anything=Point(5)) is True
    for name in ("x", "__class__", "get_field", "cel_type"):
        with pytest.raises(EvaluationError, match="no such field"):
            run(f"anything.{name}", anything=Point(5))
    for value in ("text", 1, 1.5, [1], {"a": 1}, b"x", True, None):
        with pytest.raises(EvaluationError):
            run("anything.__class__", anything=value)


def test_the_first_element_decides_between_lists() -> None:
    assert run("anything.total()", anything=[1, 2]) == 3
    assert run("anything.total()", anything=["a", "b"]) == "ab"
    with pytest.raises(EvaluationError, match=r"^no such overload: total\(list\)$"):
        run("anything.total()", anything=[1.5])


def test_objects_are_made_and_their_fields_known() -> None:
    made = run("Box{name: 'a', items: [1], inner: Box{any: {'x': 1}}, ?any: optional.none()}")
    assert made == ObjectValue("Box", {"name": "a", "items": [1], "inner": ObjectValue("Box", {"any": {"x": 1}})})
    assert run("Box{name: 'a'}.name + 'b'") == "ab"
    assert run("has(Box{name: 'a'}.items)") is False
    assert run("Box{name: 'a'} == Box{name: 'a'}") is True
    assert run("box.inner.name", box={"inner": {"name": "x"}}) == "x"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Box{size: 1}", "undefined field 'size'"),
        ("Box{name: 1}", "expected type of field 'name' is 'string' but provided type is 'int'"),
        ("Box{?name: 'a'}", "expected type 'optional_type(string)' but found 'string'"),
        ("Crate{}", "undeclared reference to 'Crate' (in container '')"),
        ("box.size", "undefined field 'size'"),
        ("has(box.size)", "undefined field 'size'"),
        ("box.name + 1", "found no matching overload for '_+_' applied to '(string, int)'"),
        ("p.x", "type 'geo.Point' does not support field selection"),
        ("geo.line(1)", "undeclared reference to 'geo' (in container '')"),
        ("1.twice()", "found no matching overload for 'twice' applied to 'int.()'"),
    ],
)
def test_what_does_not_fit_is_refused_when_compiled(text: str, message: str) -> None:
    with pytest.raises(CompileError) as refusal:
        ENVIRONMENT.compile(text)
    assert message in str(refusal.value)


def test_extending_leaves_what_was() -> None:
    more = ENVIRONMENT.extend(variables={"extra": INT})
    assert more.compile("extra + 1").evaluate({"extra": 1}) == 2
    with pytest.raises(CompileError):
        ENVIRONMENT.compile("extra")


def test_options() -> None:
    plain = Environment(options=Options(cross_type_comparison=False, optionals=False))
    with pytest.raises(CompileError, match="no matching overload for '_<_'"):
        plain.compile("1 < 2.0")
    with pytest.raises(CompileError, match=r"unsupported syntax '\.\?'"):
        plain.compile("{'a': 1}.?a")
    assert Environment(options=Options(cross_type_comparison=True)).compile("1 < 2.0").result_type == BOOL


def test_a_container_shortens_names() -> None:
    environment = Environment([GEOMETRY], container="geo.shapes")
    assert environment.compile("point(1).twice() == geo.point(2) && ORIGIN != point(1)").evaluate({}) is True
