"""Whether a push to a base branch changes what judges the pull requests into it, or what that looks up."""

from __future__ import annotations

from collections.abc import Callable

from bot import config, diff
from bot.build.plain import SUFFIXES
from bot.model import Judgement, Source, Tree
from bot.source_github import Unchanged


def changes_answers(judge: Callable[[Source], Judgement], repository: str, before: Tree, after: Tree) -> bool:
    """Whether policies, exceptions, the configuration or the resources that they look up differ between two commits.

    ``judge`` is the pipeline: policies are read where hostile text may be read. Raises SourceError.
    """
    paths = diff.changed(before, after)
    if any(path in config.PATHS for path in paths):
        return True
    if not any(path.endswith(SUFFIXES) for path in paths):
        return False
    old, new = (judge(Unchanged(tree, repository)) for tree in (before, after))
    return (old.digest, old.surroundings) != (new.digest, new.surroundings)
