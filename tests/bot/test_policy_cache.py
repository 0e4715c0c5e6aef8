"""The cache of valid policies: what it gives back is what was read, and nothing that is stale, foreign or broken."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bot import policy_cache
from engine import documents, policy_reading, validation
from engine.policies import Policy

POLICY = b"""# a comment
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: require-team
spec:
  rules:
    - name: team
      match: {any: [{resources: {kinds: [Pod]}}]}
      validate:
        message: a team is needed
        pattern: {metadata: {labels: {team: "?*"}}, spec: {replicas: 1}}
---
apiVersion: kyverno.io/v1
kind: Policy
metadata: {name: any-size, namespace: shop}
spec:
  rules:
    - name: size
      match: {any: [{resources: {kinds: [Pod]}}]}
      validate: {anyPattern: [{spec: {size: 1.5}}, {spec: {size: 3}}]}
"""

Cache = Callable[[str], None]


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch) -> Cache:
    """Sets the directory, as another run would find it."""

    def use(directory: str) -> None:
        monkeypatch.setenv("PREADMIT_CACHE", directory)
        for remembered in (policy_cache._directory, policy_cache._reader, policy_cache._count):
            remembered.cache_clear()

    return use


def _remember(content: bytes) -> tuple[Policy, ...]:
    loaded = documents.load(content, "policies.yaml", numbers=int)
    chosen = policy_reading.read(loaded.documents)
    assert not any(validation.validate(policy) for policy in chosen.policies)
    policy_cache.remember(content, loaded, chosen)
    return chosen.policies


def _told(policy: Policy) -> list[object]:
    """All that is known of a policy, numbers with their types, and places in its file."""
    places = [policy.document.position((*policy.base, "spec", "rules", 0, "validate")), policy.document.line]
    return [repr((policy.kind, policy.key, policy.annotations, policy.spec, policy.base, policy.rules)), *places]


def test_what_was_read_comes_back_with_its_places(cache: Cache, tmp_path: Path) -> None:
    cache(str(tmp_path / "kept"))
    read = _remember(POLICY)
    kept = policy_cache.recall(POLICY, "elsewhere.yaml")
    assert kept is not None
    assert [_told(policy) for policy in kept] == [_told(policy) for policy in read]
    assert {policy.document.file for policy in kept} == {"elsewhere.yaml"}
    assert (tmp_path / "kept").stat().st_mode & 0o777 == 0o700


def test_another_content_is_not_known(cache: Cache, tmp_path: Path) -> None:
    cache(str(tmp_path))
    _remember(POLICY)
    assert policy_cache.recall(POLICY.replace(b"team", b"crew"), "policies.yaml") is None


def test_two_contents_of_one_name_are_told_apart(cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache(str(tmp_path))
    monkeypatch.setattr(policy_cache.zlib, "crc32", lambda _content: 7)
    _remember(POLICY)
    assert policy_cache.recall(POLICY.replace(b"team", b"crew"), "policies.yaml") is None


def test_what_another_engine_made_is_not_used(cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache(str(tmp_path))
    monkeypatch.setattr(policy_cache, "_files", lambda _directories: [("engine/match.py", 1, 2)])
    _remember(POLICY)
    cache(str(tmp_path))
    monkeypatch.setattr(policy_cache, "_files", lambda _directories: [("engine/match.py", 1, 3)])
    assert policy_cache.recall(POLICY, "policies.yaml") is None


@pytest.mark.parametrize("harm", [lambda entry: entry[:-9], lambda _entry: b"", lambda _entry: b"\x93\x01\x02\x03"])
def test_a_broken_entry_is_as_good_as_none(cache: Cache, tmp_path: Path, harm: Callable[[bytes], bytes]) -> None:
    cache(str(tmp_path))
    _remember(POLICY)
    (entry,) = tmp_path.iterdir()
    entry.write_bytes(harm(entry.read_bytes()))
    assert policy_cache.recall(POLICY, "policies.yaml") is None
    _remember(POLICY)
    assert policy_cache.recall(POLICY, "policies.yaml") is not None


def test_only_files_of_valid_policies_are_kept(cache: Cache, tmp_path: Path) -> None:
    cache(str(tmp_path))
    for content in (
        POLICY + b"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
        POLICY + b"---\napiVersion: policies.kyverno.io/v1\nkind: ValidatingPolicy\nmetadata: {name: a}\n",
        POLICY + b"---\n[broken\n",
    ):
        _remember(content)
    assert list(tmp_path.iterdir()) == []


def test_a_directory_in_which_others_write_is_not_used(cache: Cache, tmp_path: Path) -> None:
    os.chmod(tmp_path, 0o777)
    cache(str(tmp_path))
    _remember(POLICY)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("word", ["off", "relative/place"])
def test_it_can_be_switched_off(cache: Cache, tmp_path: Path, word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    cache(word)
    _remember(POLICY)
    assert list(tmp_path.iterdir()) == []
    assert policy_cache.recall(POLICY, "policies.yaml") is None


def test_it_does_not_grow_without_end(cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_cache, "_MOST_ENTRIES", 6)
    cache(str(tmp_path))
    for number in range(20):
        _remember(POLICY.replace(b"a comment", b"comment %d" % number))
    assert 3 <= len(list(tmp_path.iterdir())) <= 6
