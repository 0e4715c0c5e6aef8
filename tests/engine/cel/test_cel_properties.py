"""What holds of any expression."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec import Struct

from engine.cel.environment import Environment
from engine.cel.errors import CelError, EvaluationError
from engine.cel.macros import BINDINGS, TWO_VARIABLES
from engine.cel.plain import to_json
from engine.cel.unparse import unparse
from tests.engine.cel import naive
from tests.engine.cel.expressions import EXPRESSIONS, SOUP, TYPES, VARIABLES
from tests.engine.cel.notation import same, type_named

ENVIRONMENT = Environment([BINDINGS, TWO_VARIABLES], {name: type_named(written) for name, written in TYPES.items()})


def _shape(node: Any) -> Any:
    """A tree without ids and positions."""
    if isinstance(node, Struct):
        fields = [name for name in node.__struct_fields__ if name not in ("id", "position")]
        return type(node).__name__, *(_shape(getattr(node, name)) for name in fields)
    return tuple(map(_shape, node)) if isinstance(node, tuple) else repr(node)


@given(EXPRESSIONS)
@settings(max_examples=250, deadline=None)
@example("ints.all(x, 10 / x > 2 || x == 2)")
@example("-(-9223372036854775808)")
@example("(true || 1 / 0 > 0) && ints.exists(x, 1 / (x - 3) > 0)")
def test_the_plan_does_what_the_tree_says(text: str) -> None:
    program = ENVIRONMENT.compile(text)
    try:
        expected = naive.evaluate(program.root, VARIABLES)
    except naive.Failure:
        with pytest.raises(EvaluationError):
            program.evaluate(VARIABLES)
    else:
        assert same(program.evaluate(VARIABLES), expected)


@given(EXPRESSIONS)
@settings(max_examples=150, deadline=None)
@example("-(-i)")
@example("i - -1 - (2 - 3)")
@example("!(!b) && (b && b) || (b ? b : b ? b : b)")
@example("has(object.`a-b`) ? {'a': 1, ?'b': object.?c}[?'x'] : [?object.?d].optMap(v, v)")
@example("b'\\x00a\"' == dyn(1e300) || 1u == dyn(-1.5) || 'a\\n\\u0007\\\\' == dyn(null)")
def test_a_tree_is_written_as_what_parses_to_it(text: str) -> None:
    root = ENVIRONMENT.parse(text)
    assert _shape(ENVIRONMENT.parse(unparse(root))) == _shape(root)


def _outcome(environment: Environment, text: str, variables: dict[str, Any]) -> str:
    """The error's text, or nothing; anything but CEL's own errors gets through."""
    try:
        to_json(environment.compile(text).evaluate(variables))
    except CelError as error:
        return f"{type(error).__name__}: {error}"
    return ""


@given(SOUP)
@settings(max_examples=300, deadline=None)
@example("object.__class__")
@example("'%s'.format(object)")
@example("(" * 300)
def test_no_exception_but_its_own_leaves(text: str) -> None:
    assert "internal error" not in _outcome(ENVIRONMENT, text, VARIABLES)


_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(), st.text(max_size=3), st.binary(max_size=3), st.integers(-5, 5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=2), inner, max_size=3)),
    max_leaves=8,
)
_DYNAMIC = Environment([BINDINGS, TWO_VARIABLES], {name: type_named("dyn") for name in ("x", "y")})
_OPERATIONS = """
x.a.b | x[y] | x == y | x < y | x + y | x in y | !x | -x | x % y | x && y | x ? y : 1 | has(x.a.b) | x.?a.?b.orValue(y)
x.all(z, z == y) | x.map(z, [z]) | x.filter(z, z) | x.transformMap(k, v, y) | x.transformMapEntry(k, v, v) | {x: y}
x.contains(y) | size(x) | string(x) | int(x) | timestamp(x) | duration(x) | bytes(x) | type(x) | x.matches(y)
x.getHours(y) | optional.ofNonZeroValue(x) | [x].unwrapOpt() | x.value() | x.exists_one(z, z) | double(x) | uint(x)
"""


@given(st.sampled_from([one.strip() for one in _OPERATIONS.replace("\n", "|").split("|") if one.strip()]), _JSON, _JSON)
@settings(max_examples=400, deadline=None)
def test_any_value_may_come(text: str, first: Any, second: Any) -> None:
    outcome = _outcome(_DYNAMIC, text, {"x": first, "y": second})
    assert "internal error" not in outcome
    assert "CompileError" not in outcome


_NESTED = [
    *(("(", "1", ")"), ("[", "1", "]"), ("{1: ", "1", "}"), ("size(", "s", ")"), ("!", "true", ""), ("-", "i", "")),
    *(("!(", "true", ")"), ("b ? 1 : ", "2", ""), ("ints[", "0", "]"), ("", "s", ".a"), ("", "1", " + 1")),
    *(("", "ints", "[0]"), ("ints.all(x, ", "true", ")"), ("cel.bind(x, 1, ", "x", ")"), ("b ? (", "b", ") : b")),
    *(("true && (", "b", " || b)"), ("1 + (", "1", ")"), ("", "b", " && b"), ("object.a{b: ", "1", "}")),
]


@pytest.mark.parametrize(("before", "middle", "after"), _NESTED)
@pytest.mark.parametrize("depth", [100, 240, 10_000])
def test_any_depth_ends_in_an_answer_or_a_clear_refusal(before: str, middle: str, after: str, depth: int) -> None:
    text = before * depth + middle + after * depth
    outcome = _outcome(ENVIRONMENT, text, VARIABLES)
    assert "internal error" not in outcome
    with suppress(CelError):
        unparse(ENVIRONMENT.parse(text))
    if depth == 10_000 and before not in ("!", "-", "") and "CompileError" in outcome:
        assert "limit exceeded: 250" in outcome or "exceeds limit" in outcome
