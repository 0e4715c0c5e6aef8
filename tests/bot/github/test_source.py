"""Trees through the API: the same as git's, and in how many requests."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.diff import changed
from bot.github.auth import App
from bot.github.cache import ObjectCache
from bot.github.client import Client
from bot.jobs import MERGE_GROUP, Job
from bot.model import Snapshot, SourceError, Tree
from bot.source_github import WAITS, GitHubSource
from tests.fake_github import FakeGitHub
from tests.fake_github.deliveries import INSTALLATION
from tests.fake_github.state import Pull, Repository

MANIFEST = "kind: ConfigMap\nmetadata:\n  name: c{}\n"


@pytest.fixture
def shop(fake: FakeGitHub) -> Repository:
    return fake.repository("acme/shop")


def source(client: Client, repository: Repository, pull: Pull, cache: ObjectCache | None = None) -> GitHubSource:
    job = Job("d", 99, repository.full_name, pull.head_sha, pull.number, pull.base_ref, head_ref=pull.head_ref)
    return GitHubSource(client, job, cache)


def contents(tree: Tree) -> dict[str, bytes]:
    entries = tree.entries()
    read = tree.read(entries.values())
    return {path: read[entry.sha] for path, entry in entries.items()}


def judge(snapshot: Snapshot) -> None:
    """Read what a judgement reads: one file of the base first, then all of the base, then the change's sides."""
    everything = list(snapshot.policies.entries().values())
    snapshot.policies.read(everything[:1])
    snapshot.policies.read(everything)
    for tree in (snapshot.base, snapshot.merged):
        paths = changed(snapshot.base, snapshot.merged)
        tree.read([tree.entries()[path] for path in paths if path in tree.entries()])


def opened(fake: FakeGitHub, shop: Repository, files: int) -> Pull:
    """A pull request that changes ``files`` of 30 more manifests."""
    before: dict[str, str | bytes | None] = {f"apps/{n}.yaml": MANIFEST.format(n) for n in range(files + 30)}
    shop.git.commit("main", before)
    shop.git.commit("change", {f"apps/{n}.yaml": MANIFEST.format(n) + "data: {}\n" for n in range(files)}, onto="main")
    return fake.pull(shop, "change")


def test_the_trees_are_those_of_the_tip_the_merge_and_the_head(
    fake: FakeGitHub, client: Client, shop: Repository
) -> None:
    shop.git.commit("main", {"a.yaml": "a: 1\n", "dir/b.yaml": "b: 1\n"})
    shop.git.commit("feature/x+ä", {"a.yaml": "a: 2\n", "dir/b.yaml": None, "new.yaml": "ä\n"}, onto="main")
    tip = shop.git.commit("main", {"later.yaml": "policy\n"})
    pull = fake.pull(shop, "feature/x+ä")
    found = source(client, shop, pull).fetch()
    assert (found.base.sha, found.policies.sha, found.head.sha) == (tip, tip, pull.head_sha)
    assert (found.merged.sha, found.is_merge, found.problems) == (pull.merge, True, ())
    assert contents(found.base) == {"a.yaml": b"a: 1\n", "dir/b.yaml": b"b: 1\n", "later.yaml": b"policy\n"}
    changed_files = {"a.yaml": b"a: 2\n", "new.yaml": "ä\n".encode()}
    assert contents(found.merged) == {**changed_files, "later.yaml": b"policy\n"}
    assert contents(found.head) == changed_files
    assert (found.repository, found.number, found.base_ref) == ("acme/shop", pull.number, "main")


def test_a_base_branch_with_a_slash_is_one_segment(fake: FakeGitHub, client: Client, shop: Repository) -> None:
    shop.git.commit("release/1.0", {"a.yaml": "a: 1\n"})
    shop.git.commit("change", {"a.yaml": "a: 2\n"}, onto="release/1.0")
    found = source(client, shop, fake.pull(shop, "change", "release/1.0")).fetch()
    assert found.base_ref == "release/1.0"
    assert contents(found.head) == {"a.yaml": b"a: 2\n"}


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe latin \xe4\n", b"a\0b", b"\xef\xbb\xbfa: 1\r\n", ("ä" * 300_000).encode(), b"x: \xed\xa0\x80\n"],
    ids=["empty", "latin", "binary", "bom", "large", "surrogate"],
)
def test_contents_are_exact_whatever_graphql_makes_of_them(
    fake: FakeGitHub, client: Client, shop: Repository, content: bytes
) -> None:
    shop.git.commit("main", {"a.yaml": "a: 1\n"})
    shop.git.commit("change", {"a.yaml": content}, onto="main")
    found = source(client, shop, fake.pull(shop, "change")).fetch()
    assert contents(found.head) == {"a.yaml": content}


