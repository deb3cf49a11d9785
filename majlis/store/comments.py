"""Comments: adding, finding and moving them. The body is written once, when a comment is added, and never again."""

from __future__ import annotations

import msgspec
from sqlalchemy import bindparam, func, insert, or_, select, update

from majlis.domain.comment import Author, Comment, Status
from majlis.store.database import Connection
from majlis.store.query import Query, Row, insert_new
from majlis.store.tables import APPROVED, PENDING, comments, likes

_C = comments.c
SHOWN = tuple(
    column
    for column in comments.columns
    if column.name not in {"search", "digest", "flags", "root_likes", "idempotency_key", "request_hash"}
)
"""The columns that a domain Comment is made of."""

_ADD = insert_new(comments, "site", "idempotency_key")
_BY_ID = Query(select(*SHOWN).where(_C.id == bindparam("id")))
_BY_KEY = Query(
    select(_C.id, _C.request_hash).where(
        _C.site == bindparam("site"), _C.idempotency_key == bindparam("idempotency_key")
    )
)
_MOVE = Query(
    update(comments)
    .where(_C.id == bindparam("old_id"), _C.version == bindparam("seen"))
    .values(
        status=bindparam("status"),
        version=_C.version + 1,
        published_at=bindparam("published_at"),
        root_at=bindparam("root_at"),
        decision=bindparam("decision"),
        claimed_by=None,
        claimed_until=0,
    )
)
_JUDGED = Query(
    update(comments)
    .where(_C.id == bindparam("old_id"))
    .values(
        risk=bindparam("risk"),
        flags=bindparam("flags"),
        language=bindparam("language"),
        direction=bindparam("direction"),
    )
)
_REPLIES = Query(update(comments).where(_C.id == bindparam("old_id")).values(replies=_C.replies + bindparam("change")))
_FEATURE = Query(
    update(comments)
    .where(_C.id == bindparam("old_id"), _C.version == bindparam("seen"))
    .values(featured=bindparam("featured"), version=_C.version + 1)
)
_CLAIM = Query(
    update(comments)
    .where(
        _C.id == bindparam("old_id"),
        or_(
            _C.claimed_by.is_(None),
            _C.claimed_by == bindparam("staff"),
            _C.claimed_until <= bindparam("now"),
            _C.claimed_until > bindparam("until"),
        ),
    )
    .values(claimed_by=bindparam("staff"), claimed_until=bindparam("until"))
)
_RELEASE = Query(
    update(comments)
    .where(_C.id == bindparam("old_id"), _C.claimed_by == bindparam("staff"))
    .values(claimed_by=None, claimed_until=0)
)
_RELEASE_ALL = Query(
    update(comments)
    .where(_C.site == bindparam("old_site"), PENDING, _C.claimed_by == bindparam("staff"))
    .values(claimed_by=None, claimed_until=0)
)
_UNJUDGED = Query(
    select(*SHOWN)
    .where(_C.site == bindparam("site"), PENDING, _C.risk.is_(None), _C.decision.is_(None))
    .where(_C.submitted_at >= bindparam("since"), or_(_C.submitted_at > bindparam("since"), _C.id > bindparam("last")))
    .order_by(_C.submitted_at, _C.id)
    .limit(bindparam("limit"))
)
_DIGESTS_OF_AUTHOR = Query(
    select(_C.id, _C.digest, _C.submitted_at)
    .where(_C.site == bindparam("site"), _C.author_key == bindparam("author_key"))
    .order_by(_C.submitted_at.desc())
    .limit(bindparam("limit"))
)
_DIGESTS_OF_STORY = Query(
    select(_C.id, _C.digest, _C.submitted_at)
    .where(_C.story == bindparam("story"))
    .order_by(_C.submitted_at.desc())
    .limit(bindparam("limit"))
)
_LIKED = Query(
    select(func.count().label("n")).where(
        likes.c.comment == bindparam("comment"), likes.c.reader == bindparam("reader")
    )
)
_LIKE = Query(insert(likes))
_UNLIKE = Query(likes.delete().where(likes.c.comment == bindparam("comment"), likes.c.reader == bindparam("reader")))
_COUNT_LIKE = Query(update(comments).where(_C.id == bindparam("old_id")).values(likes=_C.likes + bindparam("change")))
_COUNT_ROOT_LIKE = Query(
    update(comments)
    .where(_C.root == bindparam("old_id"), _C.story == bindparam("story"), APPROVED)
    .values(root_likes=_C.root_likes + bindparam("change"))
)
_ROOT_LIKES = Query(select(_C.likes).where(_C.id == bindparam("id")))
_SET_ROOT_LIKES = Query(update(comments).where(_C.id == bindparam("old_id")).values(root_likes=bindparam("root_likes")))


