"""Files of a change that cannot be read or judged: each is told once, where it stands, and the rest is judged."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.bot.git_repository import Repository
from tests.e2e.command import Made, check, judged, run
from tests.e2e.shop import BASE, Files, deployment, line_of, policy, workshop

BOMB = (
    "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
    + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bomb}\n"
)
SECRET = """\
apiVersion: v1
kind: Secret
metadata: {name: token}
data: {token: "ENC[AES256_GCM,data:abc,type:str]"}
sops: {mac: "ENC[AES256_GCM,data:def,type:str]", version: 3.8.1}
"""
LABELS = 'validate: {message: labels, pattern: {metadata: {labels: {team: "?*"}}}}\n'


@dataclass(frozen=True, slots=True)
class Bad:
    """A bad file, and the problem that it must be: ``red`` problems forbid a green check, the others are notes."""

    name: str
    content: str | bytes
    code: str
    line: int
    says: str
    red: bool = True
    path: str = "shop/bad.yaml"


CASES = [
    Bad("broken YAML", "apiVersion: v1\nkind: Pod\nmetadata: {name: a\nspec: b: c\n", "yaml-syntax", 4, "mapping"),
    Bad("broken JSON", '{"apiVersion": "v1",\n "kind": "Pod",,}', "yaml-syntax", 2, "", path="shop/bad.json"),
    Bad("a tab", "apiVersion: v1\nkind: Pod\nmetadata:\n\tname: a\n", "yaml-syntax", 4, "cannot start any token"),
    Bad("a bomb", BOMB, "alias-bomb", 4, "aliases expand"),
    Bad("too deep", "apiVersion: v1\nkind: Pod\nspec: " + "[" * 500 + "]" * 500, "too-deep", 3, "deep"),
    Bad("no UTF-8", b"apiVersion: v1\nkind: Pod\nmetadata: {name: caf\xe9}\n", "not-utf8", 3, "UTF-8"),
    Bad("binary", b"\x00\x01\x02\xff\xfe" * 400, "binary-file", 1, "binary"),
    Bad("no kind", "apiVersion: v1\nmetadata: {name: a}\n", "not-a-resource", 1, "no kind"),
    Bad("no name", "apiVersion: v1\nkind: Pod\nmetadata: {labels: {a: b}}\n", "no-name", 3, "no metadata.name"),
    Bad("a name that is a number", "apiVersion: v1\nkind: Pod\nmetadata: {name: 1}\n", "not-a-resource", 3, "not text"),
    Bad(
        "twice",
        f"{deployment('twin')}---\n{deployment('twin')}",
        "duplicate-identity",
        deployment("twin").count("\n") + 2,
        "twice, first in line 1",
    ),
    Bad("encrypted", SECRET, "encrypted", 1, "encrypted with SOPS"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_bad_file_is_told_once_and_the_rest_is_judged(make: Made, case: Bad) -> None:
    base = {**BASE, **workshop(strict=True), "policies/secrets.yaml": policy("labels", LABELS, kind="Secret")}
    repository = make(base, {case.path: case.content, "shop/new.yaml": deployment("new", image="nginx")})
    found = judged(repository)
    (problem,) = [*found["unjudged"], *found["problems"]]
    assert (problem["code"], problem["file"], problem["line"]) == (case.code, case.path, case.line), problem
    assert case.says in problem["message"]
    assert problem["advice"]
    assert bool(found["unjudged"]) == case.red
    assert [one["name"] for one in found["findings"] if one["verdict"] == "blocked"] == ["new"]
    told = [line for line in check(repository).lines if line.startswith(f"{case.path}:{case.line}: ")]
    assert len(told) == 1


def test_a_change_with_something_unjudged_is_not_green(make: Made) -> None:
    repository = make(
        {**BASE, **workshop(strict=True)}, {"shop/bad.yaml": CASES[0].content, "shop/a.yaml": deployment("a")}
    )
    done = check(repository)
    assert done.code == 2
    assert done.title == "0 blocked, 0 failing, 1 passing; 3 policies, 1 resource; 1 not judged"
    assert "1 thing could not be judged; until that is mended the check cannot be green." in done.stdout


def test_one_broken_document_of_a_file_leaves_the_others_judged(make: Made) -> None:
    text = f"{deployment('one', image='nginx')}---\nkind: [\n---\n{deployment('two', image='nginx')}"
    found = judged(make(workshop(strict=True), {"shop/all.yaml": text}))
    assert [one["name"] for one in found["findings"]] == ["one", "two"]
    assert len(found["unjudged"]) == 1


def test_a_file_that_the_change_does_not_touch_turns_nothing_red(make: Made) -> None:
    base = {**BASE, **workshop(strict=True), **{f"old/{n}.yaml": case.content for n, case in enumerate(CASES)}}
    done = check(make(base, {"shop/a.yaml": deployment("a")}))
    assert done.code == 0
    assert "old/" not in done.stdout


def test_a_bad_file_that_is_deleted_or_mended_is_no_problem(make: Made) -> None:
    def mend(repository: Repository) -> None:
        (repository.path / "old/0.yaml").unlink()
        repository.write({"old/1.yaml": deployment("a")})

    base = {**BASE, **workshop(strict=True), "old/0.yaml": CASES[0].content, "old/1.yaml": CASES[2].content}
    found = judged(make(base, mend))
    assert (found["exit_code"], [row["operation"] for row in found["rows"]]) == (0, ["CREATE"])


def test_an_encrypted_secret_that_no_rule_speaks_of_is_a_note(make: Made) -> None:
    found = judged(make({**BASE, **workshop(strict=True)}, {"shop/token.yaml": SECRET}))
    assert (found["exit_code"], [one["code"] for one in found["problems"]]) == (0, ["encrypted"])


def test_a_mark_of_encryption_hides_nothing(make: Made) -> None:
    hidden = deployment("hidden", image="nginx") + "sops: {mac: x}\n"
    done = check(make({**BASE, **workshop(strict=True)}, {"shop/hidden.yaml": hidden}))
    assert done.code == 2
    assert "shop/hidden.yaml:1: not judged: Deployment is encrypted with SOPS" in done.stdout


def test_a_large_file_is_not_read(make: Made) -> None:
    large = deployment("large") + "# " + "x" * 50_000_000
    found = judged(make({**BASE, **workshop(strict=True)}, {"shop/large.yaml": large, "package-lock.json": large}))
    (problem,) = found["unjudged"]
    assert (problem["code"], problem["file"]) == ("too-large", "shop/large.yaml")
    assert [one["path"] for one in found["ignored"]] == ["package-lock.json"]


def test_a_link_is_judged_where_it_leads_to(make: Made) -> None:
    def link(repository: Repository) -> None:
        os.symlink("orders.yaml", repository.path / "shop/inside.yaml")
        os.symlink("../README.md", repository.path / "shop/hidden.yaml")
        os.symlink("/etc/passwd", repository.path / "shop/outside.yaml")
        os.symlink("loop.yaml", repository.path / "shop/loop.yaml")

    found = judged(make({**BASE, **workshop(strict=True)}, link))
    assert [one["file"] for one in found["problems"]] == ["shop/inside.yaml"]
    assert [one["file"] for one in found["unjudged"]] == ["shop/hidden.yaml", "shop/loop.yaml", "shop/outside.yaml"]
    assert {one["code"] for one in [*found["problems"], *found["unjudged"]]} == {"symlink"}


def test_a_submodule_is_named_and_judged_elsewhere(make: Made) -> None:
    def add(repository: Repository) -> None:
        commit = repository.git("rev-parse", "HEAD")
        repository.git("update-index", "--add", "--cacheinfo", f"160000,{commit},vendor/charts")
        repository.git("commit", "--quiet", "--message", "a submodule")

    repository = make({**BASE, **workshop(strict=True)})
    add(repository)
    found = judged(repository)
    assert [(one["code"], one["file"]) for one in found["problems"]] == [("submodule", "vendor/charts")]
    assert found["exit_code"] == 0


@pytest.mark.parametrize(
    ("files", "what"),
    [
        ({"chart/Chart.yaml": "name: a\n", "chart/templates/a.yaml": "kind: {{ .kind }}\n"}, "a template of the chart"),
        ({".github/workflows/ci.yaml": "on: push\njobs: {}\n"}, "a file of GitHub's"),
        ({"data/points.json": "[1, 2]"}, "it has no document with apiVersion and kind"),
        ({"data/picture.yaml": b"\x89PNG\r\n\x1a\n\x00"}, "it cannot be read, and has no apiVersion and kind"),
    ],
)  # fmt: skip
def test_what_is_no_manifest_is_named_and_left_alone(make: Made, files: Files, what: str) -> None:
    found = judged(make({**BASE, **workshop(strict=True)}, files))
    assert (found["exit_code"], found["unjudged"], found["problems"]) == (0, [], [])
    assert any(what in one["what"] for one in found["ignored"])


def test_scan_tells_the_same_of_a_tree(make: Made) -> None:
    def add(repository: Repository) -> None:
        repository.write({f"bad/{n}/bad.yaml": case.content for n, case in enumerate(CASES)})
        os.symlink("../README.md", repository.path / "shop/hidden.yaml")

    repository = make({**BASE, **workshop(strict=True)}, add)
    done = run("scan", "change", "--repo", str(repository.path))
    assert done.code == 2
    assert (
        sum(": not judged: " in line for line in done.lines) == len(CASES) - 1
    )  # alone in its directory, a binary is none
    assert "shop/hidden.yaml:1: not judged: a symbolic link" in done.stdout


ESCAPES: list[Callable[[str], Files]] = [
    lambda evil: {"shop/evil.yaml": f'apiVersion: v1\nkind: Pod\nmetadata:\n  name: "{evil}"\n  a: [\n'},
    lambda evil: {f"shop/{evil}.yaml": deployment("a", image="nginx")},
    lambda evil: {"shop/evil.yaml": deployment('"' + evil.encode("unicode_escape").decode() + '"', image="nginx")},
]


@pytest.mark.parametrize("files", ESCAPES)
@pytest.mark.parametrize("form", ["text", "json", "markdown", "policyreport"])
def test_no_control_character_reaches_the_terminal(make: Made, files: Callable[[str], Files], form: str) -> None:
    done = check(make(workshop(strict=True), files("x\x1b[2J\u202e\x9b31m")), "--format", form)
    assert not {"\x1b", "\u202e", "\x9b"} & set(done.output)
    assert done.code in (1, 2)


def test_lines_count_from_the_files_first_line_even_behind_broken_documents(make: Made) -> None:
    text = f"# a shop\n---\nkind: [\n---\n{deployment('two', image='nginx')}"
    (finding,) = judged(make(workshop(strict=True), {"shop/all.yaml": text}))["findings"]
    assert finding["line"] == line_of(text, "image: nginx")