def test_a_cut_listing_is_walked(fake: FakeGitHub, client: Client, shop: Repository) -> None:
    files: dict[str, str | bytes | None] = {f"{a}/{b}/f.yaml": f"{a}{b}" for a in "xyz" for b in "12"}
    shop.git.commit("main", {**files, "top.yaml": "t"})
    shop.git.commit("change", {"top.yaml": "u"}, onto="main")
    fake.most_entries = 4
    found = source(client, shop, fake.pull(shop, "change")).fetch()
    assert list(found.head.entries()) == sorted([*files, "top.yaml"])


@pytest.mark.parametrize(("files", "at_most"), [(3, 4), (10, 4), (300, 8)])
def test_the_requests_for_a_first_judgement(
    fake: FakeGitHub, client: Client, shop: Repository, files: int, at_most: int, tmp_path: Path
) -> None:
    pull = opened(fake, shop, files)
    judge(source(client, shop, pull, ObjectCache(tmp_path)).fetch())
    reads = [one for one in fake.requests if "access_tokens" not in one.path]
    assert len(reads) <= at_most, [str(one) for one in reads]


def test_a_second_push_reads_only_what_is_new(
    fake: FakeGitHub, client: Client, shop: Repository, tmp_path: Path
) -> None:
    pull = opened(fake, shop, 3)
    judge(source(client, shop, pull, ObjectCache(tmp_path)).fetch())
    fake.push(shop, pull, {"apps/0.yaml": MANIFEST.format(0) + "data: {a: b}\n"})
    fake.requests.clear()
    judge(source(client, shop, pull, ObjectCache(tmp_path)).fetch())
    asked = [one.path.split("/")[4] if "repos" in one.path else one.path for one in fake.requests]
    assert asked == ["/graphql", "git", "/graphql"]
    assert len(fake.requests[-1].body["variables"]) == 2 + 1


@pytest.mark.parametrize("archives", [True, False])
def test_a_whole_repository_comes_as_an_archive_where_there_is_one(
    fake: FakeGitHub, client: Client, shop: Repository, archives: bool
) -> None:
    fake.archives = archives
    pull = opened(fake, shop, 650)
    shop.git.commit("main", {".gitattributes": "apps/7.yaml export-ignore\n", "odd.yaml": "later"})
    found = source(client, shop, pull).fetch()
    assert len(contents(found.policies)) == 682
    assert bool(fake.seen("GET", "_codeload")) is archives


def test_more_files_than_the_limit_are_not_listed(fake: FakeGitHub, client: Client, shop: Repository) -> None:
    pull = opened(fake, shop, 5)
    found = replace(source(client, shop, pull), most_files=30).fetch
    with pytest.raises(SourceError, match="the repository has more than 30 files") as told:
        found()
    assert "PREADMIT_MAX_TREE_FILES" in told.value.advice


def test_a_repository_has_its_own_cache(tmp_path: Path) -> None:
    cache = ObjectCache(tmp_path)
    name = "b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0"
    cache.keep_blob("acme/secret", name, b"hello")
    assert cache.blob("acme/secret", name) == b"hello"
    assert cache.blob("evil/shop", name) is None


