"""What a repository may hold: nothing to judge, nothing to judge by, what is broken, and what is hostile."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest
import yaml
from markdown_it import MarkdownIt

from bot import markdown
from tests.bot.test_markdown import HOSTILE, REFERENCE
from tests.e2e.service import Opener, Service, opened, running, service
from tests.e2e.shop import BASE, BLOCKED, CHANGE, Files, deployment, line_of, workshop

__all__ = ["opened", "running", "service"]


def test_a_change_without_manifests_succeeds(opened: Opener) -> None:
    shop = opened({**BASE, **workshop(strict=True)}, {"README.md": "New words\n"})
    shop.deliver()
    assert (shop.run.conclusion, shop.run.title) == ("success", "no manifests changed; 3 policies")
    assert shop.repository.reviews == []


def test_an_empty_pull_request_succeeds(opened: Opener) -> None:
    shop = opened({**BASE, **workshop(strict=True)}, {})
    shop.deliver()
    assert (shop.run.conclusion, shop.run.title) == ("success", "no manifests changed; 3 policies")


def test_a_repository_without_policies_succeeds_and_is_told_how_to_begin(opened: Opener) -> None:
    shop = opened(BASE, CHANGE)
    shop.deliver()
    assert (shop.run.conclusion, shop.run.title) == ("success", "no policies")
    assert str(shop.run.summary).startswith("main has no Kyverno policies. Add a Kyverno policy, for example below ")
    assert shop.repository.reviews == []


def test_an_unknown_key_of_the_configuration_fails_with_its_line(opened: Opener) -> None:
    config = "comments: all\n\npolicy: [a]\n"
    shop = opened({**BASE, **workshop(strict=True), ".github/preadmit.yml": config}, {"README.md": "New\n"})
    shop.deliver()
    assert shop.run.conclusion == "failure"
    assert "`.github/preadmit.yml:3`" in str(shop.run.summary)
    assert "policy" in str(shop.run.summary)
    assert "1 not judged" in str(shop.run.title)


def test_the_configuration_of_the_head_does_not_count(opened: Opener) -> None:
    shop = opened({**BASE, **workshop(strict=True)}, {**CHANGE, ".github/preadmit.yml": "enforce: report\n"})
    shop.deliver()
    assert shop.run.conclusion == "failure"


def test_a_broken_manifest_fails_and_the_others_are_judged(opened: Opener) -> None:
    broken = deployment("broken") + "\tx: y\n"
    change = {
        **CHANGE,
        "shop/broken.yaml": broken,
        "shop/latin.yaml": "kind: Secret\nname: caf\xe9\n".encode("latin-1"),
    }
    shop = opened({**BASE, **workshop(strict=True)}, change)
    shop.deliver()
    line = line_of(broken, "\tx: y")
    assert shop.run.conclusion == "failure"
    assert str(shop.run.title).endswith("2 not judged")
    summary = str(shop.run.summary)
    assert all(event in summary for event in BLOCKED)
    assert f"- `shop/broken.yaml:{line}`: " in summary
    assert "- `shop/latin.yaml:2`: " in summary
    assert ("shop/broken.yaml", line, "failure") in [
        (one["path"], one["start_line"], one["annotation_level"]) for one in shop.run.annotations
    ]
    assert len(shop.comments) == 2


def test_a_huge_manifest_is_red_and_never_fetched(opened: Opener) -> None:
    huge = deployment("huge") + "# x\n" * 1_400_000
    shop = opened({**BASE, **workshop(strict=True)}, {**CHANGE, "shop/huge.yaml": huge})
    shop.deliver()
    assert shop.run.conclusion == "failure"
    assert "`shop/huge.yaml" in str(shop.run.summary)
    assert all(event in str(shop.run.summary) for event in BLOCKED)
    assert not [one for one in shop.requests if "/git/blobs/" in one.path or "/tarball/" in one.path]


def test_a_large_manifest_comes_whole(opened: Opener) -> None:
    large = deployment("large", image="nginx") + "# caf\xe9\n" * 70_000
    shop = opened({**BASE, **workshop(strict=True)}, {"shop/large.yaml": large})
    shop.deliver()
    assert [(one.path, one.line) for one in shop.comments] == [("shop/large.yaml", line_of(large, "image: nginx"))]
    assert len([one for one in shop.requests if "/git/blobs/" in one.path]) == 1


def test_only_a_broken_manifest_is_red_too(opened: Opener) -> None:
    shop = opened({**BASE, **workshop(strict=True)}, {"shop/broken.yaml": "kind: [Pod\n"})
    shop.deliver()
    assert (shop.run.conclusion, len(shop.comments)) == ("failure", 0)
    assert "until that is mended the check cannot be green" in str(shop.run.summary)


def test_a_policy_that_cannot_be_read_is_red(opened: Opener) -> None:
    policies = workshop(strict=True)
    policies["policies/labels.yaml"] = str(policies["policies/labels.yaml"]).replace("pattern:", "patern:")
    shop = opened({**BASE, **policies}, CHANGE)
    shop.deliver()
    assert shop.run.conclusion == "failure"
    assert "`policies/labels.yaml:" in str(shop.run.summary)
    assert all(event in str(shop.run.summary) for event in BLOCKED)


class Page(HTMLParser):
    """What a page holds once its Markdown is rendered: tags, attributes, and the text outside code."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.comments: list[str] = []
        self.prose: list[str] = []
        self._inside = 0
        self.feed(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(source))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {f"{name}={value}" for name, value in attrs}
        self._inside += tag == "code"

    def handle_endtag(self, tag: str) -> None:
        self._inside -= tag == "code"

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.prose.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


