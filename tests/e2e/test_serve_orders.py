"""Orders in comments and by the button: who is heard, what is done, and that it is done once."""

from __future__ import annotations

import re
import uuid

import pytest

from tests.e2e.service import Case, Opener, opened, running, service
from tests.e2e.shop import BASE, CHANGE, FIX, workshop
from tests.fake_github import deliveries, shapes
from tests.fake_github.state import Identity

__all__ = ["opened", "running", "service"]

TOLD = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: told
  annotations:
    policies.kyverno.io/title: Told @everyone <img src=x>
    policies.kyverno.io/description: "Why\\n```\\n# it is @asked"
    policies.kyverno.io/severity: high
    policies.kyverno.io/category: Best Practices
spec:
  validationFailureAction: Enforce
  rules:
    - name: has-team
      match: {any: [{resources: {kinds: [ConfigMap]}}]}
      validate:
        message: "{{ request.object.metadata.name }} has no `team` @owner"
        pattern: {metadata: {labels: {team: "?*"}}}
    - name: adds-team
      match: {any: [{resources: {kinds: [ConfigMap]}}]}
      mutate: {patchStrategicMerge: {metadata: {labels: {+(team): shop}}}}
"""
IN_CEL = """\
apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {name: in-cel}
spec:
  validationActions: [Audit]
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}
  validations:
    - {expression: "object.metadata.name != 'x'", message: no x}
"""


@pytest.fixture
def shop(opened: Opener) -> Case:
    """The workshop's pull request, judged once, in which octo may write and mallory may read."""
    files = {**BASE, **workshop(strict=True), "policies/told.yaml": TOLD, "policies/in-cel.yaml": IN_CEL}
    made = opened(files, CHANGE, installation=next(opened.service.fake.ids))
    made.repository.permissions |= {"octo": "write", "root": "admin", "mallory": "read", "nobody": "none"}
    made.deliver()
    return made


def order(case: Case, text: str, sender: str = "octo", delivery: str = "") -> tuple[str, str]:
    """A comment: the delivery, and the line that the log has of it."""
    delivery = delivery or str(uuid.uuid4())
    payload = deliveries.issue_comment(case.service.fake, case.repository, case.pull, text, sender)
    return delivery, case.service.deliver("issue_comment", payload | _installed(case), delivery)


def _installed(case: Case) -> dict[str, object]:
    return {"installation": {"id": case.installation, "node_id": "I_1"}}


@pytest.mark.parametrize("sender", ["octo", "root"])
def test_a_recheck_judges_the_present_head_by_the_present_policies(shop: Case, sender: str) -> None:
    shop.repository.git.commit("main", {"policies/registries.yaml": None, "policies/baseline.yaml": None})
    delivery, log = order(shop, "/preadmit recheck", sender)
    assert f"order=recheck sender={sender}" in log
    assert "outcome=judged" in shop.service.log_of(f"{delivery}.{shop.pull.number}")
    assert [body.get("conclusion") for body in shop.run.history] == [None, "failure", None, "success"]
    assert shop.repository.issue_comments == []


@pytest.mark.parametrize("sender", ["mallory", "nobody", "stranger"])
@pytest.mark.parametrize("text", ["/preadmit recheck", "/preadmit explain told"])
def test_who_may_not_write_is_told_nothing_but_the_log_is(shop: Case, sender: str, text: str) -> None:
    before = len(shop.writes)
    _, log = order(shop, text, sender)
    assert f"refused: {sender} may not write" in log
    assert len(shop.writes) == before
    assert (len(shop.run.history), shop.repository.issue_comments) == (2, [])