def test_a_damaged_or_pruned_cache_is_only_a_miss(tmp_path: Path) -> None:
    cache = ObjectCache(tmp_path)
    name = "b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0"
    cache.keep_blob("acme/shop", name, b"hello")
    (stored,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    stored.write_bytes(b"hell")
    assert cache.blob("acme/shop", name) is None
    stored.write_bytes(b"hello")
    assert ObjectCache(tmp_path, limit=4).blob("acme/shop", name) is None


def test_what_is_gone_is_told_with_advice(fake: FakeGitHub, client: Client, shop: Repository) -> None:
    shop.git.commit("main", {"a": "1"})
    pull = fake.pull(shop, "main")
    pull.head_sha = "0" * 40
    with pytest.raises(SourceError, match="cannot compare main with 000000000000") as raised:
        source(client, shop, pull).fetch()
    assert "push again" in raised.value.advice


def test_histories_without_a_common_commit_are_told(fake: FakeGitHub, client: Client, shop: Repository) -> None:
    shop.git.commit("main", {"a": "1"})
    shop.git.commit("island", {"b": "1"})
    with pytest.raises(SourceError, match="No common ancestor"):
        source(client, shop, fake.pull(shop, "island")).fetch()


def test_an_enterprise_server_has_its_api_elsewhere(fake: FakeGitHub, shop: Repository) -> None:
    shop.git.commit("main", {"a.yaml": "a: 1\n"})
    shop.git.commit("change", {"a.yaml": "a: 2\n"}, onto="main")
    client = App(fake.app.id, fake.private_key, f"{fake.url}/api/v3").client(INSTALLATION)
    found = source(client, shop, fake.pull(shop, "change")).fetch()
    assert contents(found.head) == {"a.yaml": b"a: 2\n"}
    assert len(fake.seen("POST", "^/graphql$")) == 2


def moved_on(fake: FakeGitHub, shop: Repository) -> Pull:
    """A pull request whose base has moved on since it left it."""
    shop.git.commit("main", {"a.yaml": "a: 1\n"})
    shop.git.commit("change", {"b.yaml": "b: 1\n"}, onto="main")
    shop.git.commit("main", {"a.yaml": "a: 2\n"})
    return fake.pull(shop, "change")


def patient(client: Client, shop: Repository, pull: Pull) -> tuple[GitHubSource, list[float]]:
    """A source, and the seconds that it waits."""
    waited: list[float] = []
    return replace(source(client, shop, pull), sleep=waited.append), waited


def test_a_test_merge_that_is_late_is_waited_for(fake: FakeGitHub, client: Client, shop: Repository) -> None:
    pull = moved_on(fake, shop)
    pull.lag = 2
    asking, waited = patient(client, shop, pull)
    found = asking.fetch()
    assert (found.is_merge, found.merged.sha, waited) == (True, pull.merge, list(WAITS[:2]))


def test_a_test_merge_that_never_comes_is_done_without(fake: FakeGitHub, client: Client, shop: Repository) -> None:
    pull = moved_on(fake, shop)
    pull.lag = 100
    asking, waited = patient(client, shop, pull)
    found = asking.fetch()
    assert (found.is_merge, found.merged.sha, waited) == (False, pull.head_sha, list(WAITS))
    assert contents(found.base) == {"a.yaml": b"a: 1\n"}
    assert [problem.code for problem in found.problems] == ["not-merged"]


def test_a_head_that_has_all_of_its_base_needs_no_test_merge(
    fake: FakeGitHub, client: Client, shop: Repository
) -> None:
    pull = opened(fake, shop, 1)
    pull.lag = 100
    asking, waited = patient(client, shop, pull)
    found = asking.fetch()
    assert (found.is_merge, found.merged.sha, waited, found.problems) == (True, pull.head_sha, [], ())


def test_a_test_merge_with_an_older_base_is_judged_as_what_it_is(
    fake: FakeGitHub, client: Client, shop: Repository
) -> None:
    pull = moved_on(fake, shop)
    before = shop.git.sha("main")
    source(client, shop, pull).fetch()
    shop.git.commit("main", {"c.yaml": "c: 1\n"})
    pull.lag = 100
    found = patient(client, shop, pull)[0].fetch()
    assert (found.base.sha, found.policies.sha, found.is_merge) == (before, shop.git.sha("main"), True)
    assert [problem.code for problem in found.problems] == ["merge-late"]


def test_a_conflict_is_told_without_waiting(fake: FakeGitHub, client: Client, shop: Repository) -> None:
    shop.git.commit("main", {"a.yaml": "a: 1\n"})
    shop.git.commit("change", {"a.yaml": "a: 3\n"}, onto="main")
    shop.git.commit("main", {"a.yaml": "a: 2\n"})
    pull = fake.pull(shop, "change")
    asking, waited = patient(client, shop, pull)
    found = asking.fetch()
    assert (found.is_merge, waited, contents(found.base)) == (False, [], {"a.yaml": b"a: 1\n"})
    assert [problem.code for problem in found.problems] == ["merge-conflict"]


def test_a_head_that_is_not_the_pull_requests_any_more_is_not_waited_for(
    fake: FakeGitHub, client: Client, shop: Repository
) -> None:
    pull = moved_on(fake, shop)
    asking, waited = patient(client, shop, pull)
    fake.push(shop, pull, {"b.yaml": "b: 2\n"})
    found = asking.fetch()
    assert (found.is_merge, found.merged.sha == asking.job.head_sha, waited) == (False, True, [])


def test_the_commit_of_a_merge_queue_is_judged_against_its_base(
    fake: FakeGitHub, client: Client, shop: Repository
) -> None:
    first = shop.git.commit("main", {"a.yaml": "a: 1\n"})
    group = shop.git.commit("gh-readonly-queue/main/pr-1", {"a.yaml": "a: 2\n"}, onto="main")
    shop.git.commit("main", {"a.yaml": "a: 3\n"})
    job = Job("d", 99, shop.full_name, group, None, "main", first, event=MERGE_GROUP)
    found = GitHubSource(client, job).fetch()
    assert (found.policies.sha, found.base.sha, found.merged.sha, found.is_merge) == (first, first, group, True)
