"""The configuration: defaults, what is refused and where, the published schema, and what a glob matches."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.config import PATH, SCHEMA, Config, parse
from bot.globs import compile_globs
from bot.model import Comments, Enforce

ROOT = Path(__file__).parents[2]


def test_a_file_without_keys_is_the_default() -> None:
    for content in (b"", b"# nothing\n", b"{}", b"---\n", b"null\n"):
        assert parse(content) == (Config(), ())
    assert Config().policies.match("any/where.yaml")
    assert (Config().enforce, Config().comments, Config().namespace) == (Enforce.BLOCK, Comments.ALL, "default")


def test_every_key() -> None:
    config, problems = parse(
        b"policies:\n- policies/**\nmanifests: ['**', '!archive/**']\nexceptions: [exceptions/]\n"
        b"namespace: shop\nvalues: ci/values.yaml\nenforce: report\ncomments: blocked\n"
    )
    assert problems == ()
    assert config.policies.patterns == ("policies/**",)
    assert not config.manifests.match("archive/old.yaml")
    assert (config.namespace, config.values) == ("shop", "ci/values.yaml")
    assert (config.enforce, config.comments) == (Enforce.REPORT, Comments.BLOCKED)


BAD = [
    ("polices: [a]", 1, 1, "unknown key 'polices'", "Did you mean 'policies'?"),
    ("enforce: report\nzzz: 1", 2, 1, "unknown key 'zzz'", "The keys are policies,"),
    ("enforce: blocked", 1, 10, "enforce: must be block or report, not 'blocked'", ""),
    ("comments: no", 1, 11, "comments: must be all or blocked or none, not false", ""),
    ("policies: policies/**", 1, 11, "policies: must be a list of globs, not 'policies/**'", ""),
    ("policies: []", 1, 11, "policies: must be a list of globs, not an empty list", ""),
    ("policies:\n- a\n- 1", 3, 3, "policies: a glob must be a text, not 1", ""),
    ("policies:\n- a\n- '*.{yaml,yml}'", 3, 3, "'{' has no meaning in a pattern", ""),
    ("manifests: [../x]", 1, 13, "cannot leave the repository", ""),
    ("namespace: Shop", 1, 12, "namespace: must be a namespace's name, not 'Shop'", ""),
    ("namespace: 1", 1, 12, "namespace: must be a text, not 1", ""),
    ("values: /etc/passwd", 1, 9, "values: must be a path inside the repository, not '/etc/passwd'", ""),
    ("values: a/../../b", 1, 9, "values: must be a path inside the repository", ""),
    ("- policies", 1, 1, "must be a mapping", ""),
    ("enforce: block\n---\nenforce: report", 3, 1, "a single document", ""),
]


@pytest.mark.parametrize(("text", "line", "column", "message", "advice"), BAD)
def test_what_is_refused_has_a_line_and_a_key(text: str, line: int, column: int, message: str, advice: str) -> None:
    config, problems = parse(text.encode())
    assert len(problems) == 1
    assert message in problems[0].message
    assert advice in problems[0].advice
    assert (problems[0].file, problems[0].line, problems[0].column) == (PATH, line, column)
    assert config.enforce in (Enforce.BLOCK, Enforce.REPORT)


def test_broken_yaml_is_a_problem() -> None:
    for content in (b"policies: [", b"\tx: 1", b"enforce: block\nenforce: report", b"\xff\xfe\x00"):
        config, problems = parse(content)
        assert problems
        assert config == Config()


def test_the_published_schema_is_the_one_used() -> None:
    assert json.loads((ROOT / "docs/preadmit.schema.json").read_text()) == json.loads(json.dumps(SCHEMA))


def test_the_schema_refuses_what_the_check_refuses() -> None:
    validator = jsonschema.Draft202012Validator(SCHEMA)
    validator.check_schema(SCHEMA)
    for text, *_ in BAD:
        documents = list(yaml.safe_load_all(text))
        if len(documents) == 1 and ".." not in text.partition("values")[0]:
            assert not validator.is_valid(documents[0]), text
    assert validator.is_valid({"policies": ["policies/**"], "enforce": "block"})
    assert validator.is_valid(None)


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("**", "a", True),
        ("**", "a/b/c.yaml", True),
        ("*.yaml", "a.yaml", True),
        ("*.yaml", "a/b.yaml", False),
        ("**/*.yaml", "a.yaml", True),
        ("**/*.yaml", "a/b/c.yaml", True),
        ("policies/**", "policies/a/b.yaml", True),
        ("policies/**", "other/policies/b.yaml", False),
        ("policies", "policies/a/b.yaml", True),
        ("policies/", "policies/a.yaml", True),
        ("./policies/", "policies/a.yaml", True),
        ("/policies", "policies/a.yaml", True),
        ("policies", "policies.yaml", False),
        ("policies/*", "policies/a.yaml", True),
        ("policies/*", "policies/a/b.yaml", False),
        ("a/**/z", "a/z", True),
        ("a/**/z", "a/b/c/z", True),
        ("a/**/b/**/z", "a/b/x/b/z", True),
        ("a?.yaml", "ab.yaml", True),
        ("a?.yaml", "a/.yaml", False),
        ("a/b.yaml", "a/b.yaml", True),
        ("*", ".hidden", True),
        ("a.yaml", "aXyaml", False),
        ("!archive/**", "archive/x", False),
        ("!archive/**", "app/x", True),
        (".", "any", True),
    ],
)
def test_globs(pattern: str, path: str, matches: bool) -> None:
    assert compile_globs([pattern]).match(path) is matches


def test_exclusions_hold_wherever_they_stand() -> None:
    globs = compile_globs(["!a/secret/**", "a/**"])
    assert globs.match("a/x")
    assert not globs.match("a/secret/x")


@given(st.text("ab*/?", min_size=1, max_size=12), st.text("ab/", min_size=1, max_size=12))
def test_globs_never_raise(pattern: str, path: str) -> None:
    assert isinstance(compile_globs([pattern]).match(path), bool)


def test_hostile_globs_take_bounded_time() -> None:
    globs = compile_globs(["**/" * 100 + "*a" * 90 + "b"])
    assert not globs.match("a/" * 1000 + "a" * 1000)
