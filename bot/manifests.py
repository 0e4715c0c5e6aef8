"""The manifests of one version of a repository: resources, and what keeps others from being read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from posixpath import dirname, join, normpath

from bot.build import places, plain
from bot.build.plain import SUFFIXES
from bot.config import Config
from bot.custom_kinds import CustomKinds
from bot.model import SUBMODULE, Entry, Ignored, Tree
from bot.policy_tree import too_large
from bot.yaml_files import YamlFiles
from engine import documents, resources
from engine.model import Problem
from engine.resources import Resource


@dataclass(frozen=True, slots=True)
class Side:
    """The manifests of one version: their resources, the contents of their files, and what could not be read.

    ``unread`` might have been denied; ``notes`` are what is judged in another place, or in none of this repository.
    What SOPS encrypted is among the resources and among no problems: that depends on the rules.
    """

    resources: tuple[Resource, ...]
    contents: Mapping[str, bytes]
    unread: tuple[Problem, ...]
    notes: tuple[Problem, ...]
    ignored: tuple[Ignored, ...]


def read(files: YamlFiles, paths: Iterable[str], config: Config, custom: CustomKinds) -> Side:
    """The resources in those of the ``paths`` that are manifests."""
    entries = files.tree.entries()
    reading = _Reading(files.tree, config, custom, files.by_path)
    asked = [entries[path] for path in paths if path in entries and _is_asked(entries[path], config)]
    for entry in asked:
        if entry.path not in reading.files:
            reading.set_aside(entry)
    reading.add([entry.path for entry in asked if entry.path in reading.files])
    return reading.side()


def _is_asked(entry: Entry, config: Config) -> bool:
    """Whether an entry may hold manifests; what a submodule holds, its name does not tell."""
    named = entry.path.endswith(SUFFIXES) or entry.mode == SUBMODULE
    return named and config.manifests.match(entry.path)


@dataclass(frozen=True, slots=True)
class _Reading:
    tree: Tree
    config: Config
    custom: CustomKinds
    files: Mapping[str, Entry]
    found: list[documents.Document] = field(default_factory=list)
    contents: dict[str, bytes] = field(default_factory=dict)
    unread: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    ignored: list[Ignored] = field(default_factory=list)

    def add(self, paths: list[str]) -> None:
        """Load those of the files that are manifests."""
        contents = self.tree.read([self.files[path] for path in plain.wanted(paths, self.files)])
        classified = plain.classify(paths, self.files, self._content)
        for path in paths:
            if not classified[path].is_loaded:
                self.ignored.append(Ignored(path, classified[path].why))
                continue
            self.contents[path] = contents[self.files[path].sha]
            loaded = documents.load(self.contents[path], path, limits=self.config.limits.of_files)
            self.found.extend(loaded.documents)
            self.unread.extend(loaded.problems)

    def _content(self, path: str) -> bytes:
        return self.tree.read([self.files[path]])[self.files[path].sha]

    def set_aside(self, entry: Entry) -> None:
        """Say why an entry is not read: as an unread manifest, or in a note where nothing goes unjudged by that."""
        if entry.mode == SUBMODULE:
            text = "a submodule is another repository, whose manifests are not judged here"
            advice = "Let that repository judge its own changes."
            self.notes.append(Problem("submodule", text, entry.path, 1, 1, advice))
        elif not entry.is_file:
            self._set_link_aside(entry)
        elif (named := places.by_name(entry.path)) is not None:
            self.ignored.append(Ignored(entry.path, named.why))
        else:
            self.unread.append(too_large(entry, self.config.limits))

    def _set_link_aside(self, link: Entry) -> None:
        """A link within the repository leads to what is judged where it stands; any other might hide something."""
        written = self.tree.read([link])[link.sha].decode("utf-8", "backslashreplace")
        target = self.tree.entries().get(normpath(join(dirname(link.path), written)))
        if target is not None and target.is_file and _is_asked(target, self.config):
            text = f"a symbolic link is not followed; {target.path}, to which it leads, is judged where it stands"
            self.notes.append(Problem("symlink", text, link.path, 1, 1))
        else:
            text = "a symbolic link to what is no manifest of this repository is not followed"
            advice = "Put the file itself here, or rename the link."
            self.unread.append(Problem("symlink", text, link.path, 1, 1, advice))

    def side(self) -> Side:
        """All that was found."""
        scoped = self.custom.without_namespace(self.found)
        judged, faults = resources.read(self.found, namespace=self.config.namespace, cluster_scoped=scoped)
        broken = [fault for fault in faults if fault.code != resources.ENCRYPTED]
        return Side(judged, self.contents, (*self.unread, *broken), tuple(self.notes), tuple(self.ignored))
