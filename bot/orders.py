"""What people order by ``/preadmit WORD`` in a comment, or by a button of the check run.

Only who may write to the repository is heard, as GitHub says when the order is carried out; others get no answer, so
that nobody can make the bot talk. An order can ask for another judgement or for an explanation, for nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.github.cache import ObjectCache
from bot.github.client import Client, GitHubError, segment
from bot.github.objects import Objects
from bot.github.pull_request import PullRequest, Subject, View
from bot.jobs import EXPLAIN, RECHECK, Job, Order
from bot.model import Explanation, Judgement, Source, SourceError
from bot.publish_github import Renderer
from bot.source_github import GitHubTree, Unchanged
from bot.worker import Queue

MAY_ORDER: Final = frozenset({"write", "admin"})
"""GitHub's words for a permission; it says ``write`` of those who maintain, and ``read`` of those who triage."""


@dataclass(frozen=True, slots=True)
class Orders:
    """Carries out the orders that come through one installation; ``judge`` reads policies as for any judgement."""

    client: Client
    app_id: int
    cache: ObjectCache | None
    judge: Callable[[Source], Judgement]
    render: Renderer
    queue: Queue
    most_files: int

    def __call__(self, order: Order) -> str:
        """Carry out one order: in words, what came of it. Raises GitHubError."""
        if not self._may_order(order):
            return f"refused: {order.sender} may not write to {order.repository}"
        view = PullRequest(self.client, Subject(order.repository, order.number, "")).branches()
        if not view.is_open:
            return "nothing to do: the pull request is closed"
        if order.word == RECHECK:
            return self._recheck(order, view)
        if order.word == EXPLAIN and order.comment:
            return self._explain(order, view)
        return f"nothing to do for {order.word}"

    def _may_order(self, order: Order) -> bool:
        path = f"/repos/{order.repository}/collaborators/{segment(order.sender)}/permission"
        try:
            return self.client.get(path)["permission"] in MAY_ORDER
        except GitHubError as unknown:
            if unknown.status != 404:
                raise
            return False  # somebody whom this repository does not know

    def _recheck(self, order: Order, view: View) -> str:
        """Give the present head to the queue, where it has a turn of its own."""
        job = Job(
            delivery=f"{order.delivery.partition('~')[0]}.{order.number}",
            installation=order.installation,
            repository=order.repository,
            head_sha=view.head_sha,
            number=order.number,
            base_ref=view.base_ref,
            event="order.recheck",
            afresh=True,
        )
        self.queue.submit(job)
        return f"judged anew: {view.head_sha}"

    def _explain(self, order: Order, view: View) -> str:
        """Reply once: a reply of ours that bears the order's marker stands for all."""
        place = "thread" if order.event.startswith("pull_request_review_comment") else "comment"
        marker = f"{place}-{order.comment}"
        if self._is_answered(order, marker):
            return "explained before"
        body = self.render.explanation(self._explanation(order, view), marker, view.base_ref)
        self.client.post(f"/repos/{order.repository}/issues/{order.number}/comments", {"body": body})
        return "explained"

    def _explanation(self, order: Order, view: View) -> Explanation | str:
        """What the policies of the base branch's tip say, or why they cannot be read."""
        objects = Objects(self.client, order.repository, self.cache, self.most_files)
        tree = GitHubTree(objects, view.base_ref, view.base_tip)
        try:
            found = self.judge(Unchanged(tree, order.repository, order.argument))
        except SourceError as missing:
            return str(missing)
        return found.explanation or Explanation(order.argument)

    def _is_answered(self, order: Order, marker: str) -> bool:
        """Anybody can write what looks like a reply of ours, so others' do not count."""
        since = {"since": order.made} if order.made else {}
        path = f"/repos/{order.repository}/issues/{order.number}/comments"
        return any(
            (one.get("performed_via_github_app") or {}).get("id") == self.app_id
            and str(one.get("body") or "").startswith(f"<!-- preadmit:{marker} -->")
            for one in self.client.pages(path, **since)
        )
