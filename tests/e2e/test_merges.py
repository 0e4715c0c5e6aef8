"""What is judged is what would be there after the merge, at the lines of the change."""

from __future__ import annotations

import gc
import tempfile
from pathlib import Path

import pytest

from bot import scratch
from bot.git import Git
from tests.bot.git_repository import Repository
from tests.e2e.command import Made, check, judged, run
from tests.e2e.shop import BASE, CHANGE, Files, deployment, line_of, workshop

SHOP: Files = {**BASE, **workshop(strict=True)}


def meanwhile(repository: Repository, files: Files | None = None, gone: tuple[str, ...] = ()) -> None:
    """What others merged since the branch was made; the branch ``change`` is checked out afterwards."""
    repository.git("switch", "--quiet", "main")
    for path in gone:
        (repository.path / path).unlink()
    repository.commit(files or {})
    repository.git("switch", "--quiet", "change")


def test_a_violation_that_only_the_merge_has_is_seen(make: Made) -> None:
    """The change touches another line of a resource that others gave a new image."""
    base = {**SHOP, "shop/web.yaml": deployment("web")}
    repository = make(base, {"shop/web.yaml": deployment("web").replace("replicas: 1", "replicas: 3")})
    meanwhile(repository, {"shop/web.yaml": deployment("web", image="nginx")})
    found = judged(repository)
    assert [(one["name"], one["verdict"]) for one in found["findings"]] == [("web", "blocked")]
    assert found["is_merge"] is True


def test_what_others_wrote_is_not_blamed_and_lines_are_the_heads(make: Made) -> None:
    text = deployment("web")
    repository = make(
        {**SHOP, "shop/web.yaml": text}, {"shop/web.yaml": text + deployment("api", image="nginx").join(["---\n", ""])}
    )
    head = text + "---\n" + deployment("api", image="nginx")
    meanwhile(repository, {"shop/web.yaml": f"# one\n# two\n{text}", "shop/bad.yaml": deployment("bad", image="nginx")})
    found = judged(repository)
    (finding,) = found["findings"]
    assert (finding["name"], finding["line"]) == ("api", line_of(head, "image: nginx"))
    assert [(row["name"], row["line"]) for row in found["rows"]] == [("api", line_of(head, "name: api") - 3)]
    annotations = found["reports"][0]["metadata"]["annotations"]
    assert annotations["preadmit.dev/line"] == str(line_of(head, "name: api") - 3)


def test_comments_stand_at_the_heads_lines(make: Made, tmp_path: Path) -> None:
    text = deployment("web")
    head = text.replace("public.ecr.aws/shop/web:1.0", "nginx")
    repository = make({**SHOP, "shop/web.yaml": text}, {"shop/web.yaml": head})
    meanwhile(repository, {"shop/web.yaml": f"# one\n# two\n{text}"})
    check(repository, "--out", str(tmp_path / "out"))
    review = (tmp_path / "out/review.json").read_text()
    assert f'"line": {line_of(head, "image: nginx")},' in review


def test_a_policy_that_others_merged_judges(make: Made) -> None:
    repository = make(BASE, CHANGE)
    meanwhile(repository, workshop(strict=True))
    assert judged(repository)["exit_code"] == 1


def test_what_others_mended_is_not_held_against_the_change(make: Made) -> None:
    base = {**SHOP, "shop/web.yaml": deployment("web", image="nginx")}
    repository = make(base, {"shop/web.yaml": deployment("web", image="nginx").replace("replicas: 1", "replicas: 3")})
    meanwhile(repository, {"shop/web.yaml": deployment("web")})
    found = judged(repository)
    assert (found["exit_code"], found["findings"]) == (0, [])


def test_a_conflict_is_said_and_the_change_is_judged_as_it_is(make: Made) -> None:
    base = {**SHOP, "shop/web.yaml": deployment("web")}
    repository = make(base, {"shop/web.yaml": deployment("web", image="nginx")})
    meanwhile(
        repository, {"shop/web.yaml": deployment("web", image="httpd"), "shop/bad.yaml": deployment("bad", image="x")}
    )
    found = judged(repository)
    assert [one["name"] for one in found["findings"]] == ["web"]
    (note,) = found["problems"]
    assert (note["code"], found["is_merge"]) == ("merge-conflict", False)
    assert "conflicts with main in shop/web.yaml" in note["message"]


