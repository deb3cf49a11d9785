"""Comments as trees, and links in their words."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from majlis.domain.comment import Author, Comment, Status
from majlis.web.thread_view import DEPTH, Node, linked, trees
from tests.conftest import seconds_of


def a_comment(id: str, parent: str | None = None, name: str = "alice") -> Comment:
    return Comment(
        id=id,
        site="main",
        story="river-bridge",
        parent=parent,
        root="a",
        author=Author(name=name),
        body="Words.",
        language="en",
        direction="ltr",
        status=Status.APPROVED,
        version=1,
        submitted_at=0,
        root_at=0,
    )


def ids(nodes: list[Node]) -> list[object]:
    return [[node.comment.id, ids(node.replies)] if node.replies else node.comment.id for node in nodes]


def test_a_reply_stands_below_what_it_answers() -> None:
    found = trees([a_comment("a"), a_comment("b", "a"), a_comment("c")], {})
    assert ids(found) == [["a", ["b"]], "c"]


def test_a_reply_to_a_comment_that_is_gone_still_shows_and_says_so() -> None:
    (node,) = trees([a_comment("b", "a")], {"a": None})
    assert node.orphan
    assert node.to is None


def test_a_reply_to_a_comment_on_another_page_names_whom_it_answers() -> None:
    (node,) = trees([a_comment("b", "a")], {"a": a_comment("a", name="bob")})
    assert not node.orphan
    assert node.to == "bob"


@given(st.lists(st.integers(min_value=0, max_value=1000), max_size=60))
def test_every_comment_is_shown_once_and_no_deeper_than_allowed(parents: list[int]) -> None:
    comments = [a_comment("0")]
    comments += [a_comment(str(n), str(parent % n)) for n, parent in enumerate(parents, start=1)]
    seen: list[str] = []

    def walk(nodes: list[Node], depth: int) -> None:
        assert depth <= DEPTH + 1 or not nodes
        for node in nodes:
            seen.append(node.comment.id)
            walk(node.replies, depth + 1)

    walk(trees(comments, {}), 1)
    assert sorted(seen) == sorted(comment.id for comment in comments)


def test_an_address_becomes_a_link_without_the_punctuation_around_it() -> None:
    made = linked("See (https://news.example/a_(b)?c=1&d=2). More.")
    assert 'href="https://news.example/a_(b)?c=1&amp;d=2"' in made
    assert 'rel="ugc nofollow noopener"' in made
    assert made.endswith("</a>). More.")


def test_nothing_else_becomes_markup() -> None:
    assert linked("<b>&\n\n'\"") == escape("<b>&\n\n'\"")
    assert "<a" not in linked("javascript:alert(1) ftp://x.example www.x.example http://")


def test_an_address_that_hides_its_host_is_left_as_text() -> None:
    assert "<a" not in linked("https://bank.example@evil.example/login")
    assert "<a" not in linked("http://[broken")


@given(
    st.text()
    | st.lists(st.sampled_from(["https://", "a.example", "<", '"', ")", "(", "؟", " ", "\n", "@", "[", ":"])).map(
        "".join
    )
)
def test_the_words_stay_exactly_as_they_were(text: str) -> None:
    made = linked(text)
    shown = re.sub(r'<a href="[^"<>]*" rel="ugc nofollow noopener" target="_blank" dir="ltr">|</a>', "", made)
    assert shown == escape(text)


def test_hostile_words_cost_no_more_than_their_length() -> None:
    hostile = ("https://" + "(" * 20_000 + ")" * 40_000, "https://a.example/" + ")" * 60_000, "http" * 20_000)
    assert seconds_of(lambda: [linked(words) for words in hostile]) < 2
