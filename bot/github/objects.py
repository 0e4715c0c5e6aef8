"""A repository's git objects through the API, in few requests.

A shallow blobless clone by the git program would need about as many round trips (refs, trees, blobs), writes the tree
of a stranger to disk, and hands the token to another program. Instead:

* one recursive listing for each tree (kept by the commit's name, so that a base is listed once);
* contents by GraphQL, three hundred a request, from any side alike, by their names or by commit and path;
* one archive instead, when so many are missing that it is cheaper (a repository that is seen for the first time).

GraphQL's text is lossy for what is no UTF-8 and cut for large blobs. The blob's name tells: a content that does not
hash to it is fetched as a REST blob.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from bot.git import by_path
from bot.github.archive import MOST_BYTES, extract
from bot.github.cache import ObjectCache, blob_name
from bot.github.client import Client, GitHubError, segment
from bot.model import FILE, SUBMODULE, Entry, SourceError

BATCH: Final = 300
BATCH_BYTES: Final = 2 << 20
TEXT_BYTES: Final = 500_000
"""GraphQL cuts texts a little above this size."""

_UNKNOWN_BYTES: Final = 6_000  # of a file that is not listed: most manifests are smaller
MOST_BLOB: Final = 32 << 20
_LIMIT: Final = "the service's limit is PREADMIT_MAX_TREE_FILES"
MOST_WALKS: Final = 200
"""Listings that a tree may take when GitHub cuts the recursive one (100,000 entries or 7 MB)."""

_TREE: Final = "040000"
Row = tuple[str, str, str, int]  # path, mode, name, size
Place = tuple[str, str]  # commit, path


class Objects:
    """Trees and blobs of one repository, whose trees may have ``most`` files."""

    def __init__(self, client: Client, repository: str, cache: ObjectCache | None, most: int) -> None:
        self._client, self._cache, self.repository, self._most = client, cache, repository, most
        self._held: dict[str, bytes] = {}
        self._expected: dict[str, Entry] = {}
        self._places: dict[Place, Entry | None] = {}
        self._expected_places: dict[Place, None] = {}

    def tree(self, commit: str) -> dict[str, Entry]:
        """All entries of a commit's tree by path; raises SourceError for one that is too large to be listed."""
        rows = self._cache.listing(self.repository, commit) if self._cache else None
        if rows is None:
            rows = sorted(self._list(commit))  # a listing by folders comes in another order
            if self._cache:
                self._cache.keep_listing(self.repository, commit, rows)
        return by_path(Entry(path, mode, sha, size) for path, mode, sha, size in rows)

    def expect(self, entries: Iterable[Entry]) -> None:
        """Say which contents will be asked for, so that they ride along with the next request."""
        self._expected.update((entry.sha, entry) for entry in entries if entry.mode != SUBMODULE)

    def expect_at(self, commit: str, paths: Iterable[str]) -> None:
        """The same for what stands at some paths of a commit, whose tree need not be known."""
        self._expected_places.update(((commit, path), None) for path in paths)

    def at(self, commit: str, paths: Iterable[str]) -> dict[str, Entry]:
        """The files at those of the paths where a commit has one."""
        self.expect_at(commit, paths)
        if any(place not in self._places for place in self._expected_places):
            self._fetch_texts([])
        found = ((path, self._places.get((commit, path))) for path in paths)
        return {path: entry for path, entry in found if entry is not None}

    def read(self, commit: str, entries: Iterable[Entry], tree: Mapping[str, Entry]) -> dict[str, bytes]:
        """The contents by name; ``commit`` and its ``tree`` tell whether an archive would do."""
        wanted = {entry.sha: entry for entry in entries if entry.mode != SUBMODULE}
        self._recall(wanted)
        if missing := [entry for sha, entry in wanted.items() if sha not in self._held]:
            self._recall(self._expected)
            riding = [e for sha, e in self._expected.items() if sha not in self._held and sha not in wanted]
            self._fetch(commit, missing, riding, tree)
        return {sha: self._held[sha] for sha in wanted}

    def _recall(self, entries: dict[str, Entry]) -> None:
        for sha in entries.keys() - self._held.keys():
            if self._cache and (content := self._cache.blob(self.repository, sha)) is not None:
                self._held[sha] = content

    def _fetch(self, commit: str, missing: list[Entry], riding: list[Entry], tree: Mapping[str, Entry]) -> None:
        names = {entry.sha: entry.size for entry in tree.values()}
        archived = [entry for entry in [*missing, *riding] if entry.sha in names]  # the others are of another tree
        if len(archived) > 2 * BATCH and sum(names.values()) <= MOST_BYTES:
            self._fetch_archive(commit, archived)
        left = [entry for entry in [*missing, *riding] if entry.sha not in self._held]
        self._fetch_texts([entry for entry in left if entry.size <= TEXT_BYTES])
        for entry in missing:
            if entry.sha not in self._held:
                self._keep(entry.sha, self._fetch_blob(entry))

    def _fetch_archive(self, commit: str, wanted: list[Entry]) -> None:
        try:
            with self._client.stream(f"/repos/{self.repository}/tarball/{segment(commit)}") as pieces:
                found = extract(pieces, wanted)
        except GitHubError:
            return  # archives may be switched off or fail on their own; the contents have another way
        for sha, content in found.items():
            self._keep(sha, content)

    def _fetch_texts(self, entries: list[Entry]) -> None:
        """Fetch contents by GraphQL, and with them what stands at the expected places."""
        places = [place for place in self._expected_places if place not in self._places]
        for batch in _batches([*entries, *places]):
            self._fetch_batch(batch)

    def _fetch_batch(self, batch: list[Entry | Place]) -> None:
        owner, _, name = self.repository.partition("/")
        asked = [_asked(n, one) for n, one in enumerate(batch)]
        head, fields = ", ".join(one[0] for one in asked), " ".join(one[1] for one in asked)
        repository = f"repository(owner: $owner, name: $name) {{ {fields} }}"
        query = f"query($owner: String!, $name: String!, {head}) {{ {repository} }}"
        values = {f"o{n}": one.sha if isinstance(one, Entry) else ":".join(one) for n, one in enumerate(batch)}
        answer = self._client.query(query, {"owner": owner, "name": name, **values})
        blobs = answer.get("repository") or {}
        for n, one in enumerate(batch):
            blob = blobs.get(f"b{n}") or {}
            if isinstance(one, Entry):
                self._keep_text(one.sha, blob.get("text"))
            else:
                entry = Entry(one[1], FILE, blob["oid"], blob["byteSize"]) if "oid" in blob else None
                self._places[one] = entry
                self._keep_text(blob.get("oid", ""), blob.get("text"))

    def _keep_text(self, sha: str, text: Any) -> None:
        """Keep a content that came as text, unless the way has changed it."""
        content = text.encode("utf-8", "replace") if isinstance(text, str) else None
        if content is not None and blob_name(content, sha) == sha:
            self._keep(sha, content)

    def _fetch_blob(self, entry: Entry) -> bytes:
        if entry.size > MOST_BLOB:
            raise SourceError(f"{entry.path} has {entry.size} bytes", "keep such files out of the manifests' globs")
        answer = self._client.get(f"/repos/{self.repository}/git/blobs/{entry.sha}")
        try:
            content = base64.b64decode(answer["content"])
        except (binascii.Error, ValueError):
            content = b""
        if blob_name(content, entry.sha) != entry.sha:
            raise GitHubError(f"GitHub gave another content than that of {entry.path}")
        return content

    def _keep(self, sha: str, content: bytes) -> None:
        self._held[sha] = content
        if self._cache:
            self._cache.keep_blob(self.repository, sha, content)

    def _list(self, commit: str) -> Iterator[Row]:
        """List recursively; where GitHub cuts that, list one level and each folder of it recursively."""
        waiting, walks, count = [("", commit)], 0, 0
        while waiting:
            prefix, sha = waiting.pop()
            walks += 1
            answer = self._get_tree(sha, recursive="1")
            if answer["truncated"]:
                walks += 1
                answer = self._get_tree(sha)
                if answer["truncated"]:
                    raise SourceError(f"the folder /{prefix} has too many entries to be listed")
                waiting += [(f"{prefix}{e['path']}/", e["sha"]) for e in answer["tree"] if e["mode"] == _TREE]
            rows = [_row(prefix, entry) for entry in answer["tree"] if entry["mode"] != _TREE]
            count += len(rows)
            if count > self._most:
                raise SourceError(f"the repository has more than {self._most:,} files", _LIMIT)
            if walks > MOST_WALKS:
                raise SourceError("the repository has too many folders to be listed one by one")
            yield from rows

    def _get_tree(self, sha: str, **parameters: str) -> Any:
        return self._client.get(f"/repos/{self.repository}/git/trees/{segment(sha)}", **parameters)


def _row(prefix: str, entry: dict[str, Any]) -> Row:
    return prefix + entry["path"], entry["mode"], entry["sha"], entry.get("size") or 0


def _asked(n: int, one: Entry | Place) -> tuple[str, str]:
    """The variable and the field for one content."""
    if isinstance(one, Entry):
        return f"$o{n}: GitObjectID!", f"b{n}: object(oid: $o{n}) {{ ... on Blob {{ text }} }}"
    return f"$o{n}: String!", f"b{n}: object(expression: $o{n}) {{ ... on Blob {{ oid byteSize text }} }}"


def _batches(wanted: Iterable[Entry | Place]) -> Iterator[list[Entry | Place]]:
    batch: list[Entry | Place] = []
    size = 0
    for one in wanted:
        more = one.size if isinstance(one, Entry) else _UNKNOWN_BYTES
        if batch and (len(batch) == BATCH or size + more > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += more
    if batch:
        yield batch