def test_uncommitted_changes_are_merged_too(make: Made) -> None:
    repository = make({**SHOP, "shop/web.yaml": deployment("web")})
    meanwhile(repository, {"shop/web.yaml": deployment("web", image="nginx")})
    repository.write(
        {"shop/web.yaml": deployment("web").replace("replicas: 1", "replicas: 3"), 'shop/"odd\n.yaml': "x"}
    )
    (repository.path / "shop/orders.yaml").unlink()
    before = objects(repository)
    found = judged(repository, head=None)
    assert [(one["name"], one["verdict"]) for one in found["findings"]] == [("web", "blocked")]
    assert {row["operation"] for row in found["rows"]} == {"UPDATE"}
    assert found["is_merge"] is True
    assert objects(repository) == before


def objects(repository: Repository) -> set[str]:
    """Everything that git has written."""
    return {str(path) for path in (repository.path / ".git").rglob("*")}


def test_no_merge_driver_of_the_repository_is_run(make: Made, tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    driver = tmp_path / "driver"
    driver.write_text(f"#!/bin/sh\ntouch {trace}\n")
    driver.chmod(0o755)
    attributes = {".gitattributes": "* merge=evil\n"}
    repository = make(
        {**SHOP, **attributes, "shop/web.yaml": deployment("web")},
        {"shop/web.yaml": deployment("web").replace("replicas: 1", "replicas: 3")},
    )
    repository.git("config", "merge.evil.driver", f"{driver} %A")
    meanwhile(repository, {"shop/web.yaml": f"# b\n{deployment('web', image='nginx')}"})
    (repository.path / ".git/info/attributes").write_text("* merge=evil\n")
    found = judged(repository)
    assert ([one["name"] for one in found["findings"]], found["is_merge"]) == (["web"], True)
    assert not trace.exists()


def test_an_old_git_says_so(make: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = make(SHOP, CHANGE)
    meanwhile(repository, {"README.md": "New\n"})
    status = scratch.Scratch.status

    def old(self: Git, *arguments: str, content: bytes = b"") -> tuple[int, bytes]:
        return (
            (129, b"usage: git merge-tree")
            if arguments[0] == "merge-tree"
            else status(self, *arguments, content=content)
        )

    monkeypatch.setattr(scratch.Scratch, "status", old)
    found = judged(repository)
    assert (found["exit_code"], found["is_merge"]) == (1, False)
    assert "git 2.38 or later can" in found["problems"][0]["message"]


@pytest.mark.parametrize("options", [["--bare"], ["--mirror"], ["--shared", "--bare"]])
def test_bare_and_borrowing_repositories_merge_too_and_nothing_stays(
    make: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str]
) -> None:
    repository = make(
        {**SHOP, "shop/web.yaml": deployment("web")},
        {"shop/web.yaml": deployment("web").replace("replicas: 1", "replicas: 3")},
    )
    meanwhile(repository, {"shop/web.yaml": deployment("web", image="nginx")})
    repository.git("clone", "--quiet", *options, ".", str(tmp_path / "bare"))
    passing = tmp_path / "passing"
    passing.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(passing))
    done = run("check", "--repo", str(tmp_path / "bare"), "--base", "main", "--head", "change")
    assert done.code == 1, done.output
    gc.collect()
    assert list(passing.iterdir()) == []


def test_sha256_repositories_merge_too(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "shop", "--object-format=sha256")
    repository.commit({**SHOP, "shop/web.yaml": deployment("web")})
    repository.git("switch", "--quiet", "--create", "change")
    repository.commit({"shop/web.yaml": deployment("web").replace("replicas: 1", "replicas: 3")})
    meanwhile(repository, {"shop/web.yaml": deployment("web", image="nginx")})
    assert judged(repository)["exit_code"] == 1