OUR_TAGS = {"p", "h3", "blockquote", "ul", "li", "em", "strong", "code", "pre", "details", "summary"}


def assert_inert(source: str) -> None:
    """No link, image, mention or reference, no tag but ours, nothing that turns or hides text."""
    page = Page(source)
    assert page.tags <= OUR_TAGS, page.tags - OUR_TAGS
    assert page.attributes <= {"class=language-text", "class=language-yaml", "class=language-suggestion"}
    assert all(not comment.strip() or re.fullmatch(r" preadmit:[\w-]+ ", comment) for comment in page.comments)
    assert [data for data in page.prose if REFERENCE.search(data)] == []
    assert markdown.visible(source, lines=True) == source


ECHO = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: echo
  annotations:
    policies.kyverno.io/category: "[category](https://evil.example) @octocat <b>"
    policies.kyverno.io/severity: high
spec:
  validationFailureAction: Enforce
  rules:
    - name: echo
      match: {any: [{resources: {kinds: [ConfigMap]}}]}
      validate:
        message: "{{ request.object.data.text || 'none' }}"
        deny: {}
"""

HOSTILE_NAMES = (
    "[link](http:evil.example).yaml",
    "![image](x.png).yaml",
    "@octocat <img src=x> `code`.yaml",
    "a|b #1 fixes.yaml",
    "\u202egnp.yaml",
    "::error::forged,line=1.yaml",
    "--option.yaml",
    "</details> **bold**.yaml",
    "line\nfeed.yaml",
)


def quoted(path: str) -> str:
    """A path as ``git fast-import`` reads it, whatever stands in it."""
    return json.dumps(path, ensure_ascii=False)


def config_map(name: str, text: str, *, escaped: bool = True) -> str:
    """A ConfigMap in quotes, which holds any text, as escapes or as it is."""
    metadata = {"name": name, "annotations": {"note": text}}
    value = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"text": text}}
    return yaml.safe_dump(value, allow_unicode=not escaped, default_style='"', width=1 << 20)


def test_hostile_text_is_shown_and_does_nothing(opened: Opener) -> None:
    everything = "---\n".join(config_map(text[:200] or "x", text) for text in HOSTILE)
    change: Files = {quoted(f"apps/{name}"): config_map(name, f"{name} @octocat") for name in HOSTILE_NAMES}
    shop = opened({"policies/echo.yaml": ECHO}, {**change, "z.yaml": everything})
    shop.deliver()
    assert shop.run.conclusion == "failure"
    assert str(shop.run.title).startswith(f"{len(HOSTILE) + len(HOSTILE_NAMES)} blocked")
    (review,) = shop.repository.reviews
    for source in (str(shop.run.summary), str(shop.run.text), review["body"], *(one.body for one in shop.comments)):
        assert_inert(source)
    assert len(shop.comments) == 20
    assert {one["path"] for one in shop.run.annotations} >= {f"apps/{name}" for name in HOSTILE_NAMES}
    for one in shop.run.annotations:
        assert markdown.visible(one["message"], lines=True) == one["message"]
        assert markdown.visible(one["title"]) == one["title"]


@pytest.mark.parametrize("character", ["é", "`", "<|&", "@a ", "\u202e", "a\n"])
def test_long_texts_keep_to_the_limits(opened: Opener, character: str) -> None:
    long = character * (10_000 // len(character))
    many = "---\n".join(config_map(f"{number}{long[:250]}", long, escaped=False) for number in range(30))
    shop = opened({"policies/echo.yaml": ECHO}, {"apps/many.yaml": many})
    shop.deliver()
    assert (shop.run.conclusion, len(shop.comments)) == ("failure", 20)
    assert re.search(r"\d+ of 30 blocked shown", str(shop.run.summary))
    assert re.search(r"\d+ of 30 findings shown", str(shop.run.text))
    for source in (str(shop.run.summary), str(shop.run.text), *(one.body for one in shop.comments)):
        assert_inert(source)
        assert len(source.encode()) <= 65_535


def test_a_hostile_broken_file_and_configuration(opened: Opener) -> None:
    base: Files = {"policies/echo.yaml": ECHO, ".github/preadmit.yml": '"@octocat [x](https://evil.example)": 1\n'}
    names = [f"apps/{name}" for name in HOSTILE_NAMES]
    shop = opened(base, {quoted(name): "kind: [@octocat <b> https://evil.example\n" for name in names})
    shop.deliver()
    assert shop.run.conclusion == "failure"
    assert str(shop.run.title).endswith(f"{len(names) + 1} not judged")
    assert_inert(str(shop.run.summary))


def test_what_github_says_is_hostile_too(service: Service, opened: Opener) -> None:
    shop = opened({**BASE, **workshop(strict=True)}, CHANGE)
    service.fake.fail("GET", f"/repos/{shop.repository.full_name}/git/trees/", 403, message="[x](https://e) @octocat")
    shop.deliver()
    assert shop.run.conclusion == "failure"
    assert shop.run.title == "The change could not be read"
    assert_inert(str(shop.run.summary))


def test_comments_that_are_refused_leave_the_check_as_it_is(service: Service, opened: Opener) -> None:
    shop = opened({**BASE, **workshop(strict=True)}, CHANGE)
    path = f"/repos/{shop.repository.full_name}/pulls/"
    service.fake.fail("POST", path, 422, message="Line ![x](https://e) <b> @octocat")
    shop.deliver()
    assert [body.get("conclusion") for body in shop.run.history] == [None, "failure", None]
    assert (shop.run.conclusion, shop.run.status, shop.comments) == ("failure", "completed", [])
    assert "The review comments could not be written" in str(shop.run.summary)
    assert_inert(str(shop.run.summary))
    shop.deliver()
    assert (len(shop.comments), len(shop.run.annotations)) == (2, 3)
    assert "could not be written" not in str(shop.run.summary)


def test_the_pages_of_the_workshop_are_inert_as_well(opened: Opener) -> None:
    shop = opened({**BASE, **workshop(strict=True)}, CHANGE)
    shop.deliver()
    assert_inert(str(shop.run.summary))
    assert Page("[a](https://b) <b>@c</b>").tags == {"p", "a", "b"}
    with pytest.raises(AssertionError):
        assert_inert("@octocat")
