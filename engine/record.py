"""Dataclasses that cost next to nothing to import.

The standard decorator writes and compiles six methods for each class when its module is imported, 0.3 ms a class: with
the 80 classes of a run that was a quarter of the time in which ten manifests are judged. Here a class gets its
``__init__`` when its first object is made, and shares the other methods. Type checkers see the standard decorator; that
frozen objects are not written to is theirs to find, which also makes objects three times faster to make.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
    from dataclasses import field as field
    from dataclasses import replace as replace
else:
    from operator import attrgetter

    class _Made:
        """A default that is made anew for each object."""

        def __init__(self, factory):
            self.factory = factory

    def field(*, default_factory):
        """A field whose default is made for each object."""
        return _Made(default_factory)

    def replace(record, /, **changes):
        """A copy of a record with other values in some fields."""
        values = {name: getattr(record, name) for name in record.__match_args__}
        return type(record)(**{**values, **changes})

    def dataclass(*, frozen=False, slots=True, eq=True):
        """As the standard one, for classes with slots."""
        return lambda plain: _record(plain, frozen, eq)

    def _record(plain, frozen, eq):
        own = tuple(plain.__annotations__)
        names = (*getattr(plain, "__match_args__", ()), *own)
        defaults = {
            **getattr(plain, "_defaults", {}),
            **{name: vars(plain)[name] for name in own if name in vars(plain)},
        }
        body = {key: value for key, value in vars(plain).items() if key not in (*own, "__dict__", "__weakref__")}
        body |= {"__slots__": own, "__match_args__": names, "_defaults": defaults, "__dataclass_fields__": _Fields()}
        body.setdefault("__repr__", _repr)
        if eq and "__eq__" not in body:
            body |= _compared(names, frozen)
        made = type(plain)(plain.__name__, plain.__bases__, body)
        made.__qualname__ = plain.__qualname__
        made.__init__ = _first(made)
        return made

    def _repr(self):
        values = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__match_args__)
        return f"{type(self).__qualname__}({values})"

    def _compared(names, frozen):
        values = attrgetter(*names) if names else lambda _record: ()

        def equal(self, other):
            return values(self) == values(other) if type(self) is type(other) else NotImplemented

        return {"__eq__": equal, "__hash__": (lambda self: hash(values(self))) if frozen else None}

    def _first(made):
        def init(self, *args, **kwargs):
            made.__init__ = _init(made.__match_args__, made._defaults)
            made.__init__(self, *args, **kwargs)

        return init

    def _init(names, defaults):
        scope = {f"_{name}": value for name, value in defaults.items()}
        parameters, lines = ["self"], ["pass"]
        for name in names:
            parameters.append(f"{name}=_{name}" if name in defaults else name)
            made = isinstance(defaults.get(name), _Made)
            lines.append(f"self.{name} = " + (f"_{name}.factory() if {name} is _{name} else {name}" if made else name))
        exec(f"def __init__({', '.join(parameters)}):\n " + "\n ".join(lines), scope)  # noqa: S102 - names of fields only
        return scope["__init__"]

    class _Fields:
        """What ``dataclasses.fields`` and ``asdict`` read, made when they ask."""

        def __get__(self, _record, made):
            import dataclasses

            defaults = {
                name: dataclasses.field(default_factory=value.factory) if isinstance(value, _Made) else value
                for name, value in made._defaults.items()
            }
            annotations = dict.fromkeys(made.__match_args__, Any)
            twin = dataclasses.dataclass(type(made.__name__, (), {"__annotations__": annotations, **defaults}))
            made.__dataclass_fields__ = twin.__dataclass_fields__
            return made.__dataclass_fields__
