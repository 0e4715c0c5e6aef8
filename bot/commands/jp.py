"""``preadmit jp``: JMESPath in Kyverno's dialect, asked, parsed and listed (upstream: commands/jp)."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NoReturn

import click

from engine.errors import QuerySyntaxError

_SETTINGS = {"max_content_width": 120}


@click.group("jp", context_settings=_SETTINGS)
def command() -> None:
    """Ask, parse and list JMESPath expressions in Kyverno's dialect."""


@command.command("query", context_settings=_SETTINGS)
@click.argument("queries", nargs=-1, metavar="QUERY...")
@click.option("-i", "--input", "source", default="", metavar="FILE", help="JSON or YAML to ask, instead of stdin.")
@click.option("-q", "--query", "files", multiple=True, metavar="FILE", help="A file with a query.")
@click.option("-c", "--compact", is_flag=True, help="Write JSON without line breaks.")
@click.option("-u", "--unquoted", is_flag=True, help="Write strings as they are.")
def query(queries: tuple[str, ...], files: tuple[str, ...], source: str, compact: bool, unquoted: bool) -> None:
    """Evaluate queries against an object.

    \b
    Examples:
      preadmit jp query -i pod.yaml 'metadata.name | truncate(@, `9`)'
      cat pod.yaml | preadmit jp query -q query.txt
    """
    expressions = [*queries, *map(_file, _split(files))]
    content = _file(source) if source else ""
    if not expressions and not source:
        _fail("at least one query or input object is required")
    if not expressions:
        expressions.append(_asked("a jmespath expression"))
    value = _value(content or _asked("input object"), source)
    for expression in expressions:
        answer = _answer(expression, value)
        click.echo(f"# {expression}")
        click.echo(answer if unquoted and isinstance(answer, str) else _json(answer, compact))


@command.command("parse", context_settings=_SETTINGS)
@click.argument("expressions", nargs=-1, metavar="EXPRESSION...")
@click.option("-f", "--file", "files", multiple=True, metavar="FILE", help="A file with an expression.")
def parse(expressions: tuple[str, ...], files: tuple[str, ...]) -> None:
    """Show the syntax tree of expressions.

    \b
    Examples:
      preadmit jp parse 'request.object.metadata.name | truncate(@, `9`)'
      cat expression.txt | preadmit jp parse
    """
    from engine.errors import EngineError
    from engine.jmespath.tree_text import tree_text

    for expression in [*expressions, *map(_file, _split(files))] or [_asked("a jmespath expression")]:
        try:
            text = tree_text(expression)
        except QuerySyntaxError as error:
            _fail(f"{error}\n{error.highlighted()}")
        except EngineError as error:
            _fail(str(error))
        click.echo(f"# {expression}\n{text}")


@command.command("function", context_settings=_SETTINGS)
@click.argument("names", nargs=-1, metavar="NAME...")
def function(names: tuple[str, ...]) -> None:
    """List Kyverno's own functions: their signatures, and a line on each.

    \b
    Examples:
      preadmit jp function
      preadmit jp function truncate
    """
    from engine.jmespath.functions import CUSTOM, FUNCTIONS

    custom = [FUNCTIONS[name] for family in CUSTOM.values() for name in family.split()]
    for found in sorted(custom, key=lambda entry: entry.signature):
        if not names or found.name in names:
            click.echo(f"Name: {found.name}\n  Signature: {found.signature}\n  Note:      {found.doc}\n")


def _split(files: tuple[str, ...]) -> list[str]:
    from bot.dropin.apply_run import split

    return split(files)


def _fail(message: str) -> NoReturn:
    click.echo(f"Error: {message}", err=True)
    sys.exit(1)


def _file(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError as error:
        _fail(f"failed open file {path}: open {path}: {(error.strerror or str(error)).lower()}")


def _asked(what: str) -> str:
    click.echo(f"Reading from terminal input.\nEnter {what} and hit Ctrl+D.")
    return sys.stdin.read()


def _value(content: str, source: str) -> Any:
    """The first document, as encoding/json has it: every number a float64."""
    from bot.dropin.strict import LIMITS, place
    from engine import documents
    from engine.values.numbers import floats

    loaded = documents.load(content, source, limits=LIMITS)
    if loaded.problems:
        _fail(f"error parsing input json: {place(loaded.problems[0])}")
    return floats(loaded.documents[0].value) if loaded.documents else None


def _answer(expression: str, value: Any) -> Any:
    from bot.runtime import runtime
    from engine import jmespath

    compiled = _tried(f"failed to compile JMESPath: {expression}, error", lambda: jmespath.compile(expression))
    return _tried("error evaluating JMESPath expression", lambda: compiled(value, runtime()))


def _tried(what: str, run: Callable[[], Any]) -> Any:
    from engine.errors import EngineError

    try:
        return run()
    except EngineError as error:
        _fail(f"{what}: {error}")


def _json(answer: Any, compact: bool) -> str:
    from engine.values import golang

    try:
        return golang.marshal(answer) if compact else golang.indented(answer)
    except ValueError as error:
        _fail(f"error marshalling result to JSON: {error}")
