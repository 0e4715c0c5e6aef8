"""All that an environment's expressions can name, merged from its libraries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from engine.cel.assignability import parameter_names
from engine.cel.functions import Constant, Library, Macro, Overload, TypeProvider, Validator
from engine.cel.types import Type, type_of_type


class Signature(Struct, frozen=True):
    """An overload and the type parameters in it."""

    overload: Overload
    parameters: frozenset[str]


class Callee(Struct, frozen=True):
    """A function with what all libraries declare for it."""

    name: str
    signatures: tuple[Signature, ...]


class Declarations:
    """Variables, constants, functions, macros and types by name. Extending makes a new one."""

    __slots__ = (
        "asking",
        "constants",
        "container",
        "functions",
        "has_dotted_names",
        "macros",
        "providers",
        "validators",
        "variables",
    )

    def __init__(self, container: str = "") -> None:
        self.container = container
        self.variables: dict[str, Type] = {}
        self.constants: dict[str, Constant] = {}
        self.functions: dict[str, Callee] = {}
        self.macros: dict[tuple[str, int | None, bool], Macro] = {}
        self.providers: tuple[TypeProvider, ...] = ()
        self.validators: dict[str, Validator] = {}
        self.asking: frozenset[str] = frozenset()
        """The names of functions whose answers their arguments do not decide."""
        self.has_dotted_names = False

    def extended(self, libraries: Iterable[Library], variables: Mapping[str, Type]) -> Declarations:
        """These and more; later macros and variables of a name win, functions gain overloads."""
        made = Declarations(self.container)
        made.variables, made.constants = dict(self.variables), dict(self.constants)
        made.functions, made.macros, made.providers = dict(self.functions), dict(self.macros), self.providers
        made.validators, made.asking = dict(self.validators), self.asking
        for library in libraries:
            made._add(library)
        made.variables.update(variables)
        made.has_dotted_names = any("." in name for names in (made.variables, made.constants) for name in names)
        return made

    def _add(self, library: Library) -> None:
        for function in library.functions:
            known = self.functions.get(function.name)
            signatures = {one.overload.id: one for one in known.signatures} if known else {}
            for overload in function.overloads:
                parameters = parameter_names((*overload.arguments, overload.result))
                signatures[overload.id] = Signature(overload, parameters)
            self.functions[function.name] = Callee(function.name, tuple(signatures.values()))
        for macro in library.macros:
            self.macros[macro.name, macro.arity, macro.is_member] = macro
        self.providers += library.types
        self.constants.update(library.constants)
        self.variables.update(library.variables)
        self.validators.update(library.validators)
        if library.asks:
            self.asking |= {function.name for function in library.functions}

    def candidates(self, name: str) -> Iterator[str]:
        """The full names that a name can mean, by container (upstream: containers.ResolveCandidateNames)."""
        if name.startswith("."):
            yield name[1:]
            return
        prefix = self.container
        while prefix:
            yield f"{prefix}.{name}"
            prefix = prefix.rpartition(".")[0]
        yield name

    def find_function(self, name: str) -> Callee | None:
        """The function that a name means."""
        if not self.container and name in self.functions:
            return self.functions[name]
        return next((self.functions[full] for full in self.candidates(name) if full in self.functions), None)

    def find_name(self, name: str) -> tuple[str, Type, Constant | None] | None:
        """The variable, constant or type that a name means: its full name, its type and its fixed value."""
        for full in self.candidates(name):
            if full in self.variables:
                return full, self.variables[full], None
            constant = self.constants.get(full)
            if constant is not None:
                return full, constant.type, constant
            found = self._provided(full)
            if found is not None:
                return full, type_of_type(found), Constant(type_of_type(found), found)
        return None

    def find_object_type(self, name: str) -> tuple[Type, TypeProvider] | None:
        """The type with fields that a name means, and who knows it."""
        for full in self.candidates(name):
            for provider in self.providers:
                found = provider.find_type(full)
                if found is not None:
                    return found, provider
        return None

    def _provided(self, full: str) -> Type | None:
        found = (provider.find_type(full) for provider in self.providers)
        return next((one for one in found if one is not None), None)

    def find_field(self, type_name: str, field: str) -> tuple[bool, Type | None]:
        """Whether the type is known, and the type of its field if that is."""
        for provider in self.providers:
            if provider.find_type(type_name) is not None:
                return True, provider.find_field(type_name, field)
        return False, None


def merged(libraries: Sequence[Library], variables: Mapping[str, Type], container: str = "") -> Declarations:
    """Declarations from nothing."""
    return Declarations(container).extended(libraries, variables)
