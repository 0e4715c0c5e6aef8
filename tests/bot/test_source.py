"""GitSource on real repositories: which trees it names, what it refuses, and that it runs nothing of theirs."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from bot.diff import changed
from bot.git_objects import AHEAD
from bot.model import EXECUTABLE, FILE, SUBMODULE, SYMLINK, SourceError, Tree
from bot.source import GitSource, short_ref
from tests.bot.git_repository import Repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Branch ``main`` moved on by one commit since ``topic`` left it."""
    made = Repository(tmp_path / "shop")
    made.commit({"policies/a.yaml": "one", "app/web.yaml": "v1", "README": "hello"})
    made.git("switch", "--quiet", "--create", "topic")
    made.commit({"app/web.yaml": "v2", "app/new.yaml": "new"})
    made.git("switch", "--quiet", "main")
    made.commit({"policies/a.yaml": "two", "app/other.yaml": "later"})
    return made


def text(tree: Tree, path: str) -> str:
    """The content of one path."""
    entry = tree.entries()[path]
    return tree.read([entry])[entry.sha].decode()


def test_compares_the_merge_with_the_tip(repository: Repository) -> None:
    snapshot = GitSource(repository.path, "main", "topic").fetch()
    assert changed(snapshot.base, snapshot.merged) == ("app/new.yaml", "app/web.yaml")
    for tree in (snapshot.policies, snapshot.base, snapshot.merged):
        assert text(tree, "policies/a.yaml") == "two"
    assert text(snapshot.head, "policies/a.yaml") == "one"
    assert snapshot.is_merge
    assert (snapshot.base_ref, snapshot.head_ref, snapshot.default_branch) == ("main", "topic", "main")
    assert snapshot.repository == "shop"


def test_bare_repository_has_no_working_tree(repository: Repository, tmp_path: Path) -> None:
    repository.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare.git"))
    source = GitSource(tmp_path / "bare.git", head="topic")
    snapshot = source.fetch()
    assert snapshot.base_ref == "main"
    assert text(snapshot.head, "app/web.yaml") == "v2"
    assert source.tree(None).sha == repository.git("rev-parse", "main")
    assert snapshot.repository == "bare"


def test_working_tree_has_uncommitted_and_untracked_files_but_no_ignored_ones(repository: Repository) -> None:
    repository.git("switch", "--quiet", "topic")
    repository.write({".gitignore": "secret.yaml\n", "secret.yaml": "x", "app/web.yaml": "v3", "new/deep.yaml": "d"})
    (repository.path / "README").unlink()
    repository.write({"app/staged.yaml": "staged"})
    repository.git("add", "app/staged.yaml")
    snapshot = GitSource(repository.path).fetch()
    assert changed(snapshot.base, snapshot.merged) == (
        ".gitignore",
        "README",
        "app/new.yaml",
        "app/staged.yaml",
        "app/web.yaml",
        "new/deep.yaml",
    )
    assert text(snapshot.head, "app/web.yaml") == "v3"
    assert text(snapshot.head, "policies/a.yaml") == "one"
    assert snapshot.head.sha == ""
    assert snapshot.head_ref == "topic"


def test_working_tree_names_contents_as_git_does(repository: Repository) -> None:
    repository.write({"app/web.yaml": "same length as it was?", "large.yaml": b"x: 1\n" * 400_000})
    tree = GitSource(repository.path).tree(None)
    for path in ("app/web.yaml", "large.yaml", "README"):
        assert tree.entries()[path].sha == repository.git("hash-object", path)
    assert len(text(tree, "large.yaml")) == 2_000_000


def test_change_of_the_same_size_in_the_same_moment_is_seen(repository: Repository) -> None:
    before = (repository.path / "app/web.yaml").stat()
    repository.write({"app/web.yaml": "v9"})
    os.utime(repository.path / "app/web.yaml", ns=(before.st_atime_ns, before.st_mtime_ns))
    snapshot = GitSource(repository.path).fetch()
    assert changed(snapshot.base, snapshot.head) == ("app/web.yaml",)


def test_a_subdirectory_stands_for_its_repository(repository: Repository) -> None:
    repository.write({"app/web.yaml": "v3"})
    snapshot = GitSource(repository.path / "policies").fetch()
    assert changed(snapshot.base, snapshot.head) == ("app/web.yaml",)


def test_links_are_entries_and_never_followed(repository: Repository, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "web.yaml").write_text("stolen")
    os.symlink(outside / "web.yaml", repository.path / "link.yaml")
    os.symlink(outside, repository.path / "folder")
    shutil.rmtree(repository.path / "app")
    os.symlink(outside, repository.path / "app")
    tree = GitSource(repository.path).tree(None)
    modes = {path: entry.mode for path, entry in tree.entries().items()}
    assert modes == {"README": FILE, "app": SYMLINK, "folder": SYMLINK, "link.yaml": SYMLINK, "policies/a.yaml": FILE}
    assert text(tree, "link.yaml") == str(outside / "web.yaml")
    committed = repository.commit()
    assert {path: e.mode for path, e in GitSource(repository.path).tree(committed).entries().items()} == modes


