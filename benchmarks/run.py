"""Whole processes against a yardstick of the same run, in turn, so that a machine that slows down slows both.

python -m benchmarks.run [--rounds N] [--library ../shared/reference/library] [--cold]

What each row means, and what was measured, stands in docs/BENCHMARKS.md.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from benchmarks import repository
from benchmarks.manifests import manifests

PREADMIT = str(Path(sys.executable).with_name("preadmit"))
LOAD = """
import sys, time, yaml
text = open(sys.argv[1]).read()
start = time.perf_counter()
list(yaml.load_all(text, yaml.CSafeLoader))
print(time.perf_counter() - start)
"""
FOLDERS = ("best-practices", "pod-security")
RULES_IN_CEL = ("cel",)
"""ClusterPolicies that hold ``validate.cel``."""
POLICIES_IN_CEL = ("vpol", "mpol", "gpol")
"""ValidatingPolicy, MutatingPolicy, GeneratingPolicy."""
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


def in_cel(chosen: Sequence[str], library: Path, forms: Sequence[str]) -> list[str]:
    """The same policies in the first of the library's forms that has them (``best-practices-cel/...``), else as before.

    docs/BENCHMARKS.md names those that have none.
    """
    found = []
    for name in chosen:
        folder, *rest = Path(name).relative_to(library).parts
        others = [library.joinpath(f"{folder}-{form}", *rest) for form in forms]
        found.append(next((str(other) for other in others if other.exists()), name))
    return found


def seconds(command: Sequence[str], environment: dict[str, str], reads_result: bool = False) -> tuple[float, int]:
    """The wall time of a process, or what it printed as such, and the peak memory in MB of it or a child of its."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment)
    assert process.stdout is not None
    out = process.stdout.read()
    _, _, used = os.wait4(process.pid, 0)
    took = time.perf_counter() - start
    return (float(out) if reads_result else took), used.ru_maxrss // 1024


def measured(work: Work, rounds: int, environment: dict[str, str]) -> str:
    """A row of the table: median and range of the ratios, pair by pair."""
    seconds(work.command, environment)  # the first start after an edit compiles, and fills the cache of policies
    ratios, memory = [], 0
    for _ in range(rounds):
        base, _ = seconds(work.yardstick, environment, work.reads_result)
        took, used = seconds(work.command, environment)
        ratios.append(took / base)
        memory = max(memory, used)
    low, middle, high = min(ratios), statistics.median(ratios), max(ratios)
    return f"| {work.name} | {middle:.2f} | {low:.2f} - {high:.2f} | {work.goal} | {memory} MB |"


def works(directory: Path, library: Path) -> Iterator[Work]:
    """The rows of the table."""
    chosen = policies(library)
    files = {count: directory / f"{count}.yaml" for count in (10, 1000, 10000)}
    for count, path in files.items():
        with path.open("w") as file:
            yaml.dump_all(manifests(count), file, Dumper=yaml.CSafeDumper, sort_keys=False)

    def apply(count: int, asked: Sequence[str] = chosen) -> list[str]:
        report = ["--policy-report", "--output-format", "json"]
        return [PREADMIT, "apply", *asked, "--resource", str(files[count]), *report]

    load = [sys.executable, "-c", LOAD, str(files[1000])]
    imports = [sys.executable, "-c", "import yaml, jmespath"]
    yield Work("10 manifests x 33 policies / `import yaml, jmespath`", apply(10), imports, False, 2.5)
    yield Work("1,000 manifests x 33 policies / CSafeLoader", apply(1000), load, True, 1.8)
    yield Work("10,000 manifests x 33 policies / 1,000 manifests", apply(10000), apply(1000), False, 11)
    for name, forms in (("validate.cel", RULES_IN_CEL), ("ValidatingPolicy", POLICIES_IN_CEL)):
        asked = in_cel(chosen, library, forms)
        yield Work(f"1,000 manifests, the policies as {name} / classic", apply(1000, asked), apply(1000), False, 1.5)
    yield Work("the library's tests / CSafeLoader of 1,000", [PREADMIT, "test", str(library)], load, True, 43)

    def check(count: int) -> list[str]:
        made = directory / f"repository-{count}"
        made.mkdir()
        repository.make(made, count, chosen)
        ends = ["--base", repository.BASE, "--head", repository.CHANGE]
        return [PREADMIT, "check", "--repo", str(made), *ends]

    yield Work("check of 5 files in 5,000 / in 500", check(5000), check(500), False, 1.5)


def _environment(directory: Path, cold: bool) -> dict[str, str]:
    """As where a package is installed and used again: with bytecode, and with the policies of the last run at hand."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PREADMIT_CACHE": "off" if cold else str(directory / "cache")}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    beside = Path(__file__).resolve().parents[2] / "shared" / "reference" / "library"
    parser.add_argument("--library", type=Path, default=beside)
    parser.add_argument("--cold", action="store_true", help="without the cache of policies")
    options = parser.parse_args()
    if not options.library.exists():
        sys.exit(f"no policy library at {os.fspath(options.library)}: name one with --library")
    print("| Work / yardstick | Median ratio | Range | Goal | Peak memory |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as made:
        directory = Path(made)
        environment = _environment(directory, options.cold)
        for work in works(directory, options.library):
            print(measured(work, options.rounds, environment), flush=True)


if __name__ == "__main__":
    main()
