"""Judging comments that another system keeps. What it sent shortly before is remembered here, to notice repetition.

The memory is this process's own: hashes and times, never words or names, and only so many of them.
"""

from __future__ import annotations

from collections import OrderedDict, deque

import msgspec

from majlis.domain.decision import Decision, Evidence, Submission
from majlis.services.judgement import judge_now
from majlis.services.newsroom import Newsroom
from majlis.services.review import OF_AUTHOR, OF_STORY
from majlis.services.takeover import old_id
from majlis.signals.repetition import Recent
from majlis.signals.text import digest
from majlis.store import comments

MOST = 50_000
"""Entries that are remembered, some 20 MB. Who or what was silent longest is forgotten first."""


class _Sent(msgspec.Struct, frozen=True):
    author: str
    digest: str
    at: int


class Lately:
    """What was sent lately, by author and by place."""

    def __init__(self, most: int = MOST) -> None:
        self._sent: OrderedDict[tuple[str, str], deque[_Sent]] = OrderedDict()
        self._most = most
        self._held = 0

    def recent(self, *, place: str, author: str, now: int) -> tuple[Recent, ...]:
        """Return what the author sent, and what others sent to the same place."""
        own = self._sent.get(("author", author), ())
        others = (one for one in self._sent.get(("place", place), ()) if one.author != author)
        return tuple(
            Recent(digest=one.digest, age=max(0, now - one.at), own=one.author == author) for one in (*own, *others)
        )

    def remember(self, *, place: str, author: str, digest: str, now: int) -> None:
        """Remember that something was sent."""
        for key, most in ((("author", author), OF_AUTHOR), (("place", place), OF_STORY)):
            sent = self._sent.setdefault(key, deque(maxlen=most))
            self._held += len(sent) < most
            sent.append(_Sent(author, digest, now))
            self._sent.move_to_end(key)
        while self._held > self._most:
            self._held -= len(self._sent.popitem(last=False)[1])


async def judge_elsewhere(
    newsroom: Newsroom, lately: Lately, submission: Submission, *, place: str, author: str, again: bool = False
) -> tuple[Decision, Evidence]:
    """Judge a comment, as judge_now, in the light of what was sent before it.

    Args:
        place: what is commented on, such as the address of a page.
        author: whatever tells one author from another; only its hash is remembered.
        again: the same comment was judged before, so it repeats nothing.

    Raises:
        errors.JudgeUnavailable: as judge_now.
    """
    now, who = newsroom.now(), newsroom.keyed_hash("author", author)
    recent = () if again else lately.recent(place=place, author=who, now=now)
    if not again:
        lately.remember(place=place, author=who, digest=digest(submission.text), now=now)
    return await judge_now(newsroom, submission, recent)


async def words_of(newsroom: Newsroom, *, source: str, key: str) -> str:
    """Return the words of a comment that was taken over from another system; nothing where it was not."""
    id = old_id(newsroom.site, source, "comment", key)
    comment = await newsroom.database.read(lambda tx: comments.get_comment(tx, id))
    return comment.body if comment else ""
