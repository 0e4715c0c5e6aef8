"""The quick dataclasses do what the standard ones do, as far as the project asks for it."""

from __future__ import annotations

import copy
import dataclasses

import pytest

from engine.record import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Point:
    """A frozen one."""

    x: int
    names: list[str] = field(default_factory=list)
    label: str = "here"


@dataclass(slots=True)
class Count:
    """One that changes."""

    found: int = 0


@dataclass(frozen=True, slots=True)
class Far(Point):
    """One with a field more."""

    away: int = 0


def test_arguments_and_defaults():
    point = Point(1, label="there")
    assert (point.x, point.names, point.label) == (1, [], "there")
    assert Point(1).names is not Point(1).names
    assert (Far(2, ["a"]).names, Far(2, away=3).away) == (["a"], 3)


@pytest.mark.parametrize("arguments", [{}, {"x": 1, "y": 2}])
def test_wrong_arguments_are_refused(arguments):
    with pytest.raises(TypeError):
        Point(**arguments)


def test_equality_and_hash_go_by_the_fields():
    assert Point(1) == Point(1) != Point(2)
    assert Point(1) != Far(1)
    assert len({Point(1, ()), Point(1, ()), Point(2, ())}) == 2
    with pytest.raises(TypeError):
        hash(Count())


def test_objects_have_slots_and_show_their_fields():
    assert not hasattr(Point(1), "__dict__")
    assert repr(Point(1)) == "Point(x=1, names=[], label='here')"
    assert Point.__doc__ == "A frozen one."


def test_patterns_name_the_fields_in_order():
    match Far(1, ["a"], "b", 4):
        case Far(x, names, label, away):
            assert (x, names, label, away) == (1, ["a"], "b", 4)


@pytest.mark.parametrize("replaced", [replace, dataclasses.replace])
def test_replace_changes_a_copy(replaced):
    point = Point(1, ["a"])
    assert replaced(point, x=2) == Point(2, ["a"])
    assert point.x == 1


def test_the_standard_functions_know_them():
    assert dataclasses.asdict(Point(1, ["a"])) == {"x": 1, "names": ["a"], "label": "here"}
    assert [each.name for each in dataclasses.fields(Count())] == ["found"]
    assert copy.deepcopy(Point(1, ["a"])) == Point(1, ["a"])
