"""Taking over comments that another system held, with the decisions that were made there. It judges nothing.

A comment's id follows from its source and its id there, so that taking the same one over again changes nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from hashlib import sha256

import msgspec

from majlis import errors
from majlis.domain.comment import Author, Comment, Status
from majlis.domain.decision import Record, Verdict
from majlis.domain.site import LANGUAGES, Story, direction
from majlis.domain.text import check_text, cleaned, is_blank, search_form
from majlis.services.stories import check_url
from majlis.signals.text import digest
from majlis.store import imports, log, records, stories
from majlis.store.comments import Filing
from majlis.store.database import Connection, Database
from majlis.store.imports import Imported, Place

ACTOR = "import"
NAMELESS = "Anonymous"
MAX_BODY = 100_000
"""Characters. Archives hold longer comments than this newsroom takes today, and none of them is cut."""

EARLIEST = 631_152_000_000
"""1990, in ms: nobody commented on the web before."""

DAY_MS = 24 * 3600 * 1000
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_VERDICT = {
    Status.APPROVED: Verdict.APPROVE,
    Status.REJECTED: Verdict.REJECT,
    Status.PENDING: Verdict.REFER,
    Status.WITHDRAWN: Verdict.REFER,
}


class OldStory(msgspec.Struct, frozen=True, kw_only=True):
    """The page that comments stood under. `at` is when it was published, in ms; None where nobody knows."""

    url: str
    title: str = ""
    at: int | None = None
    open: bool = True


class OldComment(msgspec.Struct, frozen=True, kw_only=True):
    """A comment as another system held it.

    `key` and `parent` are ids that no other comment of the same source has. `original` is the HTML that `body` was
    taken out of; None where `body` is what was typed. `note` says in the other system's words how it stood.
    """

    key: str
    story: OldStory
    name: str
    body: str
    at: int
    status: Status
    parent: str | None = None
    email: str | None = None
    original: str | None = None
    likes: int = 0
    featured: bool = False
    note: str = ""
    place: str = ""


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """A checked comment with what is made of its words alone. `direction` is None where they have no letters."""

    old: OldComment
    filing: Filing
    direction: str | None


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where comments come from and where they go. `author_key` makes the key of an author of who they are."""

    name: str
    site: str
    language: str
    now: int
    author_key: Callable[[str], str]


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of some comments. `waiting` are replies to comments that did not come yet."""

    written: tuple[Comment, ...]
    known: int
    waiting: tuple[Prepared, ...]
    strayed: int


def prepare(old: OldComment, now: int) -> Prepared:
    """Return an old comment as it can be kept, outside of any transaction. Raises errors.InvalidInput."""
    old = _checked(old, now)
    filing = Filing(search=search_form(f"{old.name} {old.body}"), digest=digest(old.body))
    return Prepared(old=old, filing=filing, direction=_direction(old.body))


def _checked(old: OldComment, now: int) -> OldComment:
    check_url(old.story.url)
    if not EARLIEST <= old.at <= now + DAY_MS:
        raise errors.InvalidInput("Its date is before 1990 or in the future.")
    name, body = cleaned(old.name)[:200], cleaned(old.body, lines=True)
    if is_blank(body) and old.status is not Status.WITHDRAWN:
        raise errors.InvalidInput("It has no text.")
    check_text(body, field="body", max_bytes=4 * MAX_BODY, max_characters=MAX_BODY, lines=True)
    check_text(name, field="author.name", max_bytes=800, max_characters=200)
    known = old.email and len(old.email) <= 254 and old.email.isprintable() and _EMAIL.fullmatch(old.email)
    return msgspec.structs.replace(
        old,
        name=NAMELESS if is_blank(name) else name,
        body=body,
        email=old.email if known else None,
        original=cleaned(old.original, lines=True) if old.original is not None else None,
        likes=max(0, min(old.likes, 2**53)),
    )


async def take_over(database: Database, source: Source, batch: Sequence[Prepared], *, strays: bool = False) -> Taken:
    """Store prepared comments with their old decisions, all of them or, on an error, none.

    Args:
        strays: whether a reply to a comment that is not there begins a conversation of its own; else it waits.

    Raises:
        errors.StoreUnavailable: nothing of this batch was stored.
    """

    async def work(tx: Connection) -> Taken:
        return await _take(tx, source, batch, strays)

    return await database.write(work)


async def _take(tx: Connection, source: Source, batch: Sequence[Prepared], strays: bool) -> Taken:
    wanted = {comment_id(source, key) for one in batch for key in (one.old.key, one.old.parent) if key}
    there = await imports.places(tx, sorted(wanted))
    homes = await _stories(tx, source, batch)
    made: list[tuple[Imported, OldComment]] = []
    known = strayed = 0
    waiting = list(batch)
    moved = True
    while waiting and moved:
        rest = []
        for prepared in waiting:
            old = prepared.old
            if comment_id(source, old.key) in there:
                known += 1
                continue
            parent = there.get(comment_id(source, old.parent)) if old.parent else None
            if old.parent and parent is None and not strays:
                rest.append(prepared)
                continue
            story = homes[old.story.url]
            if parent is not None and parent.story != story.id:
                parent = None
            strayed += bool(old.parent) and parent is None
            one = _imported(source, prepared, story, parent)
            made.append((one, old))
            there[one.comment.id] = Place(
                story=story.id, root=one.comment.root, root_at=one.comment.root_at, root_likes=one.root_likes
            )
        moved = len(rest) < len(waiting)
        waiting = rest
    await _keep(tx, source, made)
    return Taken(written=tuple(one.comment for one, _ in made), known=known, waiting=tuple(waiting), strayed=strayed)


async def _stories(tx: Connection, source: Source, batch: Sequence[Prepared]) -> dict[str, Story]:
    """Return the stories of a batch by address, adding those that are not known."""
    found: dict[str, Story] = {}
    for prepared in batch:
        old = prepared.old
        url = old.story.url
        if url in found:
            continue
        known = await stories.story_by_url(tx, site=source.site, url=url)
        found[url] = known or await stories.put_story(
            tx,
            Story(
                id=sha256(f"{source.site}\0{url}".encode()).hexdigest()[:32],
                site=source.site,
                url=url,
                title=cleaned(old.story.title)[:500] or url[:500],
                language=source.language if source.language in LANGUAGES else "en",
                published_at=old.story.at if old.story.at is not None else old.at,
                open=old.story.open,
            ),
        )
    return found


def comment_id(source: Source, key: str) -> str:
    """Return the id that a comment of this source always gets."""
    return old_id(source.site, source.name, "comment", key)


def old_id(site: str, source: str, kind: str, key: str) -> str:
    """Return the id that a thing of this kind, known by a key in another system, always gets."""
    return sha256(f"{site}\0{source}\0{kind}\0{key}".encode()).hexdigest()[:32]


def _imported(source: Source, prepared: Prepared, story: Story, parent: Place | None) -> Imported:
    old = prepared.old
    id = comment_id(source, old.key)
    who = old.email.casefold() if old.email else f"{search_form(old.name)}\0{source.name}"
    approved = old.status is Status.APPROVED
    likes = parent.root_likes if parent else old.likes
    comment = Comment(
        id=id,
        site=source.site,
        story=story.id,
        parent=comment_id(source, old.parent) if parent and old.parent else None,
        root=parent.root if parent else id,
        author=Author(name=old.name, email=old.email, key=source.author_key(who)),
        body=old.body,
        language=story.language,
        direction=prepared.direction or direction(story.language),
        status=old.status,
        version=1,
        submitted_at=old.at,
        published_at=old.at if approved else None,
        root_at=parent.root_at if parent else old.at,
        decision=old_id(source.site, source.name, "record", old.key),
        likes=old.likes,
        featured=old.featured and approved,
    )
    return Imported(
        comment=comment, filing=prepared.filing, root_likes=likes, source=source.name, original=old.original
    )


async def _keep(tx: Connection, source: Source, made: Sequence[tuple[Imported, OldComment]]) -> None:
    """Store rows, decisions and log entries: each comment as imported, then as it stood."""
    decisions = [_decision(source, one.comment, old) for one, old in made]
    await imports.add_imported(tx, [one for one, _ in made])
    hashes = await records.add_imported(tx, decisions)
    for (one, old), record, hashed in zip(made, decisions, hashes, strict=True):
        comment = one.comment
        origin: dict[str, object] = {"source": source.name, "key": old.key, "story": comment.story}
        if one.original is not None:
            origin["original"] = log.body_hash(one.original)
        origin["body"] = log.body_hash(comment.body)
        _tell(tx, source, "imported", comment, origin)
        stood = {"record": record.id, "record_hash": hashed, "clauses": [], "decided_at": record.at}
        _tell(tx, source, comment.status.value, comment, stood)


def _tell(tx: Connection, source: Source, kind: str, comment: Comment, content: dict[str, object]) -> None:
    log.append(tx, site=source.site, at=source.now, kind=kind, comment=comment.id, actor=ACTOR, content=content)


def _decision(source: Source, comment: Comment, old: OldComment) -> Record:
    return Record(
        id=old_id(source.site, source.name, "record", old.key),
        site=source.site,
        comment=comment.id,
        at=old.at,
        actor=ACTOR,
        verdict=_VERDICT[old.status],
        status=old.status.value,
        note=f"{source.name}: {old.note or old.status.value}",
    )


def _direction(body: str) -> str | None:
    """Return the direction of most letters: an archive does not say in which language a comment is."""
    if body.isascii():
        return "ltr" if any(character.isalpha() for character in body) else None
    kinds = [unicodedata.bidirectional(character) for character in body[:400]]
    left, right = kinds.count("L"), kinds.count("R") + kinds.count("AL")
    return None if left == right else "rtl" if right > left else "ltr"
