"""Hypothesis strategies for texts of CEL: expressions that check, and texts that merely look like some."""

from __future__ import annotations

from hypothesis import strategies as st

VARIABLES = {
    "i": 7,
    "s": "nginx",
    "b": True,
    "ints": [3, 1, 2],
    "names": ["a", "bc", ""],
    "labels": {"app": "web", "tier": "x"},
    "object": {"kind": "Pod", "spec": {"replicas": 3.0, "items": [{"name": "a"}, {"name": "b", "port": 80.0}]}},
}
"""What the expressions read. (Types: see TYPES.)"""
TYPES = {
    "i": "int",
    "s": "string",
    "b": "bool",
    "ints": "list(int)",
    "names": "list(string)",
    "labels": "map(string, string)",
    "object": "dyn",
}

_ints = st.one_of(
    st.integers(-3, 9).map(str),
    st.sampled_from(["9223372036854775807", "-9223372036854775808", "i", "size(ints)", "ints[0]", "ints[i]", "0"]),
)
_strings = st.sampled_from(
    ["'a'", "'bc'", "''", "s", "names[0]", "labels.app", "labels['tier']", "labels.missing", "'☺'"]
)
_bools = st.sampled_from(
    ["true", "false", "b", "has(labels.app)", "has(labels.missing)", "('a' in names)", "(1 in ints)"]
)
_dyns = st.sampled_from(
    ["object.kind", "object.spec.replicas", "object.missing", "object.spec.items", "dyn(1)", "dyn(null)", "object.spec"]
)


def _infix(operand: st.SearchStrategy[str], *signs: str) -> st.SearchStrategy[str]:
    return st.tuples(operand, st.sampled_from(signs), operand).map(lambda parts: f"({' '.join(parts)})")


def _choice(test: st.SearchStrategy[str], of: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(test, of, of).map(lambda parts: f"({parts[0]} ? {parts[1]} : {parts[2]})")


def _grown(depth: int) -> dict[str, st.SearchStrategy[str]]:
    """Expressions by type, nested up to a depth."""
    leaves = {"int": _ints, "string": _strings, "bool": _bools, "dyn": _dyns}
    if not depth:
        return {**leaves, "ints": st.just("ints")}
    inner = {name: st.deferred(lambda one=one: one) for name, one in _grown(depth - 1).items()}  # keeps reprs short
    number, text, test, many, any_ = (inner[name] for name in ("int", "string", "bool", "ints", "dyn"))
    item = st.tuples(test, st.sampled_from(["x > 1", "x == i", "10 / x > 2", "x < ints[x]"])).map(" || ".join)
    loops = st.tuples(many, st.sampled_from(["all", "exists", "exists_one"]), item)
    pairs = st.tuples(many, st.sampled_from(["all", "exists", "existsOne"]), st.sampled_from(["k < x", "k + x == i"]))
    return {
        "int": st.one_of(
            *(_ints, _infix(number, "+", "-", "*", "/", "%"), _choice(test, number), text.map("size({})".format)),
            *(number.map("-({})".format), st.tuples(number, number).map("cel.bind(v, {0[0]}, v + {0[1]})".format)),
            st.tuples(many, number).map("{0[0]}[{0[1]}]".format),
        ),
        "string": st.one_of(_strings, _infix(text, "+"), _choice(test, text), number.map("string({})".format)),
        "bool": st.one_of(
            *(_bools, _infix(test, "&&", "||", "==", "!="), test.map("!{}".format), _choice(test, test)),
            *(_infix(number, "<", "<=", ">", ">=", "==", "!="), _infix(text, "<", "==", "!=", ">=")),
            *(_infix(any_, "==", "!="), _infix(any_, "<", ">"), any_.map("({} == 'Pod')".format)),
            loops.map("{0[0]}.{0[1]}(x, {0[2]})".format),
            pairs.map("{0[0]}.{0[1]}(k, x, {0[2]})".format),
            st.tuples(text, text).map("{0[0]}.startsWith({0[1]})".format),
            st.tuples(number, many).map("({0[0]} in {0[1]})".format),
        ),
        "ints": st.one_of(
            *(st.just("ints"), st.lists(number, max_size=3).map(lambda parts: f"[{', '.join(parts)}]")),
            *(_infix(many, "+"), st.tuples(many, item).map("{0[0]}.filter(x, {0[1]})".format)),
            st.tuples(many, item, number).map("{0[0]}.map(x, {0[1]}, x + {0[2]})".format),
            st.tuples(many, number).map("{0[0]}.transformList(k, x, k * x - {0[1]})".format),
        ),
        "dyn": st.one_of(
            _dyns, _choice(test, any_), any_.map("({}).?name.orValue(1)".format), number.map("dyn({})".format)
        ),
    }


EXPRESSIONS: st.SearchStrategy[str] = st.one_of(*_grown(3).values())
"""Texts that parse and check against TYPES; their evaluation often ends in an error."""

_PIECES = ["a", "1", "'x'", "(", ")", "[", "]", "{", "}", ".", ",", ":", "?", "&&", "||", "!", "-", "+", "in", "has("]
_PIECES += [
    "x.all(",
    "i",
    "s",
    "object",
    "==",
    "<",
    "null",
    "true",
    "1.5",
    "2u",
    "b'a'",
    "\\",
    '"',
    "`",
    "//",
    " ",
    "\n",
]
_PIECES += ["cel.bind(", "map(", "filter(", "size(", "__class__", "optional.of(", ".?", "[?", "timestamp(", "0x", "1e"]

SOUP: st.SearchStrategy[str] = st.one_of(
    st.lists(st.sampled_from(_PIECES), max_size=25).map("".join), st.text(max_size=40)
)
"""Texts of which few parse."""