class Filing(msgspec.Struct, frozen=True, kw_only=True):
    """What the store keeps beside a new comment: its folded copy, its digest, and the request that brought it."""

    search: str
    digest: str
    idempotency_key: str | None = None
    request_hash: str = ""


class Digest(msgspec.Struct, frozen=True, kw_only=True):
    """The hash of another comment's normal form and when it was submitted."""

    comment: str
    digest: str
    submitted_at: int


def comment_of(row: Row) -> Comment:
    """Make the domain value of a row that holds at least the columns of SHOWN."""
    return Comment(
        id=row["id"],
        site=row["site"],
        story=row["story"],
        parent=row["parent"],
        root=row["root"],
        author=Author(name=row["author_name"], email=row["author_email"], key=row["author_key"]),
        body=row["body"],
        language=row["language"],
        direction=row["direction"],
        status=Status(row["status"]),
        version=row["version"],
        submitted_at=row["submitted_at"],
        published_at=row["published_at"],
        root_at=row["root_at"],
        risk=row["risk"],
        decision=row["decision"],
        likes=row["likes"],
        replies=row["replies"],
        reports=row["reports"],
        featured=bool(row["featured"]),
        claimed_by=row["claimed_by"],
        claimed_until=row["claimed_until"],
    )


async def add_comment(tx: Connection, comment: Comment, filing: Filing) -> bool:
    """Store a new comment. False where its idempotency key brought another one a moment ago."""
    added = await tx.run(
        _ADD,
        id=comment.id,
        site=comment.site,
        story=comment.story,
        parent=comment.parent,
        root=comment.root,
        author_name=comment.author.name,
        author_email=comment.author.email,
        author_key=comment.author.key,
        body=comment.body,
        search=filing.search,
        digest=filing.digest,
        language=comment.language,
        direction=comment.direction,
        status=comment.status.value,
        version=comment.version,
        submitted_at=comment.submitted_at,
        published_at=comment.published_at,
        root_at=comment.root_at,
        risk=comment.risk,
        flags="",
        decision=comment.decision,
        likes=0,
        root_likes=0,
        replies=0,
        reports=0,
        featured=0,
        claimed_by=None,
        claimed_until=0,
        idempotency_key=filing.idempotency_key,
        request_hash=filing.request_hash,
    )
    return added == 1


async def get_comment(tx: Connection, id: str) -> Comment | None:
    """Return the comment with this id, whatever its status."""
    row = await tx.one(_BY_ID, id=id)
    return comment_of(row) if row else None


async def by_idempotency_key(tx: Connection, *, site: str, key: str) -> tuple[str, str] | None:
    """Return the id of the comment that this key brought, and the hash of that request."""
    row = await tx.one(_BY_KEY, site=site, idempotency_key=key)
    return (row["id"], row["request_hash"]) if row else None


