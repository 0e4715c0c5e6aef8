"""Publishers without a network: the console, and a directory with what the bot would post."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TextIO

from bot import render
from bot.formats import json as judgement_json
from bot.formats import policyreport
from bot.github import payloads
from bot.model import CheckOutput, Judgement, SourceError

FORMATS: Final[Mapping[str, Callable[[Judgement], str]]] = {
    "text": render.console,
    "json": judgement_json.text,
    "markdown": render.job_summary,
    "policyreport": policyreport.text,
}
"""What `--format` can name, and the function that writes it."""


@dataclass(frozen=True, slots=True)
class ConsolePublisher:
    """Prints a judgement in one format, on standard output unless told otherwise; in colour only on a terminal."""

    stream: TextIO | None = None
    form: str = "text"

    def start(self) -> None:
        """Nothing: what is printed is the result alone, so that it can be piped."""

    def publish(self, judgement: Judgement) -> None:
        """Print; what the stream's encoding lacks is shown as an escape."""
        stream = self.stream or sys.stdout
        if self.form == "text":
            text = render.console(judgement, colour=stream.isatty())
        else:
            text = FORMATS[self.form](judgement)
        encoding = stream.encoding or "utf-8"
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
        stream.flush()


@dataclass(frozen=True, slots=True)
class FilePublisher:
    """Writes what the bot would post: check_run.json, review.json, comments/*.md, policyreports.json, summary.md.

    Files of an earlier run are replaced; comments that no longer stand are removed.
    """

    directory: Path

    def start(self) -> None:
        """Make the directory; raises SourceError where that is refused."""
        try:
            (self.directory / "comments").mkdir(parents=True, exist_ok=True)
        except OSError as refused:
            raise SourceError(
                f"cannot write to {self.directory}: {refused.strerror}", "name another --out"
            ) from refused

    def publish(self, judgement: Judgement) -> None:
        """Write all files; raises SourceError."""
        self.start()
        output = render.check_output(judgement)
        comments = render.review_comments(judgement)
        requests = _check_run(judgement, output)
        try:
            self._write("check_run.json", _json(requests[0]))
            self._write_or_remove("check_run_updates.json", _json(requests[1:]) if requests[1:] else None)
            self._write("review.json", _json(payloads.review(judgement.head_sha, output.title, comments)))
            self._write("policyreports.json", policyreport.text(judgement) + "\n")
            self._write("summary.md", render.job_summary(judgement) + "\n")
            self._write_comments({f"{number:02}.md": one.body for number, one in enumerate(comments, 1)})
        except OSError as refused:
            raise SourceError(
                f"cannot write to {self.directory}: {refused.strerror}", "name another --out"
            ) from refused

    def _write_comments(self, bodies: Mapping[str, str]) -> None:
        for old in (self.directory / "comments").glob("[0-9][0-9].md"):
            if old.name not in bodies:
                old.unlink()
        for name, body in bodies.items():
            self._write(f"comments/{name}", body)

    def _write(self, name: str, text: str) -> None:
        (self.directory / name).write_text(text, encoding="utf-8", newline="\n")

    def _write_or_remove(self, name: str, text: str | None) -> None:
        if text is None:
            (self.directory / name).unlink(missing_ok=True)
        else:
            self._write(name, text)


def _check_run(judgement: Judgement, output: CheckOutput) -> list[dict[str, Any]]:
    """The request that concludes the check run, and those that append the annotations which one does not take."""
    first, *others = payloads.batches(output.annotations)
    concluded = {
        "name": f"preadmit: {judgement.base_ref}",
        "head_sha": judgement.head_sha,
        "status": "completed",
        "conclusion": judgement.conclusion,
        "output": payloads.output(output, first),
    }
    return [concluded, *({"output": payloads.output(output, portion)} for portion in others)]


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
