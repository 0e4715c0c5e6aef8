"""Which YAML and JSON files of a repository are manifests, which are policies, and what the others are.

Place decides where it is certain (a chart's templates, a patch that a kustomization names, a workflow); otherwise the
content does, so that a manifest is judged whatever its file is called. Pure but for ``read``, which is called for the
files asked for and for the kustomizations above them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from posixpath import basename, dirname

from bot.build import contents, places
from bot.build.kustomizations import Kustomizations, above
from bot.build.places import KUSTOMIZATION_NAMES
from bot.build.what import Classified, What
from bot.model import Entry

__all__ = ["SUFFIXES", "Classified", "What", "classify", "may_hold", "wanted"]

SUFFIXES = (".yaml", ".yml", ".json")


def may_hold(entry: Entry) -> bool:
    """Whether an entry can hold manifests or policies, by its name and sort."""
    return entry.path.endswith(SUFFIXES) and entry.is_file


_NEIGHBOURS = 5


def wanted(changed: Iterable[str], all_paths: Collection[str]) -> tuple[str, ...]:
    """The files that ``classify`` will read for these: they and the kustomizations above them, for reading at once."""
    paths = all_paths if isinstance(all_paths, (set, frozenset, Mapping)) else frozenset(all_paths)
    asked = [path for path in changed if path.endswith(SUFFIXES)]
    return tuple(dict.fromkeys([*asked, *(found for path in asked for found in above(path, paths))]))


def classify(
    changed: Iterable[str], all_paths: Collection[str], read: Callable[[str], bytes]
) -> Mapping[str, Classified]:
    """What each YAML or JSON file among ``changed`` is; others are left out.

    ``all_paths`` are the files of the tree; ``read`` gives the content of one, and raises what it likes.
    """
    paths = all_paths if isinstance(all_paths, (set, frozenset, Mapping)) else frozenset(all_paths)
    kustomizations = Kustomizations(paths, read)
    asked = [path for path in changed if path.endswith(SUFFIXES)]
    return {path: _classified(path, paths, kustomizations, read) for path in asked}


def _classified(
    path: str, paths: Collection[str], kustomizations: Kustomizations, read: Callable[[str], bytes]
) -> Classified:
    if basename(path) in KUSTOMIZATION_NAMES:
        return Classified(path, What.KUSTOMIZATION, "a kustomization")
    chart = places.chart_of(path, paths)
    in_chart = places.in_chart(path, chart) if chart is not None else None
    if in_chart is not None and in_chart.what is not What.HELM_VALUES:
        return in_chart
    role = kustomizations.role(path)
    if role is not None and role[0] is not What.MANIFEST:
        return Classified(path, role[0], f"named as {role[0]} by {role[1]}")
    said = contents.classify(read(path), path)
    if said is None:
        return _broken(path, in_chart or places.by_name(path), paths, read)
    named = in_chart or places.by_name(path)
    if named is not None and said.what not in (What.MANIFEST, What.POLICY):
        return named
    return Classified(path, said.what, said.why)


def _broken(path: str, named: Classified | None, paths: Collection[str], read: Callable[[str], bytes]) -> Classified:
    """A file that cannot be read and shows no sign of a resource: a manifest where its neighbours are manifests."""
    if named is not None:
        return named
    beside = [
        other for other in paths if other != path and other.endswith(SUFFIXES) and dirname(other) == dirname(path)
    ]
    for other in sorted(beside)[:_NEIGHBOURS]:
        if contents.signs(read(other)):
            return Classified(path, What.MANIFEST, f"it cannot be read and lies beside {other}")
    return Classified(path, What.NO_MANIFEST, "it cannot be read, and has no apiVersion and kind")
