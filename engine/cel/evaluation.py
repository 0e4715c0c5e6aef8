"""A checked tree to steps: what an expression does, decided once.

Closures, not generated code: nothing that a user wrote ever becomes Python.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from engine.cel import calls, logic, loops, steps
from engine.cel.checker import Checked
from engine.cel.costs import LIST, MAP, OBJECT
from engine.cel.dispatch import Finder, is_settled
from engine.cel.functions import Overload
from engine.cel.operators import OPERATORS
from engine.cel.steps import SLOTS, Step
from engine.cel.syntax import (
    Bind,
    Call,
    Comprehension,
    Expr,
    Ident,
    ListLiteral,
    Literal,
    Loop,
    MapLiteral,
    ObjectLiteral,
    Select,
)
from engine.cel.types import Kind


class Plan:
    """A step for the whole expression, how many slots its frame needs, and what it costs at least.

    ``reads`` are the variables of the environment with the fields that it reads of them: nothing else decides what it
    gives, unless functions that it has ``called`` do.
    """

    __slots__ = ("called", "cost", "reads", "slots", "step")

    def __init__(self, root: Expr, checked: Checked) -> None:
        planner = Planner(checked)
        self.step = planner.plan(root)
        self.slots = planner.slots
        self.cost = planner.cost
        self.reads = frozenset(planner.reads)
        self.called = frozenset(callee.name for callee, _, _ in checked.calls.values())


class Planner:
    """One tree being turned into steps."""

    def __init__(self, checked: Checked) -> None:
        self.slots = 0
        self.cost = 0
        """Of what has been planned since the innermost loop or branch began."""
        self.reads: set[tuple[str, ...]] = set()
        self._checked = checked
        self._scope: dict[str, list[Step]] = {}
        self._depth = 0

    def plan(self, node: Expr) -> Step:
        """What the node does."""
        return _PLANS[node.__class__](self, node)

    def _block(self, node: Expr) -> tuple[Step, int]:
        """What a node does that is not done once, and what doing it costs."""
        saved, self.cost = self.cost, 0
        step = self.plan(node)
        cost, self.cost = self.cost, saved
        return step, cost

    def branch(self, node: Expr) -> Step:
        """What a node does that may not be done; outside of loops it is counted in any case."""
        if not self._depth:
            return self.plan(node)
        return logic.costed(*self._block(node))

    def kind(self, node: Expr) -> Kind:
        """The kind of the node's type."""
        return self._checked.type_of(node).kind

    # -- names and fields

    def _literal(self, node: Literal) -> Step:
        return steps.constant(node.value)

    def _ident(self, node: Ident) -> Step:
        self.cost += 1
        local = self._scope.get(node.name)
        return local[-1] if local else self._named(node)

    def _named(self, node: Expr) -> Step:
        name, fixed = self._checked.names[node.id]
        if fixed is not None:
            return steps.constant(fixed.value)
        self.reads.add((name,))
        return steps.variable(name)

    def _select(self, node: Select) -> Step:
        self.cost += 1
        if node.id in self._checked.names:
            return self._named(node)
        if node.is_test:
            return steps.presence(self.plan(node.operand), node.field)
        return self._optional_path(node) if node.is_optional else self._path(node)

    def _optional_path(self, node: Select) -> Step:
        """A chain of optional selections in one step."""
        fields = [node.field]
        operand = node.operand
        while isinstance(operand, Select) and operand.is_optional and operand.id not in self._checked.names:
            self.cost += 1
            fields.append(operand.field)
            operand = operand.operand
        return steps.optional_path(self.plan(operand), tuple(reversed(fields)))

    def _path(self, node: Select) -> Step:
        """A chain of plain selections in one step."""
        fields = [node.field]
        operand = node.operand
        while isinstance(operand, Select) and self._is_plain(operand):
            self.cost += 1
            fields.append(operand.field)
            operand = operand.operand
        fields.reverse()
        if isinstance(operand, Ident) and not self._scope.get(operand.name):
            name, fixed = self._checked.names[operand.id]
            if fixed is None:
                self.cost += 1
                self.reads.add((name, *fields))
                return steps.path(name, tuple(fields))
        return steps.selection(self.plan(operand), tuple(fields))

    def _is_plain(self, node: Select) -> bool:
        return not node.is_test and not node.is_optional and node.id not in self._checked.names

    # -- literals of more than one part

    def _list(self, node: ListLiteral) -> Step:
        self.cost += LIST
        return steps.list_of(tuple([self.plan(element) for element in node.elements]), node.optional)

    def _map(self, node: MapLiteral) -> Step:
        self.cost += MAP
        entries = []
        for entry in node.entries:
            assert not isinstance(entry.key, str)
            entries.append((self.plan(entry.key), self.plan(entry.value), entry.is_optional))
        return steps.map_of(tuple(entries))

    def _object(self, node: ObjectLiteral) -> Step:
        self.cost += OBJECT
        name, provider = self._checked.objects[node.id]
        entries = [(str(entry.key), self.plan(entry.value), entry.is_optional) for entry in node.entries]
        return steps.object_of(name, provider.construct, tuple(entries))

    # -- calls

    def _call(self, node: Call) -> Step:
        callee, overloads, is_member = self._checked.calls[node.id]
        operator = OPERATORS.get(callee.name)
        if operator is not None:
            return operator(self, callee.name, node.arguments)
        arguments = (node.target, *node.arguments) if is_member and node.target else node.arguments
        if is_member and overloads[0].id in _EITHER:
            left, right = arguments
            return logic.either(self.plan(left), self.branch(right), _EITHER[overloads[0].id])
        return self._function(callee.name, overloads, arguments, node)

    def _function(self, name: str, overloads: tuple[Overload, ...], arguments: tuple[Expr, ...], node: Call) -> Step:
        planned = tuple([self.plan(argument) for argument in arguments])
        if len(overloads) > 1:
            self.cost += 1
            every = [one.overload for one in self._checked.calls[node.id][0].signatures]
            same_arity = [one for one in every if len(one.arguments) == len(arguments)]
            return calls.dispatched(Finder(name, same_arity), planned)
        overload = overloads[0]
        self.cost += overload.cost is None
        given = [self._checked.type_of(argument) for argument in arguments]
        if all(map(is_settled, overload.arguments, given)):
            return calls.call(overload, planned)
        if name in _COMPILED_EARLY and isinstance(arguments[1], Literal):
            overloads = (replace(overload, refusal="no such overload"),)
        return calls.dispatched(Finder(name, overloads), planned)

    # -- scopes

    def _slot(self) -> int:
        self.slots += 1
        return SLOTS + self.slots - 1

    def _within(self, variables: dict[str, Step], plan: Callable[[], Any]) -> Any:
        for name, step in variables.items():
            self._scope.setdefault(name, []).append(step)
        planned = plan()
        for name in variables:
            self._scope[name].pop()
        return planned

    def _bind(self, node: Bind) -> Step:
        compute = self.branch(node.value)
        at = self._slot()
        body: Step = self._within({node.variable: steps.binding(at, compute)}, lambda: self.plan(node.body))

        def step(frame: steps.Frame) -> Any:
            frame[at] = steps.UNSET
            return body(frame)

        return step

    def _comprehension(self, node: Comprehension) -> Step:
        target = self.plan(node.target)
        self.cost += loops.AROUND[node.loop]
        first = self._slot()
        variables = {node.variable: steps.slot(first)}
        second = None
        if node.second is not None:
            second = self._slot()
            variables[node.second] = steps.slot(second)
        self._depth += 1
        condition, body, cost = self._within(variables, lambda: self._bodies(node))
        self._depth -= 1
        over = loops.items(target) if second is None else loops.pairs(target)
        place = loops.Place(first, second, cost)
        return _loop(node.loop, over, place, body, condition)

    def _bodies(self, node: Comprehension) -> tuple[Step | None, Step, int]:
        """The condition, the body, and what an iteration costs at least."""
        body, cost = self._block(node.body)
        cost += loops.OVERHEAD[node.loop]
        if node.condition is None:
            return None, body, cost
        condition, condition_cost = self._block(node.condition)
        return condition, logic.costed(body, cost), condition_cost


