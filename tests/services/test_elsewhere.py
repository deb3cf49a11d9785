"""What other systems sent shortly before is remembered, as hashes, and never more of it than was said."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from majlis.services.elsewhere import Lately
from majlis.services.review import OF_AUTHOR, OF_STORY


def test_own_and_others_are_told_apart() -> None:
    lately = Lately()
    for author, place, at in (("alice", "a", 10), ("bob", "a", 20), ("bob", "b", 30)):
        lately.remember(place=place, author=author, digest=f"{author} {place}", now=at)

    seen = lately.recent(place="a", author="alice", now=100)

    assert {(one.digest, one.age, one.own) for one in seen} == {("alice a", 90, True), ("bob a", 80, False)}
    assert {one.digest for one in lately.recent(place="c", author="bob", now=100)} == {"bob a", "bob b"}


@given(sent=st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("uvwxyz")), max_size=300))
def test_no_more_is_kept_than_was_said(sent: list[tuple[str, str]]) -> None:
    lately = Lately(most=40)
    for at, (author, place) in enumerate(sent):
        lately.remember(place=place, author=author, digest=str(at), now=at)

    own = {author: lately.recent(place="", author=author, now=0) for author in "abcdef"}
    others = {place: lately.recent(place=place, author="", now=0) for place in "uvwxyz"}
    assert sum(map(len, own.values())) + sum(map(len, others.values())) <= 40
    assert max(map(len, own.values())) <= OF_AUTHOR
    assert max(map(len, others.values())) <= OF_STORY
    if sent:
        author, place = sent[-1]
        assert str(len(sent) - 1) in {one.digest for one in (*own[author], *others[place])}
