"""What the template of a thread is given: where it stands, its comments as trees, the form. It reads no database."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlencode, urlsplit

from markupsafe import Markup, escape

from majlis.domain.comment import Comment
from majlis.domain.site import Story
from majlis.services.author import Receipt

DEPTH = 4
"""How deep replies are indented; what is deeper stands on the last level and names whom it answers."""

_LINK = re.compile(r"https?://[^\s<>\"'«»“”\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]+", re.IGNORECASE)
_TRAILING = ".,;:!?…،؛؟*_"
_BRACKETS = {")": "(", "]": "[", "}": "{"}


class Kind(StrEnum):
    """Where a thread is shown: on our own news page, in a frame, or by the script in a foreign page."""

    PAGE = "page"
    FRAME = "frame"
    EMBED = "embed"


@dataclass(frozen=True, kw_only=True)
class View:
    """One place where a thread is shown.

    Attributes:
        language: the language of everything around the comments.
        origin: this server's origin; addresses of an embed are whole ones.
        title: the story's title as the embedding page gave it.
        theme: `light`, `dark`, or empty for the reader's own setting.
    """

    kind: Kind
    story: Story
    language: str
    origin: str
    title: str = ""
    theme: str = ""

    @property
    def base(self) -> str:
        """What stands before every path."""
        return self.origin if self.kind is Kind.EMBED else ""

    @property
    def foreign(self) -> bool:
        """Whether links to pages of ours lead out of somebody else's page and open in a new one."""
        return self.kind is not Kind.PAGE

    def at(self, **query: str | None) -> str:
        """Return the address of this thread with a query; values that are None are left out."""
        asked = {name: value for name, value in query.items() if value is not None}
        if self.kind is Kind.PAGE:
            return f"/stories/{self.story.id}" + (f"?{urlencode(asked)}" if asked else "")
        place = {"story": self.story.url, "lang": self.language, "title": self.title, "theme": self.theme}
        place |= {"view": "embed" if self.kind is Kind.EMBED else ""} | asked
        return f"{self.base}/embed?{urlencode({name: value for name, value in place.items() if value})}"

    def comment(self, id: str) -> str:
        """Return the lasting address of a comment; in an embed it is the embedding page's own."""
        if self.kind is Kind.EMBED:
            return f"{self.story.url.partition('#')[0]}#c-{id}"
        return f"/comments/{id}"

    def path(self, path: str, **query: str) -> str:
        """Return the address of another page, in this language."""
        return f"{self.base}{path}?{urlencode({'lang': self.language} | query)}"


@dataclass(frozen=True, kw_only=True)
class Form:
    """The form as it is filled in. `problems` maps a field to a sentence; the empty name is the form as a whole."""

    token: str
    name: str = ""
    email: str = ""
    body: str = ""
    website: str = ""
    parent: Comment | None = None
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class Node:
    """A comment and the replies that stand below it. `to` names whom it answers where that cannot be seen.

    `orphan` is set where the comment that it answers is no longer published.
    """

    comment: Comment
    html: Markup
    replies: list[Node] = field(default_factory=list)
    to: str | None = None
    orphan: bool = False


@dataclass(frozen=True, kw_only=True)
class Thread:
    """Everything that the template of a thread shows.

    Attributes:
        after: the cursor of the comments that follow; None at the end.
        part: whether this is a later page, so that there is a way back to the first.
        sent: the reader's own last comment, with where it stands.
        liked: ids of the comments that this reader likes.
    """

    view: View
    nodes: list[Node]
    sort: str
    after: str | None
    part: bool
    form: Form
    sent: Receipt | None = None
    sent_token: str = ""
    liked: frozenset[str] = frozenset()


def trees(comments: Iterable[Comment], elsewhere: Mapping[str, Comment | None]) -> list[Node]:
    """Return comments as trees, replies in the order given, no deeper than DEPTH.

    Args:
        comments: each after the one it answers, if that is among them.
        elsewhere: the answered comments that are not among them; None where one is not published.
    """
    roots: list[Node] = []
    seen: dict[str, tuple[Node, Node | None, int]] = {}
    for comment in comments:
        node = Node(comment=comment, html=linked(comment.body))
        parent = seen.get(comment.parent) if comment.parent else None
        if parent is None:
            if comment.parent is not None:
                answered = elsewhere.get(comment.parent)
                node.to, node.orphan = (answered.author.name, False) if answered else (None, True)
            roots.append(node)
            seen[comment.id] = (node, None, 0)
            continue
        above, above_it, depth = parent
        if depth < DEPTH or above_it is None:
            above.replies.append(node)
            seen[comment.id] = (node, above, depth + 1)
        else:
            node.to = above.comment.author.name
            above_it.replies.append(node)
            seen[comment.id] = (node, above_it, depth)
    return roots


def linked(text: str) -> Markup:
    """Return a text escaped, its http and https addresses as links that show where they lead. Linear in its length."""
    pieces: list[Markup] = []
    end = 0
    for found in _LINK.finditer(text):
        address = _trimmed(found.group())
        if not _leads_where_it_says(address):
            continue
        pieces.append(escape(text[end : found.start()]))
        pieces.append(
            Markup('<a href="{0}" rel="ugc nofollow noopener" target="_blank" dir="ltr">{0}</a>').format(address)
        )
        end = found.start() + len(address)
    pieces.append(escape(text[end:]))
    return Markup("").join(pieces)


def _trimmed(address: str) -> str:
    """Return an address without the punctuation of the sentence around it."""
    counts = {mark: address.count(mark) for pair in _BRACKETS.items() for mark in pair}
    end = len(address)
    while end:
        last = address[end - 1]
        if last in _BRACKETS and counts[last] > counts[_BRACKETS[last]]:
            counts[last] -= 1
        elif last not in _TRAILING:
            break
        end -= 1
    return address[:end]


def _leads_where_it_says(address: str) -> bool:
    """Whether an address has a host and no user part: `https://bank.example@evil.example` is left as text."""
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and "@" not in parts.netloc and (parts.port or 80) > 0
    except ValueError:
        return False