def _loop(loop: Loop, over: loops.Items, place: loops.Place, body: Step, condition: Step | None) -> Step:
    match loop:
        case Loop.ALL:
            return loops.quantifier(over, place, body, decisive=False)
        case Loop.EXISTS:
            return loops.quantifier(over, place, body, decisive=True)
        case Loop.EXISTS_ONE:
            return loops.exists_one(over, place, body)
        case Loop.FILTER:
            return loops.selected(over, place, body)
        case Loop.MAP | Loop.TRANSFORM_LIST:
            return loops.mapped(over, place, body, condition)
        case Loop.TRANSFORM_MAP:
            return loops.transformed(over, place, body, condition)
        case Loop.TRANSFORM_MAP_ENTRY:
            return loops.entries(over, place, body, condition)


_COMPILED_EARLY: Final = frozenset({"matches", "find", "findAll"})
"""Functions whose literal expression upstream compiles beforehand, with words of its own (RegexOptimization)."""
_EITHER: Final = {"optional_or_optional": False, "optional_orValue_value": True}
_PLANS: Final[dict[type, Callable[[Planner, Any], Step]]] = {
    Literal: Planner._literal,
    Ident: Planner._ident,
    Select: Planner._select,
    Call: Planner._call,
    ListLiteral: Planner._list,
    MapLiteral: Planner._map,
    ObjectLiteral: Planner._object,
    Comprehension: Planner._comprehension,
    Bind: Planner._bind,
}
