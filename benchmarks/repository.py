"""A git repository from a seed: policies, many manifests, and a change of a few of them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import yaml

from benchmarks.manifests import manifests

BASE, CHANGE = "main", "change"
_IN_ONE_FOLDER = 50
_CHANGED = slice(0, 500, 100)
"""The same five files in every repository of at least 500: else one would hold kinds that the other does not judge."""
_WHO = {f"GIT_{who}_{what}": "bench" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
_PLAIN = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}


def make(directory: Path, count: int, policies: Iterable[str]) -> None:
    """Commit manifests, a file each, and the policies on ``main``; change five of the files on ``change``."""
    files = []
    for number, manifest in enumerate(manifests(count)):
        folder = directory / "apps" / f"team-{number // _IN_ONE_FOLDER}"
        folder.mkdir(parents=True, exist_ok=True)
        files.append(folder / f"{manifest['metadata']['name']}.yaml")
        files[-1].write_text(yaml.dump(manifest, Dumper=yaml.CSafeDumper, sort_keys=False))
    (directory / "policies").mkdir()
    for number, policy in enumerate(policies):
        shutil.copyfile(policy, directory / "policies" / f"{number}-{Path(policy).name}")
    _git(directory, "init", "-q", "-b", BASE)
    _commit(directory, "all")
    _git(directory, "checkout", "-q", "-b", CHANGE)
    for file in files[_CHANGED]:
        file.write_text(file.read_text().replace("shop", "store"))
    _commit(directory, "five")
    _git(directory, "repack", "-a", "-d", "-q")  # as in a clone


def _commit(directory: Path, message: str) -> None:
    _git(directory, "add", "-A")
    _git(directory, "commit", "-q", "-m", message)


def _git(directory: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(directory), *arguments], check=True, env={**os.environ, **_WHO, **_PLAIN})