def test_files_outside_a_sparse_checkout_are_unchanged(repository: Repository) -> None:
    repository.git("sparse-checkout", "set", "--cone", "app")
    assert not (repository.path / "policies").exists()
    snapshot = GitSource(repository.path).fetch()
    assert changed(snapshot.base, snapshot.head) == ()
    assert text(snapshot.head, "policies/a.yaml") == "two"


def test_a_conflict_stands_there_as_it_is_on_disk(repository: Repository) -> None:
    repository.commit({"app/web.yaml": "v3"})
    repository.git("merge", "--quiet", "topic", check=False)
    assert "<<<<<<<" in text(GitSource(repository.path).tree(None), "app/web.yaml")


def test_a_file_that_is_only_meant_to_be_added(repository: Repository) -> None:
    repository.write({"app/soon.yaml": "soon"})
    repository.git("add", "--intent-to-add", "app/soon.yaml")
    assert text(GitSource(repository.path).tree(None), "app/soon.yaml") == "soon"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_repository_of_another_owner(repository: Repository) -> None:
    for place in (repository.path, repository.path / ".git"):
        os.chown(place, 12345, 12345)
    assert "README" in GitSource(repository.path).fetch().head.entries()


def test_submodules_have_no_content(repository: Repository, tmp_path: Path) -> None:
    library = Repository(tmp_path / "library")
    library.commit({"x.yaml": "x"})
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library.path), "lib")
    repository.commit()
    for tree in (GitSource(repository.path).tree("main"), GitSource(repository.path).tree(None)):
        entry = tree.entries()["lib"]
        assert (entry.mode, entry.sha, entry.is_file) == (SUBMODULE, library.git("rev-parse", "HEAD"), False)
        assert tree.read([entry]) == {}


def test_a_repository_inside_the_tree_is_one_entry(repository: Repository) -> None:
    Repository(repository.path / "nested").commit({"x.yaml": "x"})
    assert GitSource(repository.path).tree(None).entries()["nested"].mode == SUBMODULE


def test_modes_and_odd_names(repository: Repository) -> None:
    repository.write({"new\nline.yaml": "a", "tab\there.yaml": "b", "-rf.yaml": "c", "ünï.yaml": "d", "run": "e"})
    (repository.path / "run").chmod(0o755)
    with open(os.fsencode(repository.path) + b"/caf\xe9.yaml", "wb") as file:
        file.write(b"f")
    for tree in (GitSource(repository.path).tree(None), GitSource(repository.path).tree(repository.commit())):
        assert tree.entries()["run"].mode == EXECUTABLE
        assert [text(tree, name) for name in ("new\nline.yaml", "tab\there.yaml", "-rf.yaml", "ünï.yaml")] == list(
            "abcd"
        )
        assert text(tree, "caf\\xe9.yaml") == "f"


def test_names_that_read_alike_are_refused(repository: Repository) -> None:
    repository.write({"caf\\xe9.yaml": "a"})
    with open(os.fsencode(repository.path) + b"/caf\xe9.yaml", "wb") as file:
        file.write(b"b")
    with pytest.raises(SourceError, match="two files are both named"):
        GitSource(repository.path).tree(None).entries()


def test_so_they_are_in_a_commit_even_if_they_say_the_same(repository: Repository) -> None:
    with open(os.fsencode(repository.path) + b"/caf\xe9.yaml", "wb") as file:
        file.write(b"a")
    repository.commit({"caf\\xe9.yaml": "a"})
    with pytest.raises(SourceError, match="two files are both named"):
        GitSource(repository.path).tree("main").entries()


def test_many_contents_in_several_batches(repository: Repository) -> None:
    repository.commit({f"many/{n}.yaml": f"n: {n}\n" * 200 for n in range(AHEAD * 2 + 3)})
    tree = GitSource(repository.path).tree("main")
    contents = tree.read(tree.entries().values())
    assert all(contents[entry.sha].count(b"\n") == 200 for path, entry in tree.entries().items() if "many/" in path)


