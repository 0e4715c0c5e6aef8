"""What is refused though its types agree (upstream: cel-go cel/validator.go, ASTValidator).

Validators of calls come with libraries; those of literal arguments of the standard library are ``LITERALS``, which
Kubernetes adds to its environments and with it Kyverno. Both carry out conversions of literals before anything is
evaluated (OptOptimize), so that one that fails is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.cel.checker import Checked
from engine.cel.declarations import Declarations
from engine.cel.errors import CompileError, EvaluationError, Issue, ProgramError
from engine.cel.functions import Complaint, Library, Validator
from engine.cel.lexer import place
from engine.cel.patterns import compiled
from engine.cel.syntax import Call, Expr, ListLiteral, Literal, MapLiteral, children
from engine.cel.types import Type
from engine.cel.values import Value

_MIXING: Final = "format"
"""The function whose argument may be a list of different types."""


def validate(text: str, root: Expr, checked: Checked, declarations: Declarations, homogeneous: bool) -> None:
    """Raise CompileError with all that validators say of a tree that checks."""
    issues: list[Issue] = []
    refused: list[Complaint] = []
    for node, may_mix in _walk(root):
        if homogeneous and not may_mix:
            issues += [place(text, at.position, message) for at, message in _mismatches(node, checked)]
        validator = declarations.validators.get(node.function) if isinstance(node, Call) else None
        if validator is not None and isinstance(node, Call):
            try:
                validator(node, checked)
            except Complaint as complaint:
                if complaint.position is None:
                    refused.append(complaint)
                else:
                    issues.append(place(text, complaint.position, str(complaint)))
    if issues:
        raise CompileError(text, issues)
    if refused:
        raise ProgramError(str(refused[0]))


def _walk(root: Expr) -> Iterator[tuple[Expr, bool]]:
    """All nodes, and whether they stand within the function that mixes types."""
    waiting: list[tuple[Expr, bool]] = [(root, False)]
    while waiting:
        node, may_mix = waiting.pop()
        yield node, may_mix
        may_mix = may_mix or (isinstance(node, Call) and node.function == _MIXING)
        waiting += [(child, may_mix) for child in reversed(children(node))]


def _mismatches(node: Expr, checked: Checked) -> Iterator[tuple[Expr, str]]:
    """Elements whose type is not that of the first; of a list only the first such."""
    if isinstance(node, ListLiteral):
        items = [(element, place in node.optional) for place, element in enumerate(node.elements)]
        yield from list(_different(items, checked))[:1]
    elif isinstance(node, MapLiteral):
        keys = [(entry.key, False) for entry in node.entries if not isinstance(entry.key, str)]
        yield from _different(keys, checked)
        yield from _different([(entry.value, entry.is_optional) for entry in node.entries], checked)


def _different(items: list[tuple[Expr, bool]], checked: Checked) -> Iterator[tuple[Expr, str]]:
    expected: Type | None = None
    for node, is_optional in items:
        found = checked.type_of(node)
        if is_optional and found.parameters:
            found = found.parameters[0]
        if expected is None:
            expected = found
        elif found != expected:
            yield node, f"expected type '{expected}' but found '{found}'"


def _converted(node: Call, checked: Checked) -> None:
    """``duration`` and ``timestamp`` of a literal, which has to be one."""
    if not node.arguments or not isinstance(node.arguments[0], Literal):
        return
    argument = node.arguments[0]
    _, overloads, _ = checked.calls[node.id]
    try:
        overloads[0].implementation(argument.value)
    except EvaluationError:
        raise Complaint(f"invalid {node.function} argument", argument.position) from None


def _matched(node: Call, _checked: Checked) -> None:
    """``matches`` of a literal, which has to be an expression (of ``matches(text, ...)`` upstream takes the text)."""
    if not node.arguments or not isinstance(node.arguments[0], Literal):
        return
    argument = node.arguments[0]
    try:
        compiled(argument.value)
    except EvaluationError:
        raise Complaint("invalid matches argument", argument.position) from None


_CONVERSIONS: Final = ("bool", "bytes", "double", "dyn", "duration", "int", "string", "timestamp", "type", "uint")


def _constant(node: Expr, checked: Checked) -> tuple[Value] | None:
    """What a literal, or conversions of one, give; None for all else. Raises EvaluationError."""
    if isinstance(node, Literal):
        return (node.value,)
    if not isinstance(node, Call) or node.function not in _CONVERSIONS or len(node.arguments) != 1:
        return None
    inner = _constant(node.arguments[0], checked)
    if inner is None or node.id not in checked.calls:
        return None
    _, overloads, _ = checked.calls[node.id]
    return (overloads[0].implementation(*inner),) if len(overloads) == 1 else None


def _folded(node: Call, checked: Checked) -> None:
    """A conversion that is carried out when the program is made (upstream: interpreter, maybeOptimizeConstUnary)."""
    try:
        _constant(node, checked)
    except EvaluationError as error:
        raise Complaint(str(error)) from None


_VALIDATORS: Final[dict[str, Validator]] = {
    "duration": _converted,
    "timestamp": _converted,
    "matches": _matched,
    **dict.fromkeys(("bool", "double", "int", "string", "uint"), _folded),
}
LITERALS: Final = Library("cel.validators", validators=_VALIDATORS)