async def set_status(
    tx: Connection,
    *,
    id: str,
    seen: int,
    status: Status,
    published_at: int | None,
    root_at: int,
    decision: str,
) -> bool:
    """Move a comment if it still has the version that was seen. False where somebody was first."""
    changed = await tx.run(
        _MOVE,
        old_id=id,
        seen=seen,
        status=status.value,
        published_at=published_at,
        root_at=root_at,
        decision=decision,
    )
    return changed == 1


async def set_judged(
    tx: Connection, *, id: str, risk: float, flags: tuple[str, ...], language: str, direction: str
) -> None:
    """Keep what the judge saw, for the order of the queue and its filters."""
    marked = f",{','.join(flags)}," if flags else ""
    await tx.run(_JUDGED, old_id=id, risk=risk, flags=marked, language=language, direction=direction)


async def change_replies(tx: Connection, *, parent: str, by: int) -> None:
    """Add to the stored count of approved direct replies."""
    await tx.run(_REPLIES, old_id=parent, change=by)


async def set_featured(tx: Connection, *, id: str, seen: int, featured: bool) -> bool:
    """Mark or unmark the editor's pick. False where the version seen is not the current one."""
    return await tx.run(_FEATURE, old_id=id, seen=seen, featured=int(featured)) == 1


async def claim(tx: Connection, *, id: str, staff: str, now: int, until: int) -> bool:
    """Take a comment for one moderator until a time. False where another one holds it."""
    return await tx.run(_CLAIM, old_id=id, staff=staff, now=now, until=until) == 1


async def release(tx: Connection, *, id: str, staff: str) -> None:
    """Give a claim back."""
    await tx.run(_RELEASE, old_id=id, staff=staff)


async def release_all(tx: Connection, *, site: str, staff: str) -> None:
    """Give back everything of the queue that one moderator claimed."""
    await tx.run(_RELEASE_ALL, old_site=site, staff=staff)


async def unjudged(tx: Connection, *, site: str, limit: int, after: Comment | None = None) -> list[Comment]:
    """Return comments that were stored and that nobody looked at yet, oldest first, from after a given one on."""
    since, last = (after.submitted_at, after.id) if after else (0, "")
    return [comment_of(row) for row in await tx.all(_UNJUDGED, site=site, limit=limit, since=since, last=last)]


async def recent_of_author(tx: Connection, *, site: str, author_key: str, limit: int) -> list[Digest]:
    """Return the digests of an author's last comments, newest first."""
    rows = await tx.all(_DIGESTS_OF_AUTHOR, site=site, author_key=author_key, limit=limit)
    return [Digest(comment=row["id"], digest=row["digest"], submitted_at=row["submitted_at"]) for row in rows]


async def recent_of_story(tx: Connection, *, story: str, limit: int) -> list[Digest]:
    """Return the digests of a story's last comments, newest first."""
    rows = await tx.all(_DIGESTS_OF_STORY, story=story, limit=limit)
    return [Digest(comment=row["id"], digest=row["digest"], submitted_at=row["submitted_at"]) for row in rows]


async def like(tx: Connection, *, comment: Comment, reader: str, liked: bool, now: int) -> bool:
    """Set or take back one reader's like. True where that changed something."""
    row = await tx.one(_LIKED, comment=comment.id, reader=reader)
    if bool(row and row["n"]) == liked:
        return False
    if liked:
        await tx.run(_LIKE, comment=comment.id, reader=reader, at=now)
    else:
        await tx.run(_UNLIKE, comment=comment.id, reader=reader)
    change = 1 if liked else -1
    await tx.run(_COUNT_LIKE, old_id=comment.id, change=change)
    if comment.root == comment.id:
        await tx.run(_COUNT_ROOT_LIKE, old_id=comment.id, story=comment.story, change=change)
    return True


async def inherit_root_likes(tx: Connection, *, id: str, root: str) -> None:
    """Give a newly published comment the rank of its conversation in the order by likes."""
    row = await tx.one(_ROOT_LIKES, id=root)
    await tx.run(_SET_ROOT_LIKES, old_id=id, root_likes=row["likes"] if row else 0)
