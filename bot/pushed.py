"""Whether a push to a base branch changes what judges the pull requests into it."""

from __future__ import annotations

from typing import Final

from bot import config, diff, policy_tree
from bot.build.plain import SUFFIXES
from bot.model import Entry, Tree

MOST_FILES: Final = 300
"""Changed manifests that are looked into; a larger push is taken for one that changes policies."""


def changes_policies(before: Tree, after: Tree) -> bool:
    """Whether policies, exceptions or the configuration differ between two commits; raises SourceError."""
    paths = diff.changed(before, after)
    if any(path in config.PATHS for path in paths):
        return True
    old, new = _manifests(before, paths), _manifests(after, paths)
    if len(old) + len(new) > MOST_FILES:
        return True
    contents = [*before.read(old).values(), *after.read(new).values()]
    return any(map(policy_tree.speaks_of_policies, contents))


def _manifests(tree: Tree, paths: tuple[str, ...]) -> list[Entry]:
    entries = (tree.entries().get(path) for path in paths)
    return [one for one in entries if one is not None and one.is_file and one.path.endswith(SUFFIXES)]
