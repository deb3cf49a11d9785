"""Reading for the desk: lists with their cursors, one comment with all that surrounds it, and the next one to decide.

Taking the next comment claims it; nothing else here changes anything. No words can be changed from the desk at all.
"""

from __future__ import annotations

import msgspec
from itsdangerous import BadSignature, URLSafeSerializer

from majlis import errors
from majlis.domain.comment import LEASE_MS, Comment, Status
from majlis.domain.decision import Appeal, Decision, Record, Report
from majlis.domain.ids import is_id
from majlis.domain.site import Staff, Story
from majlis.services import appeal
from majlis.services.appeal import OpenAppeal
from majlis.services.newsroom import Newsroom
from majlis.services.status import load_comment
from majlis.store import comments, log, notices, people, queues, records, stories
from majlis.store import desk as around
from majlis.store.database import Connection
from majlis.store.log import Entry
from majlis.store.queues import Backlog, Filter, Order, Place, Shelf

PAGE = 30
"""Comments of one page of a list."""

CONVERSATION = 100
LAST = 5
_STRIDE = 200


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """One of the desk's lists: which shelf, in which order, narrowed to what."""

    shelf: Shelf = Shelf.WAITING
    order: Order = Order.OLDEST
    filter: Filter = Filter()


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One comment of a list. `flags` are the clauses that the judge saw; `reports` the open ones."""

    comment: Comment
    story: Story
    flags: tuple[str, ...]
    reports: tuple[Report, ...]


class ListPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a list; `next` is the cursor of the one that follows, None at the end."""

    items: list[Item]
    next: str | None


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """How much waits, and what everybody is called who is or was at the desk, by id."""

    backlog: Backlog
    appeals: int
    names: dict[str, str]


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One comment in its place.

    `around` is its conversation, or the story's last published comments where it stands alone. `decision` is the
    machine's, with every score and finding. `entries` is what the log says of it, oldest first.
    """

    comment: Comment
    story: Story
    parent: Comment | None
    around: list[Comment]
    alone: bool
    tally: dict[str, int]
    last: list[Comment]
    decision: Decision | None
    records: dict[str, Record]
    entries: list[Entry]
    reports: list[Report]
    appeals: list[Appeal]


def _cursors(newsroom: Newsroom) -> URLSafeSerializer:
    return URLSafeSerializer(newsroom.secret, salt="desk-cursor")


def read_cursor(newsroom: Newsroom, value: str, listing: Listing) -> Place:
    """Return the place that a cursor names. Raises errors.BadCursor for one that was not made here for this list."""
    try:
        place = msgspec.convert(_cursors(newsroom).loads(value), Place)
    except (BadSignature, msgspec.ValidationError, UnicodeError, ValueError):
        place = None
    if place is None or (place.shelf, place.order) != (listing.shelf, listing.order):
        raise errors.BadCursor("The cursor was not made here, or for another list.", field="after")
    return place


async def _page(
    tx: Connection, newsroom: Newsroom, listing: Listing, *, limit: int, after: Place | None
) -> tuple[list[Comment], Place | None]:
    return await queues.page(
        tx,
        site=newsroom.site,
        shelf=listing.shelf,
        order=listing.order,
        filter=listing.filter,
        limit=limit,
        after=after,
    )


async def list_page(newsroom: Newsroom, listing: Listing, *, after: str | None) -> ListPage:
    """Return a page of a list. Raises errors.BadCursor."""
    place = read_cursor(newsroom, after, listing) if after else None

    async def work(tx: Connection) -> tuple[list[Item], Place | None]:
        found, end = await _page(tx, newsroom, listing, limit=PAGE, after=place)
        known: dict[str, Story] = {}
        items = []
        for comment in found:
            if comment.story not in known:
                known[comment.story] = await _story(tx, comment)
            reports = await notices.reports_of(tx, comment.id) if comment.reports else []
            items.append(
                Item(
                    comment=comment,
                    story=known[comment.story],
                    flags=await around.flags(tx, comment.id),
                    reports=tuple(report for report in reports if report.open),
                )
            )
        return items, end

    items, end = await newsroom.database.read(work)
    cursor = str(_cursors(newsroom).dumps(msgspec.to_builtins(end))) if end else None
    return ListPage(items=items, next=cursor)


async def appeals(newsroom: Newsroom, staff: Staff) -> list[OpenAppeal]:
    """Return the objections that can be decided, oldest first: not those whose rejection is no longer there."""
    return [
        found
        for found in await appeal.waiting(newsroom, staff)
        if found.comment.status is Status.REJECTED and found.comment.decision == found.record.id
    ]


async def overview(newsroom: Newsroom, staff: Staff) -> Overview:
    """Return how much waits for people."""

    async def work(tx: Connection) -> tuple[Backlog, dict[str, str]]:
        return await queues.backlog(tx, site=newsroom.site), await people.names(tx, site=newsroom.site)

    backlog, names = await newsroom.database.read(work)
    return Overview(backlog=backlog, appeals=len(await appeals(newsroom, staff)), names=names)


async def case(newsroom: Newsroom, id: str) -> Case:
    """Return one comment in its place. Raises errors.CommentNotFound."""
    return await newsroom.database.read(lambda tx: _case(tx, newsroom, id))


async def _case(tx: Connection, newsroom: Newsroom, id: str) -> Case:
    comment = await load_comment(tx, site=newsroom.site, id=id)
    conversation = await around.conversation(tx, story=comment.story, root=comment.root, limit=CONVERSATION)
    alone = len(conversation) <= 1
    if alone:
        of_story = await around.last_of_story(tx, story=comment.story, limit=LAST + 1)
        conversation = [one for one in of_story if one.id != id][:LAST]
    kept = await records.of_comment(tx, id)
    key = comment.author.key
    last = await around.last_of_author(tx, site=newsroom.site, author_key=key, limit=LAST + 1)
    return Case(
        comment=comment,
        story=await _story(tx, comment),
        parent=await comments.get_comment(tx, comment.parent) if comment.parent else None,
        around=conversation,
        alone=alone,
        tally=await records.author_tally(tx, site=newsroom.site, author_key=key),
        last=[one for one in last if one.id != id][:LAST],
        decision=next((record.decision for record in reversed(kept) if record.decision is not None), None),
        records={record.id: record for record in kept},
        entries=await log.of_comment(tx, id),
        reports=await notices.reports_of(tx, id),
        appeals=await notices.appeals_of(tx, id),
    )


async def _story(tx: Connection, comment: Comment) -> Story:
    story = await stories.get_story(tx, comment.story)
    assert story is not None, comment.story
    return story


async def step(newsroom: Newsroom, staff: Staff, listing: Listing, *, at: str | None, back: bool = False) -> str | None:
    """Return the comment after (or before) one in a list; without one, the first. None where there is no other.

    Waiting comments that a colleague holds are passed over; the one returned is claimed and the one left is given
    back. Forward begins again at the start of the list when its end is reached.
    """

    async def work(tx: Connection) -> str | None:
        here = await comments.get_comment(tx, at) if at and is_id(at) else None
        if here is not None and here.site != newsroom.site:
            here = None
        now = newsroom.now()
        while True:
            found = await _neighbour(tx, newsroom, listing, here=here, back=back, staff=staff.id, now=now)
            if found is None or listing.shelf is not Shelf.WAITING:
                return found
            # A colleague may have claimed it since it was read; reading again then passes it over.
            if await comments.claim(tx, id=found, staff=staff.id, now=now, until=now + LEASE_MS):
                break
        if here is not None:
            await comments.release(tx, id=here.id, staff=staff.id)
        return found

    return await newsroom.database.write(work)


async def _neighbour(
    tx: Connection, newsroom: Newsroom, listing: Listing, *, here: Comment | None, back: bool, staff: str, now: int
) -> str | None:
    bound = _place(listing, here) if here else None
    starts: tuple[Place | None, ...] = (None,) if back or bound is None else (bound, None)
    for start in starts:
        place, last = start, None
        while True:
            found, place = await _page(tx, newsroom, listing, limit=_STRIDE, after=place)
            for comment in found:
                if back and bound is not None and not _before(_place(listing, comment), bound):
                    return last
                if (here and comment.id == here.id) or not _free(listing, comment, staff, now):
                    continue
                if not back:
                    return comment.id
                last = comment.id
            if place is None:
                break
        if back:
            return last
    return None


def _free(listing: Listing, comment: Comment, staff: str, now: int) -> bool:
    if listing.shelf is not Shelf.WAITING:
        return True
    return comment.holder(now) in (None, staff)


def _place(listing: Listing, comment: Comment) -> Place:
    by_risk = listing.shelf is Shelf.WAITING and listing.order is Order.RISK
    key = (2.0 if comment.risk is None else comment.risk) if by_risk else float(comment.submitted_at)
    return Place(listing.shelf, listing.order, key, comment.id)


def _before(one: Place, other: Place) -> bool:
    ascending = one.shelf is Shelf.WAITING and one.order is Order.OLDEST
    return (one.key, one.id) < (other.key, other.id) if ascending else (one.key, one.id) > (other.key, other.id)
