"""``--test-case-selector``: which rows of a test are run (upstream: test/filter/filter.go)."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from bot.dropin.test_file import Expected
from engine.values import wildcard


class Selector(Struct, frozen=True):
    """Wildcards for each of policy, rule and resource, all of which must match."""

    policies: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    def admits(self, row: Expected) -> bool:
        """Whether the row is run; an empty field of it always is."""
        return (
            (not row.policy or _all(self.policies, (row.policy,)))
            and (not row.rule or _all(self.rules, (row.rule,)))
            and (not row.resources or _all(self.resources, row.resources))
        )

    def narrowed(self, row: Expected) -> Expected:
        """The row for the selected resources; the reference puts the selector itself in their place."""
        wanted = () if self.problems else self.resources
        if "*" in wanted:
            wanted = wanted[: wanted.index("*")]
        return replace(row, resources=wanted) if wanted else row


def _all(patterns: tuple[str, ...], texts: tuple[str, ...]) -> bool:
    return all(any(wildcard.match(pattern, text) for text in texts) for pattern in patterns)


def parse(text: str) -> Selector:
    """The selector written as ``policy=..,rule=..,resource=..``; what cannot be read is in ``problems``."""
    found: dict[str, list[str]] = {"policy": [], "rule": [], "resource": []}
    problems: list[str] = []
    for part in text.split(",") if text else ():
        key, sign, value = part.partition("=")
        if not sign or "=" in value:
            form = "Parameter must be in the form `<key>=<value>`."
            problems.append(f"Invalid test-case-selector argument ({part}). {form}")
        elif key.strip() not in found:
            problems.append(f"Invalid test-case-selector ({part}). Parameter can only be policy, rule or resource.")
        else:
            found[key.strip()].append(value.strip())
    return Selector(tuple(found["policy"]), tuple(found["rule"]), tuple(found["resource"]), tuple(problems))
