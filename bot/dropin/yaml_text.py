"""Values as the two YAML writers of the reference write them; JSON as encoding/json does."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from bot.dropin import yaml_scalars
from engine.model import Value
from engine.values import golang

_WIDTH = 80


def report_yaml(value: Value) -> str:
    """As sigs.k8s.io/yaml writes: keys sorted, lists not indented, long lines folded."""
    import yaml

    text = yaml.dump(_settled(value), Dumper=_report_dumper(), sort_keys=True, allow_unicode=True, width=_WIDTH)
    return str(text)


@cache
def _report_dumper() -> type[Any]:
    """Go quotes twice what would be no text without, and writes texts of several lines as blocks."""
    import yaml

    class Dumper(yaml.CSafeDumper):
        """A dumper of its own: representers belong to the class."""

    def text(dumper: Any, value: str) -> Any:
        style = None
        if "\n" in value:
            style = "|"
        elif not yaml_scalars.means_text(value):
            style = '"'
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style)

    Dumper.add_representer(str, text)
    return Dumper


def report_json(value: Value) -> str:
    """As encoding/json writes, without regard to the order of keys."""
    import msgspec

    return msgspec.json.encode(value).decode()


def indented_json(value: Value) -> str:
    """As encoding/json's MarshalIndent writes with two blanks."""
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)


def resource_yaml(value: Value) -> str:
    """As go.yaml.in/yaml/v3 writes: keys sorted, four blanks for each level, lists indented too."""
    lines: list[str] = []
    _write(_settled(value), 0, lines, "")
    return "\n".join(lines) + "\n"


def _settled(value: Value) -> Value:
    """The value with whole floats as int: Go writes 80 for both."""
    match value:
        case bool() | str() | int() | None:
            return value
        case float():
            return int(value) if value.is_integer() and abs(value) < 1e21 else value
        case dict():
            return {key: _settled(item) for key, item in value.items()}
        case list():
            return [_settled(item) for item in value]
    return value


def _below(indent: int) -> int:
    """Where the parts of a mapping's value begin: at the next multiple of four (emitterc.go: increase_indent)."""
    return 4 * ((indent + 4) // 4)


def _write(value: Value, indent: int, lines: list[str], lead: str) -> None:
    """Write a value at ``indent``; its first line begins with ``lead``, which ends in the place of the value."""
    if isinstance(value, dict) and value:
        for key in yaml_scalars.keys_in_order(list(value)):
            _entry(f"{lead}{yaml_scalars.written(key, indent, as_key=True)}:", value[key], indent, lines)
            lead = " " * indent
    elif isinstance(value, list) and value:
        for item in value:
            _write(item, indent + 2, lines, f"{lead}- ")
            lead = " " * indent
    else:
        lines.append(f"{lead}{_scalar(value, indent)}")


def _entry(key: str, value: Value, indent: int, lines: list[str]) -> None:
    below = _below(indent)
    if isinstance(value, (dict, list)) and value:
        lines.append(key)
        _write(value, below, lines, " " * below)
    else:
        lines.append(f"{key} {_scalar(value, below)}")


def _scalar(value: Value, indent: int) -> str:
    match value:
        case dict():
            return "{}"
        case list():
            return "[]"
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case float():
            return golang.float_text(value, "g")
        case int():
            return str(value)
    return yaml_scalars.written(str(value), indent)
