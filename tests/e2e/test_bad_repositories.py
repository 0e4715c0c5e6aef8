"""Repositories and references that cannot be judged: one line that says why, what to do, and 2."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot import pipeline
from bot.cli import main
from tests.bot.git_repository import Repository
from tests.e2e.command import Done, Made, check, judged, program, run
from tests.e2e.shop import BASE, BLOCKED, CHANGE, deployment, workshop


def refused(done: Done) -> str:
    """What a command said that judged nothing."""
    assert done.code == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize(
    ("base", "head", "says"),
    [
        ("main", "gone", "no commit is named 'gone'"),
        ("nowhere", "change", "no commit is named 'nowhere'"),
        ("main", "0" * 40, "no commit is named"),
        ("main", "--upload-pack=evil", "cannot name a commit"),
        ("main", "a\x1b[2Jb", r"'a\x1b[2Jb' cannot name a commit"),
        ("main", "", "'' cannot name a commit"),
        ("main", "main:README.md", "no commit is named"),
        ("^main", "change", "no commit is named"),
    ],
)
def test_what_names_no_commit_is_said(strict_shop: Repository, base: str, head: str, says: str) -> None:
    text = refused(run("check", "--repo", str(strict_shop.path), f"--base={base}", f"--head={head}"))
    assert text.startswith("preadmit: ")
    assert says in text
    assert len(text.splitlines()) == 2, "what is wrong, and what to do"


def test_a_deleted_branch_is_no_head(make: Made) -> None:
    repository = make({**BASE, **workshop(strict=True)}, CHANGE)
    repository.git("switch", "--quiet", "main")
    repository.git("branch", "--quiet", "-D", "change")
    assert "git fetch" in refused(check(repository))


def test_a_directory_without_a_repository(tmp_path: Path) -> None:
    text = refused(run("check", "--repo", str(tmp_path)))
    assert "is no git repository" in text
    assert "--repo" in text
    assert "does not exist" in refused(run("check", "--repo", str(tmp_path / "nowhere")))
    assert "is no git repository" in refused(run("scan", "--repo", str(tmp_path)))


def test_a_repository_without_commits(tmp_path: Path) -> None:
    empty = Repository(tmp_path / "empty")
    assert "--base" in refused(run("check", "--repo", str(empty.path)))
    assert "no commit is named 'main'" in refused(run("check", "--repo", str(empty.path), "--base", "main"))


def test_histories_without_a_common_ancestor(make: Made) -> None:
    repository = make({**BASE, **workshop(strict=True)})
    repository.git("switch", "--quiet", "--orphan", "apart")
    repository.commit(CHANGE)
    assert "no common ancestor" in refused(check(repository, head="apart"))


def test_a_shallow_clone_says_how_to_deepen_it(strict_shop: Repository, tmp_path: Path) -> None:
    strict_shop.git(
        "clone", "--quiet", "--depth=1", "--branch=change", f"file://{strict_shop.path}", str(tmp_path / "s")
    )
    text = refused(run("check", "--repo", str(tmp_path / "s"), "--base", "main"))
    assert "git fetch --unshallow" in text


def test_a_head_that_is_behind_the_base_changes_nothing(make: Made) -> None:
    repository = make({**BASE, **workshop(strict=True)})
    repository.git("switch", "--quiet", "main")
    repository.commit({"shop/late.yaml": deployment("late", image="nginx")})
    done = check(repository)
    assert (done.code, done.title) == (0, "no manifests changed; 3 policies")


def test_a_detached_head_and_a_commits_name_do_as_well(make: Made) -> None:
    repository = make({**BASE, **workshop(strict=True)}, CHANGE)
    commit = repository.git("rev-parse", "HEAD")
    repository.git("switch", "--quiet", "--detach")
    assert judged(repository, head=commit[:12])["head_sha"] == commit
    assert check(repository, head=None).lines[1:3] == list(BLOCKED)


def test_outputs_that_cannot_be_written(strict_shop: Repository, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = check(strict_shop, "--out", str(tmp_path / "file/below"))
    assert done.code == 2
    assert "cannot write to" in done.stderr
    assert "name another --out" in done.stderr


@pytest.mark.parametrize("arguments", [["check"], ["scan", "change"]])
def test_a_fault_of_the_program_is_one_line_and_never_green(
    strict_shop: Repository,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
) -> None:
    def fail(*_: object, **__: object) -> object:
        raise KeyError("a\x1b[2J\nb")

    monkeypatch.setattr(pipeline.policy_tree, "read", fail)
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--repo", str(strict_shop.path)])
    captured = capsys.readouterr()
    assert (ended.value.code, captured.out) == (2, "")
    (line,) = captured.err.splitlines()
    assert line.startswith("preadmit: nothing was judged, by a fault of preadmit itself: KeyError: ")
    assert "pipeline.py:" in line
    assert "\x1b" not in line


@pytest.mark.parametrize(
    "wrong",
    [
        lambda path: ["check", "--format", "xml", "--repo", path],
        lambda path: ["check", "--nonsense"],
        lambda path: ["scan", "a", "b", "--repo", path],
        lambda path: ["chek"],
    ],
)
def test_wrong_usage_is_2_as_well(strict_shop: Repository, wrong: Callable[[str], list[str]]) -> None:
    assert run(*wrong(str(strict_shop.path))).code == 2


def test_a_pipe_that_closes_early_ends_without_a_traceback(strict_shop: Repository) -> None:
    import subprocess
    import sys

    from tests.e2e.command import environment

    command = [
        sys.executable,
        "-m",
        "bot",
        "check",
        "--base=main",
        "--head=change",
        "--repo",
        str(strict_shop.path),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert b"Traceback" not in running.stderr.read()
        assert running.wait() != 0


def test_the_program_itself_shows_no_traceback(tmp_path: Path) -> None:
    refused(program("check", "--repo", str(tmp_path)))
