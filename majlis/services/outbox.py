"""What the newsroom's other systems are told of a comment: written down in the transaction of what it tells of.

A job holds ids only, and its message is made when it is sent: words of a comment are nowhere a second time, and what
an author took back meanwhile is not sent any more. Nothing is sent here.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from majlis.domain.comment import Actor, Comment, Status
from majlis.domain.decision import Appeal, Record
from majlis.domain.moment import iso
from majlis.domain.site import Story
from majlis.services.newsroom import Newsroom
from majlis.store import comments, jobs, notices, records, stories
from majlis.store.database import Connection
from majlis.store.jobs import Job

KIND = "webhook"


class Event(StrEnum):
    """What is told, in the names that receivers see."""

    SUBMITTED = "comment.submitted"
    APPROVED = "comment.approved"
    REJECTED = "comment.rejected"
    APPEALED = "comment.appealed"


OF_STATUS = {Status.APPROVED: Event.APPROVED, Status.REJECTED: Event.REJECTED}


class Note(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a job of the kind `webhook` is about. `version` is the comment's at that moment."""

    event: Event
    at: int
    comment: str
    version: int
    record: str | None = None
    appeal: str | None = None


def read_note(job: Job) -> Note:
    """Return what a job is about."""
    return msgspec.json.decode(job.content, type=Note)


async def tell(
    tx: Connection,
    newsroom: Newsroom,
    event: Event,
    comment: Comment,
    *,
    at: int,
    record: str | None = None,
    appeal: str | None = None,
) -> None:
    """Have every address of the newsroom told of a comment as it now is, except those that asked for no more."""
    if not newsroom.hooks:
        return
    note = Note(event=event, at=at, comment=comment.id, version=comment.version, record=record, appeal=appeal)
    content = msgspec.json.encode(note).decode()
    away = await jobs.stopped_targets(tx, site=newsroom.site, kind=KIND)
    new = [
        Job(
            id=newsroom.new_id(),
            site=newsroom.site,
            kind=KIND,
            target=hook.url,
            content=content,
            created_at=at,
            due_at=at,
        )
        for hook in newsroom.hooks
        if hook.url not in away
    ]
    await jobs.add_jobs(tx, new)


async def message(tx: Connection, job: Job) -> str:
    """Return the body that a job sends, in the shape of Standard Webhooks: `type`, `timestamp` and `data`.

    Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    """
    note = read_note(job)
    comment = await comments.get_comment(tx, note.comment)
    assert comment is not None, note.comment
    story = await stories.get_story(tx, comment.story)
    assert story is not None, comment.story
    silent = comment.status is Status.WITHDRAWN
    data: dict[str, Any] = {"comment": _comment(comment, story, note.version, silent=silent)}
    if note.record is not None:
        record = await records.get_record(tx, note.record)
        assert record is not None, note.record
        data["decision"] = _decision(record, silent=silent)
    if note.appeal is not None:
        appeal = await notices.get_appeal(tx, note.appeal)
        assert appeal is not None, note.appeal
        data["appeal"] = _appeal(appeal, silent=silent)
    whole = {"type": note.event.value, "timestamp": iso(note.at), "data": data}
    return msgspec.json.encode(whole).decode()


def _comment(comment: Comment, story: Story, version: int, *, silent: bool) -> dict[str, Any]:
    return {
        "id": comment.id,
        "version": version,
        "story": {"url": story.url, "title": story.title},
        "parent": comment.parent,
        "author": None if silent else {"name": comment.author.name},
        "body": None if silent else comment.body,
        "language": comment.language,
        "dir": comment.direction,
        "submitted_at": iso(comment.submitted_at),
    }


def _decision(record: Record, *, silent: bool) -> dict[str, Any]:
    quotes: dict[str, list[dict[str, Any]]] = {clause: [] for clause in record.clauses}
    for found in record.findings:
        if found.clause in quotes and not silent:
            quotes[found.clause].append({"quote": found.quote, "start": found.start, "end": found.end})
    return {
        "id": record.id,
        "status": record.status,
        "decided_at": iso(record.at),
        "automated": record.actor == Actor.MACHINE,
        "clauses": [{"clause": clause, "quotes": words} for clause, words in quotes.items()],
        "note": record.note,
    }


def _appeal(appeal: Appeal, *, silent: bool) -> dict[str, Any]:
    return {
        "id": appeal.id,
        "against": appeal.record,
        "reason": None if silent else appeal.reason,
        "submitted_at": iso(appeal.at),
    }