def test_nothing_of_the_repository_is_run(repository: Repository, tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {trace}\ncat\n")
    program.chmod(0o755)
    for key in ("core.fsmonitor", "filter.x.clean", "filter.x.smudge", "filter.x.process", "diff.x.textconv"):
        repository.git("config", key, str(program))
    hooks = repository.path / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    shutil.copy(program, hooks / "post-index-change")
    repository.write({".gitattributes": "* filter=x diff=x\n", "app/web.yaml": "changed"})
    snapshot = GitSource(repository.path).fetch()
    assert text(snapshot.head, "app/web.yaml") == "changed"
    assert changed(snapshot.base, snapshot.head) == (".gitattributes", "app/web.yaml")
    assert not trace.exists()


def test_a_missing_object_is_not_fetched(repository: Repository, tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    repository.git("config", "uploadpack.allowFilter", "true")
    partial = tmp_path / "partial"
    repository.git("clone", "--quiet", "--bare", "--filter=blob:none", f"file://{repository.path}", str(partial))
    with (partial / "config").open("a") as config:
        config.write(f'[remote "origin"]\n\turl = ext::touch {trace}\n[protocol "ext"]\n\tallow = always\n')
    tree = GitSource(partial).tree("main")
    with pytest.raises(SourceError, match=r"could not read the object|lacks the object") as caught:
        tree.read(tree.entries().values())
    assert "clone it whole" in caught.value.advice
    assert not trace.exists()


def test_replaced_objects_do_not_count(repository: Repository) -> None:
    good, bad = (repository.git("rev-parse", f"{ref}:app/web.yaml") for ref in ("main", "topic"))
    repository.git("replace", good, bad)
    assert text(GitSource(repository.path).tree("main"), "app/web.yaml") == "v1"


def test_the_callers_git_environment_does_not_count(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    assert "README" in GitSource(repository.path).fetch().head.entries()


@pytest.mark.parametrize(
    "ref",
    ["-x", "--output=x", "--all", "", "nothing", "main..topic", "main\n", "^main", "main:README", "x" * 9000],
)
def test_what_names_no_commit_is_refused(repository: Repository, ref: str) -> None:
    with pytest.raises(SourceError, match="commit"):
        GitSource(repository.path, head=ref).tree(ref)


def test_a_branch_named_like_an_option_can_be_reached_by_its_full_name(repository: Repository) -> None:
    repository.git("update-ref", "refs/heads/--upload-pack", "main")
    assert GitSource(repository.path).tree("refs/heads/--upload-pack").sha == repository.git("rev-parse", "main")


def test_base_known_only_at_the_remote(repository: Repository, tmp_path: Path) -> None:
    repository.git("clone", "--quiet", "--branch", "topic", ".", str(tmp_path / "clone"))
    snapshot = GitSource(tmp_path / "clone", base="main").fetch()
    assert (snapshot.base_ref, snapshot.policies.sha) == ("main", repository.git("rev-parse", "main"))
    assert GitSource(tmp_path / "clone").fetch().default_branch == "main"


def test_shallow_clone_without_a_merge_base_says_what_to_do(repository: Repository, tmp_path: Path) -> None:
    clone = str(tmp_path / "clone")
    repository.git("clone", "--quiet", "--depth=1", "--no-single-branch", f"file://{repository.path}", clone)
    with pytest.raises(SourceError, match="no common ancestor") as caught:
        GitSource(Path(clone), "origin/main", "origin/topic").fetch()
    assert "fetch-depth: 0" in caught.value.advice


def test_unrelated_histories(repository: Repository) -> None:
    repository.git("switch", "--quiet", "--orphan", "alone")
    repository.commit({"x": "y"})
    with pytest.raises(SourceError, match="no common ancestor") as caught:
        GitSource(repository.path, "main", "alone").fetch()
    assert "unrelated" in caught.value.advice


def test_no_repository_no_directory_no_commit(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no git repository"):
        GitSource(tmp_path).fetch()
    with pytest.raises(SourceError, match="no directory"):
        GitSource(tmp_path / "nowhere").fetch()
    empty = Repository(tmp_path / "empty")
    with pytest.raises(SourceError, match="default"):
        GitSource(empty.path).fetch()
    with pytest.raises(SourceError, match="no commit yet"):
        GitSource(empty.path).tree("HEAD")


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://github.com/acme/shop.git", "acme/shop"),
        ("https://github.com/acme/shop/", "acme/shop"),
        ("git@github.com:acme/shop.git", "acme/shop"),
        ("ssh://git@ghe.example.com:22/acme/shop", "acme/shop"),
        ("/srv/git/shop.git", "shop"),
        ("ext::sh -c x", "shop"),
    ],
)
def test_repository_is_named_as_at_the_remote(repository: Repository, address: str, name: str) -> None:
    repository.git("config", "remote.origin.url", address)
    assert GitSource(repository.path).repository() == name


def test_sha256_repositories(tmp_path: Path) -> None:
    made = Repository(tmp_path / "r", "--object-format=sha256")
    made.commit({"a.yaml": "a"})
    made.write({"b.yaml": "b"})
    snapshot = GitSource(made.path).fetch()
    assert changed(snapshot.base, snapshot.head) == ("b.yaml",)
    assert snapshot.head.entries()["b.yaml"].sha == made.git("hash-object", "b.yaml")


def test_short_ref() -> None:
    names = ("refs/heads/a/b", "refs/remotes/origin/main", "origin/x", "v1")
    assert [short_ref(ref) for ref in names] == ["a/b", "main", "x", "v1"]
