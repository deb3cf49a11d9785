"""The same words again, and many comments in a minute."""

from __future__ import annotations

from majlis.signals import repetition
from majlis.signals.repetition import Recent
from majlis.signals.text import digest, read

TEXT = read("Buy our carpets, they are the best in town")


def test_alices_first_comment_is_no_repetition() -> None:
    assert repetition.observe(TEXT, ()).scores == {}


def test_bob_who_posts_the_same_thrice_is_promoting_something() -> None:
    again = (
        Recent(digest=digest(TEXT.original), age=5_000, own=True),
        Recent(digest=digest(TEXT.original), age=9_000, own=True),
    )
    assert repetition.observe(TEXT, again).scores["promotion"] >= 0.5


def test_a_short_thank_you_may_be_said_by_everyone() -> None:
    thanks = read("Thank you!")
    others = tuple(Recent(digest=digest(thanks.original), age=1_000, own=False) for _ in range(20))
    assert repetition.observe(thanks, others).scores == {}


def test_charlie_who_writes_five_comments_in_a_minute_waits_for_a_person() -> None:
    flood = tuple(Recent(digest=str(n), age=n * 1_000, own=True) for n in range(5))
    assert repetition.observe(TEXT, flood).scores["*"] > 0.5
