"""The workshop's repository and its pull request: what every output says of it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from bot import demo
from tests.bot.git_repository import Repository
from tests.e2e.command import Made, check, judged, program, run
from tests.e2e.shop import BASE, BLOCKED, CHANGE, FIX, deployment, line_of, workshop

HEADER = ["NAMESPACE", "NAME", "KIND", "NAME", "PASS", "FAIL", "WARN", "ERROR", "SKIP"]
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


def place(file: str, part: str) -> str:
    """``path:line`` of the only line of a changed file that holds ``part``."""
    return f"{file}:{line_of(CHANGE[file], part)}"


def test_denies_what_the_cluster_would_deny_in_the_events_words(shop: Repository) -> None:
    done = check(shop)
    assert done.code == 1
    assert done.stderr == ""
    assert done.lines[:4] == ["Blocked:", *BLOCKED, ""]
    assert done.title == "2 blocked, 0 failing, 1 passing; 3 policies, 4 resources; 1 existing"


def test_shows_each_finding_at_the_line_that_decides(shop: Repository) -> None:
    shown = {line.split(": ")[0]: line.split(": ")[1] for line in check(shop).lines if line.startswith("shop/")}
    assert shown == {
        place("shop/nginx-public.yaml", "image: nginx"): "blocked restrict-image-registries/validate-registries",
        place("shop/privileged-deploy.yaml", "privileged: true"): "blocked baseline-policy/baseline",
        place("shop/ui.yaml", "      labels:"): "existing require-labels/check-cost-center",
    }


def test_prints_the_table_of_kubectl(shop: Repository) -> None:
    lines = check(shop).lines
    start = next(number for number, line in enumerate(lines) if line.startswith("NAMESPACE"))
    table = [line.split() for line in lines[start : lines.index("", start)]]
    assert table[0] == HEADER
    assert all(UUID.fullmatch(row[1]) for row in table[1:])
    assert [[row[0], *row[2:]] for row in table[1:]] == [
        ["default", "Deployment", "nginx-ecr", "3", "0", "0", "0", "0"],
        ["default", "Deployment", "nginx-public", "2", "0", "0", "0", "0"],
        ["default", "Deployment", "privileged-deploy", "2", "0", "0", "0", "0"],
        ["default", "Deployment", "ui", "2", "1", "0", "0", "0"],
    ]


def test_a_denied_violation_stands_in_no_report(strict_shop: Repository) -> None:
    listed = json.loads(check(strict_shop, "--format", "policyreport").stdout)
    assert (listed["kind"], len(listed["items"])) == ("List", 4)
    by_name = {item["scope"]["name"]: item for item in listed["items"]}
    assert [row["policy"] for row in by_name["nginx-public"]["results"]] == ["baseline-policy", "require-labels"]
    existing = by_name["ui"]
    assert existing["summary"] == {"pass": 2, "fail": 1, "warn": 0, "error": 0, "skip": 0}
    assert existing["metadata"]["annotations"]["preadmit.dev/path"] == "shop/ui.yaml"


def test_json_says_the_same_as_text(strict_shop: Repository) -> None:
    found = judged(strict_shop)
    assert (found["exit_code"], found["conclusion"], found["events"]) == (1, "failure", list(BLOCKED))
    public = next(one for one in found["findings"] if one["name"] == "nginx-public")
    assert public["line"] == line_of(CHANGE["shop/nginx-public.yaml"], "image: nginx")
    assert public["path"] == "spec.template.spec.containers[0].image"
    assert public["verdict"] == "blocked"
    assert (found["head_ref"], found["base_ref"]) == ("change", "main")


def test_markdown_begins_with_what_is_blocked(strict_shop: Repository) -> None:
    text = check(strict_shop, "--format", "markdown").stdout
    assert all(line in text for line in BLOCKED)
    assert text.index(BLOCKED[0]) < text.index("NAMESPACE")


def test_writes_what_the_bot_would_post(strict_shop: Repository, tmp_path: Path) -> None:
    assert check(strict_shop, "--out", str(tmp_path / "out")).code == 1
    names = sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.*"))
    assert names == [
        "check_run.json", "comments/01.md", "comments/02.md", "policyreports.json", "review.json", "summary.md",
    ]  # fmt: skip
    run_ = json.loads((tmp_path / "out/check_run.json").read_text())
    assert (run_["name"], run_["conclusion"]) == ("preadmit: main", "failure")
    comments = json.loads((tmp_path / "out/review.json").read_text())["comments"]
    assert {(one["path"], one["line"]) for one in comments} == {
        ("shop/nginx-public.yaml", line_of(CHANGE["shop/nginx-public.yaml"], "image: nginx")),
        ("shop/privileged-deploy.yaml", line_of(CHANGE["shop/privileged-deploy.yaml"], "privileged: true")),
    }


def test_reads_a_bare_repository_as_well(strict_shop: Repository, tmp_path: Path) -> None:
    strict_shop.git("clone", "--quiet", "--bare", ".", str(tmp_path / "shop.git"))
    done = run("check", "--repo", str(tmp_path / "shop.git"), "--base", "main", "--head", "change")
    assert (done.code, done.lines[1:3]) == (1, list(BLOCKED))


def test_runs_as_a_program_from_any_directory(strict_shop: Repository, tmp_path: Path) -> None:
    named = ("check", "--base", "main", "--head", "change")
    here, away = program(*named, cwd=strict_shop.path), program(*named, "--repo", str(strict_shop.path), cwd=tmp_path)
    below = program(*named, cwd=strict_shop.path / "shop")
    assert here.code == away.code == below.code == 1
    assert here.stdout == away.stdout == below.stdout
    assert here.lines[1:3] == list(BLOCKED)


def test_compares_the_working_tree_with_the_default_branch_by_default(make: Made) -> None:
    repository = make({**BASE, **workshop(strict=True)}, {"shop/nginx-ecr.yaml": CHANGE["shop/nginx-ecr.yaml"]})
    repository.write({"shop/ui.yaml": CHANGE["shop/ui.yaml"], "shop/new.yaml": deployment("new", image="nginx")})
    found = judged(repository, base=None, head=None)
    assert {row["name"] for row in found["rows"]} == {"nginx-ecr", "ui", "new"}
    assert [(one["name"], one["verdict"]) for one in found["findings"]] == [("new", "blocked"), ("ui", "existing")]


def test_is_green_once_the_branch_is_fixed(make: Made) -> None:
    repository = make({**BASE, **workshop(strict=True)}, CHANGE)
    repository.commit(FIX)
    done = check(repository)
    assert done.code == 0
    assert "Blocked" not in done.stdout
    assert done.title == "0 blocked, 0 failing, 3 passing; 3 policies, 4 resources; 1 existing"


@pytest.mark.parametrize(("strict", "code", "verdict"), [(True, 1, "blocked"), (False, 0, "existing")])
def test_existing_violations_block_only_where_the_policy_says_so(
    make: Made, strict: bool, code: int, verdict: str
) -> None:
    edited = str(BASE["shop/catalog.yaml"]).replace("replicas: 1", "replicas: 3")
    found = judged(make({**BASE, **workshop(strict=strict)}, {"shop/catalog.yaml": edited}))
    (only,) = found["findings"]
    assert (found["exit_code"], only["verdict"], only["line"]) == (code, verdict, line_of(edited, "image: mysql"))


def test_what_others_merged_meanwhile_is_not_blamed_on_the_change(make: Made) -> None:
    repository = make({**BASE, **workshop(strict=True)}, {"shop/nginx-ecr.yaml": CHANGE["shop/nginx-ecr.yaml"]})
    repository.git("switch", "--quiet", "main")
    repository.commit({"shop/late.yaml": deployment("late", image="nginx"), "shop/orders.yaml": deployment("orders2")})
    found = judged(repository)
    assert [row["name"] for row in found["rows"]] == ["nginx-ecr"]
    assert found["exit_code"] == 0


def test_policies_come_from_the_tip_of_the_base(make: Made) -> None:
    repository = make(BASE, CHANGE)
    repository.git("switch", "--quiet", "main")
    repository.commit(workshop(strict=True))
    assert check(repository).lines[1:3] == list(BLOCKED)


def test_scan_reports_the_whole_tree_and_never_blocks(strict_shop: Repository) -> None:
    done = run("scan", "change", "--repo", str(strict_shop.path))
    assert done.code == 0
    assert "Blocked" not in done.stdout
    rows = [line.split()[2:] for line in done.lines if UUID.search(line)]
    assert [row[:4] for row in rows] == [
        ["Deployment", "catalog", "2", "1"],
        ["Deployment", "nginx-ecr", "3", "0"],
        ["Deployment", "nginx-public", "2", "1"],
        ["Deployment", "orders", "3", "0"],
        ["Deployment", "privileged-deploy", "2", "1"],
        ["Service", "ui", "0", "0"],
        ["Deployment", "ui", "2", "1"],
    ]
    assert done.title == "0 blocked, 4 failing, 3 passing; 3 policies, 7 resources"


def test_demo_shows_every_kind_of_answer(tmp_path: Path) -> None:
    done = run("demo", "--dir", str(tmp_path / "demo"))
    assert done.code == 0
    assert all(line in done.lines for line in BLOCKED)
    for verdict in ("blocked", "failing", "existing", "suggestion"):
        assert re.search(rf"^shop/\S+:\d+: {verdict} ", done.stdout, re.MULTILINE), verdict
    assert "```suggestion" in "".join(path.read_text() for path in (tmp_path / "demo/posted/comments").iterdir())
    again = run("demo", "--dir", str(tmp_path / "demo"))
    assert again.code == 2
    assert "is not empty" in again.stderr


def test_demo_makes_its_own_repository_whatever_git_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other"))  # as in a hook of git
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    assert run("demo", "--dir", str(tmp_path / "demo")).code == 0
    assert (tmp_path / "demo/shop/.git").is_dir()
    assert {path.name for path in tmp_path.iterdir()} == {"demo"}


def test_demo_takes_only_contents_from_where_it_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sample = tmp_path / "installed"
    shutil.copytree(demo._SAMPLE, sample, ignore=shutil.ignore_patterns("__pycache__"))
    folders = [path for path in [sample, *sample.rglob("*")] if path.is_dir()]
    for folder in folders:
        folder.chmod(0o555)
    monkeypatch.setattr(demo, "_SAMPLE", sample)
    try:
        assert run("demo", "--dir", str(tmp_path / "demo")).code == 0
        made = [path for path in (tmp_path / "demo/shop").rglob("*") if path.is_dir()]
        assert all(path.stat().st_mode & 0o200 for path in made)
    finally:
        for folder in folders:
            folder.chmod(0o755)
