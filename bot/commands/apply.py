"""``preadmit apply``: Kyverno's command of that name, offline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from bot.commands.offline import Command, leave
from bot.dropin.apply_run import Options, run, split
from engine.values import duration

_NEEDS_CLUSTER = ("cluster", "kubeconfig", "context")
_NEEDS_NETWORK = ("git_branch", "username", "password")
_NEEDS_PROXY = ("http_payload", "envoy_payload")


def _many(*names: str, **more: Any) -> Callable[..., Any]:
    return click.option(*names, multiple=True, metavar="PATH", **more)


@click.command("apply", cls=Command, context_settings={"max_content_width": 120})
@click.argument("policies", nargs=-1, metavar="POLICY...")
@_many("-r", "--resource", "--resources", "resource", help="Resources: files, a directory, globs, or - for stdin.")
@_many("--json", help="JSON or YAML documents that are no resources, for policies with that evaluation mode.")
@_many("--target-resource", "--target-resources", "target_resource", help="What rules with targets may mutate.")
@_many("--parameter-resource", help="Further resources that calls of the API server find.")
@click.option("-f", "--values-file", default="", metavar="FILE", help="Values for the variables of policies.")
@click.option("-s", "--set", multiple=True, metavar="NAME=VALUE", help="A value for a variable; not together with -f.")
@click.option("-u", "--userinfo", default="", metavar="FILE", help="Who makes the requests: user, groups and roles.")
@_many("-e", "--exception", "--exceptions", "exception", help="PolicyExceptions to respect.")
@click.option(
    "--exceptions-with-resources",
    "--exceptions-within-resources",
    "exceptions_with_resources",
    is_flag=True,
    help="Take PolicyExceptions from among the resources.",
)
@click.option("--exceptions-within-policies", is_flag=True, help="Take PolicyExceptions from among the policies.")
@_many("--crd-paths", "--crd-path", "crd_paths", help="CRDs, to know which custom resources have no namespace.")
@click.option("-p", "--policy-report", is_flag=True, help="Print policy reports, and nothing else on stdout.")
@click.option("--output-format", default="yaml", metavar="yaml|json", help="Of policy reports.  [default: yaml]")
@click.option("-o", "--output", default="", metavar="PATH", help="Write mutated resources to this file or directory.")
@click.option("-i", "--stdin", is_flag=True, help="Print mutated resources so that they can be piped to kubectl.")
@click.option("-t", "--table", is_flag=True, help="Show the results in a table.")
@click.option("--detailed-results", is_flag=True, help="Show messages in the table.")
@click.option("--remove-color", is_flag=True, help="Print no colours.")
@click.option("--audit-warn", is_flag=True, help="Count failures of policies that audit as warnings.")
@click.option("--warn-exit-code", default=0, metavar="N", help="Exit with N where the worst is a warning.")
@click.option("--warn-no-pass", is_flag=True, help="Exit with that code also where nothing passed.")
@click.option("--generate-exceptions", is_flag=True, help="Print a PolicyException for each violation.")
@click.option("--generated-exception-ttl", default="720h0m0s", metavar="DURATION", help="How long they last.")
@click.option("--registry", is_flag=True, help="Ask image registries, with the credentials of `docker login`.")
@click.option("-c", "--cluster", is_flag=True, hidden=True)
@click.option("--kubeconfig", default="", hidden=True)
@click.option("--context", default="", hidden=True)
@click.option("-b", "--git-branch", default="", hidden=True)
@click.option("--username", default="", hidden=True)
@click.option("--password", default="", hidden=True)
@_many("--http-payload", hidden=True)
@_many("--envoy-payload", hidden=True)
@click.option("--context-file", default="", metavar="FILE", help="What policies in CEL are told of a cluster.")
@click.option("-n", "--namespace", default="", hidden=True)
@click.option("--cluster-wide-resources", is_flag=True, hidden=True)
@click.option("--continue-on-fail", is_flag=True, help="Go on where a resource cannot be judged.")
@click.option("--continue-on-error", is_flag=True, default=True, hidden=True)
@click.option("--concurrent", default=1, hidden=True)
@click.option("--batch-size", default=100, hidden=True)
@click.option("--show-performance", is_flag=True, hidden=True)
def command(**flags: Any) -> None:
    """Apply policies to resources, in the words of `kyverno apply`.

    POLICY is a file, a directory with everything below it, a glob, or - for standard input. Resources are judged as
    if they were being created; a values file can make it an update or a deletion, and give what a cluster would know.

    \b
    Examples:
      preadmit apply policies/ --resource deployment.yaml
      preadmit apply policies/ -r manifests/ --policy-report --output-format json
      kustomize build . | preadmit apply policies/ --resource -

    Exit codes: 0 nothing failed, 1 something failed or could not be read, 2 nothing failed, but some policy or rule
    is of a kind that is not evaluated yet (each is named on stderr), N as --warn-exit-code says.

    Flags that ask for a cluster (--cluster, --kubeconfig, --context) or a remote repository are refused;
    those that only matter there (such as --namespace, --concurrent) have no effect.
    """
    leave(_refusal(flags), lambda: run(Options(**{name: flags[name] for name in Options.__match_args__})))


def _refusal(flags: dict[str, Any]) -> str:
    """Why these flags cannot be followed, empty where they can (command.go: checkArguments)."""
    for names, why in (
        (_NEEDS_CLUSTER, "needs a cluster, which preadmit never asks"),
        (_NEEDS_NETWORK, "needs the network, which apply does not use"),
        (_NEEDS_PROXY, "is for the requests of a proxy, which preadmit does not judge"),
    ):
        for name in names:
            if flags[name]:
                return f"--{name.replace('_', '-')} {why}"
    ttl = flags["generated_exception_ttl"]
    try:
        duration.parse(ttl)
    except ValueError as error:
        return f'invalid argument "{ttl}" for "--generated-exception-ttl" flag: {error}'
    if flags["values_file"] and flags["set"]:
        return "pass the values either using set flag or values_file flag"
    if not flags["policies"]:
        return "require policy"
    resources = split(flags["resource"])
    if "-" in flags["policies"] and "-" in resources:
        return "a stdin pipe can be used for either policies or resources, not both"
    if resources and flags["json"]:
        return "both resource and json files can not be used together, use one or the other"
    return "" if resources or flags["json"] else "resource file(s) or cluster required"
