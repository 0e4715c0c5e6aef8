"""What a repository says is shown and does nothing: no markup, reference or control character of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot import markdown

HOSTILE: list[str] = yaml.safe_load((Path(__file__).parents[1] / "cases/markdown/hostile.yaml").read_text())
ANY = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=30), st.text("`|\\*_<>[]()@#1-\n ~&;:/w.a", max_size=25))
OURS = {"<!-- -->", "<code>", "</code>"}
REFERENCE = re.compile(r"@\w|#\w|\bgh-\d|://|\bwww\.|\b(?:mailto|xmpp):|:[\w+-]+:", re.IGNORECASE)
PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def leaves(source: str) -> Iterator[Token]:
    """All tokens of a text, those inside lines too."""
    for token in PARSER.parse(source):
        yield token
        yield from token.children or ()


def assert_inert(source: str, *blocks: str) -> None:
    """Only the given kinds of block arise, and in the lines only text, code and what the escape itself writes."""
    allowed = {f"{kind}_{end}" for kind in ("paragraph", *blocks) for end in ("open", "close")}
    inside = 0
    for token in leaves(source):
        match token.type:
            case "html_inline":
                assert token.content in OURS, source
                inside += {"<code>": 1, "</code>": -1}.get(token.content, 0)
            case "text":
                assert inside or not REFERENCE.search(token.content), source
            case "inline" | "code_inline" | "softbreak":
                pass
            case "fence" if "fence" in blocks:
                pass
            case kind:
                assert kind in allowed, (kind, source)


def content(source: str) -> str:
    """What a reader sees of a text, tags left out."""
    return "".join(token.content for token in leaves(source) if token.type in ("text", "code_inline"))


def one_line(text: str) -> str:
    """How a text is to read on one line."""
    return markdown.visible(" ".join(text.split()))


TABLE = ("table", "thead", "tbody", "tr", "th", "td")


def test_the_corpus_is_worth_its_name() -> None:
    assert len(HOSTILE) >= 60


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("escape", [markdown.text, markdown.code])
def test_inert_wherever_it_stands(hostile: str, escape: type[str]) -> None:
    shown = escape(hostile)
    assert_inert(shown)
    assert content(shown) == one_line(hostile)
    assert_inert(f"Before {shown} after.")
    assert_inert(f"- {shown}", "bullet_list", "list_item")
    row = f"| a | b |\n|---|---|\n| {shown} | end |"
    assert_inert(row, *TABLE)
    assert sum(token.type == "td_open" for token in leaves(row)) == 2
    assert content(row) == "ab" + one_line(hostile) + "end"


@given(ANY)
def test_any_prose_is_inert(hostile: str) -> None:
    shown = markdown.text(hostile)
    assert_inert(shown)
    assert content(shown) == one_line(hostile)


@given(ANY)
def test_any_code_is_inert(hostile: str) -> None:
    row = f"| a | b |\n|---|---|\n| {markdown.code(hostile)} | end |"
    assert_inert(row, *TABLE)
    assert content(row) == "ab" + one_line(hostile) + "end"


@given(ANY)
def test_any_block_ends_where_it_should(hostile: str) -> None:
    check_block(hostile)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_blocks_and_tags_of_the_corpus(hostile: str) -> None:
    check_block(hostile)
    check_tag(hostile)


def check_block(hostile: str) -> None:
    """A fenced block is one block, and the text after it is outside."""
    source = f"before\n\n{markdown.block(hostile, 'text')}\n\nafter"
    assert_inert(source, "fence")
    fences = [token for token in leaves(source) if token.type == "fence"]
    assert [fence.content for fence in fences] == [markdown.visible(hostile, lines=True).strip("\n") + "\n"]


class Tags(HTMLParser):
    """Tags and text of HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@given(ANY)
def test_any_tag_is_one_element(hostile: str) -> None:
    check_tag(hostile)


def check_tag(hostile: str) -> None:
    """A tag is one element that holds the text."""
    parser = Tags()
    parser.feed(f"<details><summary>{markdown.tag(hostile)}</summary>")
    parser.close()
    assert parser.tags == ["details", "summary", "code"][: 3 if one_line(hostile) else 2]
    assert parser.text == one_line(hostile)
    assert "\n" not in markdown.tag(hostile)


@given(ANY)
def test_visible_leaves_nothing_unseen(hostile: str) -> None:
    for keeps_lines in (False, True):
        shown = markdown.visible(hostile, lines=keeps_lines)
        shown.encode("utf-8")
        assert all(c.isprintable() or c in "\u200d\u3000\xa0" or c.isspace() or not c.isascii() for c in shown)
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b\u2028\u2029]", shown)
        assert keeps_lines or "\n" not in shown


def test_visible_keeps_other_scripts() -> None:
    for text in ("plain", "ünïcödé", "日本語", "שלום", "👩‍💻", "é"):
        assert markdown.visible(text) == text
    assert markdown.visible("\x1b[1m\u202e\ud800\r\n") == "\\x1b[1m\\u202e\\ud800\\n"


def test_cut() -> None:
    assert markdown.cut("abc", 3) == "abc"
    assert markdown.cut("abcd", 3) == "ab…"


def test_fit_takes_whole_pieces_only() -> None:
    fitted = markdown.fit(["aaa", "éé", "b"], 3, 8)
    assert (fitted.shown, fitted.total, fitted.is_cut) == (("aaa",), 3, True)
    assert markdown.fit(["aaa", "éé", "b"], 3, 11).shown == ("aaa", "éé", "b")
    assert not markdown.fit([], 0, 0).is_cut


@given(st.lists(st.text(max_size=20), max_size=20), st.integers(0, 100))
def test_fit_keeps_the_budget(pieces: list[str], budget: int) -> None:
    fitted = markdown.fit(pieces, len(pieces), budget)
    assert markdown.size("\n".join(fitted.shown)) <= budget
    assert list(fitted.shown) == pieces[: len(fitted.shown)]
