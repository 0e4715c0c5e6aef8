"""Whole processes against a yardstick of the same run, in turn, so that a machine that slows down slows both.

python -m benchmarks.run [--rounds N] [--library ../shared/reference/library]
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from benchmarks.manifests import manifests

PREADMIT = str(Path(sys.executable).with_name("preadmit"))
LOAD = """
import sys, time, yaml
text = open(sys.argv[1]).read()
start = time.perf_counter()
list(yaml.load_all(text, yaml.CSafeLoader))
print(time.perf_counter() - start)
"""
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""An installed package has its bytecode: a checkout must be let write it, or every start compiles what was edited."""
FOLDERS = ("best-practices", "pod-security")
OTHERS = ("require-pod-probes", "restrict-ingress-wildcard", "disallow-localhost-services", "require-pdb")


@dataclass(frozen=True, slots=True)
class Work:
    """What is timed: its process against the yardstick's, and the most that the ratio should be."""

    name: str
    command: Sequence[str]
    yardstick: Sequence[str]
    reads_result: bool
    goal: float


def policies(library: Path) -> list[str]:
    """33 policy files of the classic library."""
    found = [path for folder in FOLDERS for path in sorted((library / folder).rglob("*.yaml"))]
    found += [path for name in OTHERS for path in sorted((library / "other" / name).glob("*.yaml"))]
    chosen = [str(path) for path in found if not any(part.startswith(".") for part in path.parts[-3:])]
    return chosen[:33]


def seconds(command: Sequence[str], reads_result: bool) -> tuple[float, int]:
    """The wall time of a process, or what it printed as such, and its peak memory in MB."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_ENVIRONMENT)
    out, _ = process.communicate()
    took = time.perf_counter() - start
    return (float(out) if reads_result else took), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024


def measured(work: Work, rounds: int) -> str:
    """A row of the table: median and range of the ratios, pair by pair."""
    seconds(work.command, reads_result=False)  # the first start after an edit compiles
    ratios, memory = [], 0
    for _ in range(rounds):
        base, _ = seconds(work.yardstick, work.reads_result)
        took, memory = seconds(work.command, reads_result=False)
        ratios.append(took / base)
    low, middle, high = min(ratios), statistics.median(ratios), max(ratios)
    return f"| {work.name} | {middle:.2f} | {low:.2f} - {high:.2f} | {work.goal} | {memory} MB |"


def works(directory: Path, library: Path) -> list[Work]:
    """The rows of the table."""
    chosen = policies(library)
    found = []
    files = {}
    for count in (10, 1000, 10000):
        files[count] = directory / f"{count}.yaml"
        with files[count].open("w") as file:
            yaml.dump_all(manifests(count), file, Dumper=yaml.CSafeDumper, sort_keys=False)

    def apply(count: int) -> list[str]:
        return [
            PREADMIT,
            "apply",
            *chosen,
            "--resource",
            str(files[count]),
            "--policy-report",
            "--output-format",
            "json",
        ]

    load = [sys.executable, "-c", LOAD, str(files[1000])]
    imports = [sys.executable, "-c", "import yaml, jmespath"]
    found.append(Work("10 manifests x 33 policies / `import yaml, jmespath`", apply(10), imports, False, 2.5))
    found.append(Work("1,000 manifests x 33 policies / CSafeLoader", apply(1000), load, True, 1.8))
    found.append(Work("10,000 manifests x 33 policies / 1,000 manifests", apply(10000), apply(1000), False, 11))
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    beside = Path(__file__).resolve().parents[2] / "shared" / "reference" / "library"
    parser.add_argument("--library", type=Path, default=beside)
    options = parser.parse_args()
    if not options.library.exists():
        sys.exit(f"no policy library at {os.fspath(options.library)}: name one with --library")
    print("| Work / yardstick | Median ratio | Range | Goal | Peak memory so far |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as directory:
        for work in works(Path(directory), options.library):
            print(measured(work, options.rounds), flush=True)


if __name__ == "__main__":
    main()