def test_the_button_judges_again_and_asks_who_pressed_it(shop: Case) -> None:
    offered = shop.run.history[-1]["actions"]
    assert [one["identifier"] for one in offered] == ["recheck"]
    assert all(len(one["label"]) <= 20 and len(one["description"]) <= 40 for one in offered)
    payload = deliveries.requested_action(shop.service.fake, shop.repository, shop.run, "recheck") | _installed(shop)
    stranger = {"sender": shapes.user(shop.service.fake.url, "mallory")}
    assert "refused" in shop.service.deliver("check_run", payload | stranger)
    delivery = str(uuid.uuid4())
    shop.service.deliver("check_run", payload, delivery)
    shop.service.log_of(f"{delivery}.{shop.pull.number}")
    assert [body["status"] for body in shop.run.history] == ["in_progress", "completed"] * 2


def test_an_explanation_is_one_reply_in_which_nothing_is_markup(shop: Case) -> None:
    writes = len(shop.writes)
    order(shop, "/preadmit explain told")
    [reply] = shop.repository.issue_comments
    assert len(shop.writes) == writes + 1
    body = str(reply["body"])
    for part in ("Severity high.", "Category Best Practices.", "`policies/told.yaml:1`", "### ClusterPolicy `told`"):
        assert part in body
    assert "- `has-team`: validate by pattern, action `Enforce`" in body
    assert "``{{ request.object.metadata.name }} has no `team` @owner``" in body
    assert "- `adds-team`: mutate\n" in body
    assert "````text\nWhy\n```\n# it is @asked\n````" in body
    assert "<img" not in body
    assert "@everyone" not in body


def test_a_policy_in_cel_is_explained(shop: Case) -> None:
    order(shop, "/preadmit explain in-cel")
    [reply] = shop.repository.issue_comments
    assert re.search(
        r"### ValidatingPolicy `in-cel`.*- `validations\[0\]`, action `Audit`\n+  - `no x`", reply["body"], re.S
    )


@pytest.mark.parametrize("text", ["/preadmit explain", "/preadmit explain other"])
def test_what_there_is_to_explain_is_said(shop: Case, text: str) -> None:
    order(shop, text)
    [reply] = shop.repository.issue_comments
    assert "It has `baseline-policy`, `in-cel`, `require-labels`, `restrict-image-registries`, `told`." in reply["body"]


def test_policies_of_the_change_are_not_what_is_explained(opened: Opener) -> None:
    made = opened(BASE, {**CHANGE, "policies/told.yaml": TOLD}, installation=next(opened.service.fake.ids))
    made.repository.permissions["octo"] = "write"
    order(made, "/preadmit explain told")
    [reply] = made.repository.issue_comments
    assert "`main` has no policy `told` that can be read." in reply["body"]


def test_a_reply_that_another_app_wrote_for_us_does_not_count(shop: Case) -> None:
    fake = shop.service.fake
    payload = deliveries.issue_comment(fake, shop.repository, shop.pull, "/preadmit explain told", "octo")
    marker = f"<!-- preadmit:comment-{payload['comment']['id']} -->"
    forged = shapes.issue_comment(fake.url, shop.repository, shop.pull.number, 1, Identity(1, "other"), marker)
    shop.repository.issue_comments.append(forged)
    shop.service.deliver("issue_comment", payload | _installed(shop))
    assert [str(one["body"]).startswith(marker) for one in shop.repository.issue_comments] == [True, True]


def test_an_order_after_the_pull_request_was_closed_does_nothing(shop: Case) -> None:
    fake = shop.service.fake
    payload = deliveries.issue_comment(fake, shop.repository, shop.pull, "/preadmit recheck", "octo") | _installed(shop)
    shop.pull.state = "closed"
    assert "closed" in shop.service.deliver("issue_comment", payload)
    assert len(shop.run.history) == 2


def test_a_recheck_after_a_push_is_of_the_new_head(shop: Case) -> None:
    shop.service.fake.push(shop.repository, shop.pull, dict(FIX))
    delivery, _ = order(shop, "/preadmit recheck")
    shop.service.log_of(f"{delivery}.{shop.pull.number}")
    assert shop.run.conclusion == "success"
