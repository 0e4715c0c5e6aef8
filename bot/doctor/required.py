"""Whether the check that the bot gives is required, and from its App alone: pure, from what GitHub's rules say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from bot.doctor.checkup import Finding, State
from bot.jobs import CHECK_PREFIX

WHAT: Final = "required check"
_MOST_NAMED: Final = 5
_PAGE: Final = 'docs/APP.md, "Require the check"'


def required(repositories: Sequence[Mapping[str, Any]], app_id: int) -> Iterator[Finding]:
    """What is to be mended, one by one, then how many require it; ``repositories`` come from ``github.required``."""
    lacking, bound = [], 0
    for one in repositories:
        found = _verdict(one, app_id)
        if isinstance(found, Finding):
            yield found
        elif found:
            bound += 1
        else:
            lacking.append(str(one["repository"]))
    if lacking:
        text = f"not required in {_listed(lacking)}: it can be merged over"
        yield Finding(State.WARN, WHAT, text, f"require it from this App: {_PAGE}")
    if bound:
        yield Finding(State.OK, WHAT, f"from this App in {bound} of {len(repositories)} repositories looked at")


def _verdict(one: Mapping[str, Any], app_id: int) -> Finding | bool:
    """What is to be mended in a repository, else whether it requires the check from our App."""
    place, name = f"{one['repository']}, {one['branch']}", f"{CHECK_PREFIX}{one['branch']}"
    ours = [check for check in one["checks"] if str(check["context"]).startswith(CHECK_PREFIX.rstrip(": "))]
    for check in ours:
        if check["context"] != name:
            text = f"{place}: `{check['context']}` is required, which never arrives"
            return Finding(State.FAIL, WHAT, text, f"require `{name}` instead: {_PAGE}")
        if check["app"] not in (None, app_id):
            text = f"{place}: it is required from another App (id {check['app']}), which never gives it"
            return Finding(State.FAIL, WHAT, text, f"choose this App as its source: {_PAGE}")
    if ours and all(check["app"] is None for check in ours):
        text = f"{place}: it is required from any source, so that whoever may write statuses can forge it"
        return Finding(State.WARN, WHAT, text, f"choose this App as its source: {_PAGE}")
    return bool(ours)


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
