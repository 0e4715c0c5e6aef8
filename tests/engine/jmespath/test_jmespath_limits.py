"""Hostile expressions end soon, with an error that names the limit."""

from __future__ import annotations

import pytest

from engine.errors import LimitError, QueryError
from engine.jmespath import compile
from engine.jmespath.evaluation import MAX_NODES, MAX_STEPS, MAX_TEXT
from engine.jmespath.parser import MAX_DEPTH, MAX_LENGTH
from tests.engine.jmespath.answers import ask

MANY = [float(number) for number in range(2_000)]


@pytest.mark.parametrize(
    "expression",
    [
        "(" * 5_000 + "a" + ")" * 5_000,
        "[" * 5_000,
        "!" * 5_000 + "a",
        "a" + "[0]" * 5_000,
        "a" + "[*]" * 5_000,
        "a" + "[?b]" * 5_000,
        "a" + ".{b: c}" * 5_000 + "[0]" * 100,
        "length(" * 2_000 + "a",
        "a" + " == b" * 2_000,
    ],
)
def test_depth(expression: str) -> None:
    with pytest.raises(QueryError, match=f"nests deeper than {MAX_DEPTH} levels"):
        compile(expression)


def test_length() -> None:
    with pytest.raises(QueryError, match=f"more than {MAX_LENGTH} characters"):
        compile("a" * (MAX_LENGTH + 1))


@pytest.mark.parametrize("joint", [" || ", " && ", " | "])
def test_chains_may_be_long(joint: str) -> None:
    assert ask(joint.join(["@"] * 3_000), {"a": 1.0}) == {"a": 1.0}


def test_paths_may_be_long() -> None:
    assert ask(".".join(["a"] * 3_000), {"a": None}) is None


def test_depth_within_the_limit_is_evaluated() -> None:
    depth = MAX_DEPTH - 5
    assert ask("(" * depth + "a" + ")" * depth, {"a": 1.0}) == 1.0
    assert ask("[0]" * 1 + "[0]" * depth, [[]]) is None


@pytest.mark.parametrize(
    ("expression", "limit"),
    [
        ("map(&map(&map(&@, $), $), $)".replace("$", "`[" + ",".join(["1"] * 200) + "]`"), MAX_STEPS),
        ("[?length(`" + str([1] * 2_000) + "`[?@ == `2`]) == `1`]", MAX_STEPS),
        ("@ | " + " | ".join(["[@, @][]"] * 40), MAX_STEPS),
        ("@ | " + " | ".join(["[@, @]"] * 60), MAX_NODES),
        ("@ | " + " | ".join(["{a: @, b: @}"] * 60) + " | to_string(@)", MAX_NODES),
        ("'aaaaaaaa' | " + " | ".join(["join('', [@, @])"] * 40), MAX_TEXT),
        ("'aaaaaaaa' | " + " | ".join(["replace_all(@, 'a', 'aaaaaaaa')"] * 20), MAX_TEXT),
        ("'aaaaaaaa' | " + " | ".join(["regex_replace_all('a', @, '$0$0$0$0$0$0$0$0')"] * 20), MAX_STEPS),
        ("'aaaaaaaa' | " + " | ".join(["regex_replace_all('^.*$', @, '$0$0$0$0$0$0$0$0')"] * 20), MAX_TEXT),
        ("random('(((a{1000}){1000}){1000}){1000}')", 65_536),
        ("parse_json(join('', ['" + "[" * 5_000 + "', '" + "]" * 5_000 + "']))", 200),
    ],
)
def test_work(expression: str, limit: int) -> None:
    with pytest.raises(LimitError, match=f"{limit}"):
        ask(expression, MANY)


def test_limits_are_not_forgiven_where_errors_are() -> None:
    with pytest.raises(LimitError):
        ask("(@ | " + " | ".join(["[@, @][]"] * 40) + ")[?a]", MANY)
