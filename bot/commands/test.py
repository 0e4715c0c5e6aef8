"""``preadmit test``: Kyverno's command of that name, offline."""

from __future__ import annotations

from typing import Any

import click

from bot.commands.offline import Command, leave
from bot.dropin.test_suite import Options, run

_FORMATS = ("json", "yaml", "markdown", "junit")


@click.command("test", cls=Command, context_settings={"max_content_width": 120})
@click.argument("folders", nargs=-1, metavar="DIR...")
@click.option("-f", "--file-name", default="kyverno-test.yaml", show_default=True, help="What test files are called.")
@click.option(
    "-t",
    "--test-case-selector",
    default="policy=*,rule=*,resource=*",
    show_default=True,
    metavar="SELECTOR",
    help="Which rows to run; wildcards are allowed.",
)
@click.option("-o", "--output-format", default="", metavar="FORMAT", help="json, yaml, markdown or junit.")
@click.option("--fail-only", is_flag=True, help="Show only what failed.")
@click.option("--remove-color", is_flag=True, help="Print no colours.")
@click.option("--detailed-results", is_flag=True, help="Show messages, and how resources differ.")
@click.option("--require-tests", is_flag=True, help="Fail where no test is found.")
@click.option("-b", "--git-branch", default="", hidden=True)
@click.option("--registry", is_flag=True, help="Ask image registries, with the credentials of `docker login`.")
def command(**flags: Any) -> None:
    """Run the tests of policies, in the words of `kyverno test`.

    Every kyverno-test.yaml in and below each DIR names policies, resources, values and the results that are expected.
    A resource that no rule answers counts as passed, "Excluded"; a policy that does not exist as failed.

    \b
    Examples:
      preadmit test policies/
      preadmit test . --test-case-selector "policy=require-labels, resource=good-*" --detailed-results
      preadmit test . --fail-only -o junit

    Exit codes: 0 all passed, 1 something failed or could not be read, 2 nothing failed, but some rows ask for what is
    not evaluated yet; these are shown as "Not evaluated" and counted apart.
    """
    leave(_refusal(flags), lambda: run(Options(**{name: flags[name] for name in Options.__match_args__})))


def _refusal(flags: dict[str, Any]) -> str:
    if flags["git_branch"]:
        return "--git-branch needs a remote repository, which test does not fetch; clone it first"
    if not flags["folders"]:
        return "requires at least 1 arg(s), only received 0"
    if any(folder.startswith(("http://", "https://")) for folder in flags["folders"]):
        return "tests are not read from the network; clone the repository first"
    if flags["output_format"] not in ("", *_FORMATS):
        return "invalid format, expected (json, yaml, markdown, junit)"
    return ""
