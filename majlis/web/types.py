"""The structs of the reader API, as outsiders see them. Making them from domain values is api's."""

from __future__ import annotations

from typing import Annotated

import msgspec


class StoryRef(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The story that a comment is about, by its address. `title` is used where the story is new here."""

    url: str
    title: str = ""


class AuthorIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who writes. The e-mail address is never shown."""

    name: str
    email: str | None = None


class CommentIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A comment to submit. `proof` is the solution of a challenge; a write key needs none."""

    story: StoryRef
    author: AuthorIn
    body: str
    parent: str | None = None
    language: str | None = None
    proof: str | None = None


class AppealIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a rejection is objected to."""

    reason: str


class ReportIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which clause a published comment breaks. `reporter` tells one reader's report from another's."""

    clause: str
    reason: str = ""
    reporter: str = ""


class LikeIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A random value that a reader's program keeps, to tell one reader from another."""

    reader: Annotated[str, msgspec.Meta(min_length=8, max_length=64)]


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """Exact words of the comment. `start` and `end` are code points."""

    quote: str
    start: int
    end: int


class CitedClause(msgspec.Struct, frozen=True, kw_only=True):
    """A clause that was cited, in the newsroom's words, with the reader's own words."""

    clause: str
    title: str
    text: str
    quotes: list[Quote]


class DecisionOut(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided and why. `automated` is false where a person decided."""

    status: str
    decided_at: str
    automated: bool
    clauses: list[CitedClause]
    note: str
    guidelines: str


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a submitted comment. `decision` is null while it is pending."""

    id: str
    status: str
    receipt: str
    decision: DecisionOut | None


class StoryOut(msgspec.Struct, frozen=True, kw_only=True):
    """The story of a thread. `comments` counts the published ones; `revision` grows with every visible change."""

    url: str
    title: str
    comments: int
    revision: int
    open: bool


class AuthorOut(msgspec.Struct, frozen=True, kw_only=True):
    """What readers see of an author."""

    name: str


class CommentOut(msgspec.Struct, frozen=True, kw_only=True):
    """A published comment. `body` is the reader's own text, unescaped; clients escape it."""

    id: str
    parent: str | None
    author: AuthorOut
    body: str
    language: str
    dir: str
    submitted_at: str
    published_at: str
    replies: int
    likes: int
    featured: bool


class ThreadOut(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a thread. Conversations come in the order asked for, each one's comments oldest first."""

    story: StoryOut
    comments: list[CommentOut]
    next: str | None


class LatestStory(msgspec.Struct, frozen=True, kw_only=True):
    """A story of The Latest."""

    url: str
    title: str
    lang: str
    dir: str
    published_at: str
    teaser: str
    image: str | None
    credit: str
    comments: int
    open: bool


class AppealOut(msgspec.Struct, frozen=True, kw_only=True):
    """An objection and where it stands: open, upheld (the rejection stays), overturned or withdrawn."""

    id: str
    status: str
    submitted_at: str
    decided_at: str | None
    note: str


class ReceiptOut(msgspec.Struct, frozen=True, kw_only=True):
    """What the author may see of a comment, and what can be done next. Addresses are null where they do nothing."""

    id: str
    status: str
    story: StoryRef
    body: str
    submitted_at: str
    published_at: str | None
    decision: DecisionOut | None
    appeals: list[AppealOut]
    appeal: str | None
    withdrawal: str | None


class Liked(msgspec.Struct, frozen=True, kw_only=True):
    """How many likes a comment has now."""

    likes: int


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """The report was taken; a moderator will look at it."""

    status: str = "received"


class ClauseOut(msgspec.Struct, frozen=True, kw_only=True):
    """One clause of the guidelines."""

    id: str
    title: str
    text: str


class GuidelinesOut(msgspec.Struct, frozen=True, kw_only=True):
    """The written guidelines of one language."""

    language: str
    dir: str
    title: str
    introduction: str
    clauses: list[ClauseOut]
    version: str
