"""Decisions as they were kept, and the versions of guidelines and policy that they name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import bindparam, func, insert, select

from majlis.domain.decision import Decision, Evidence, Finding, Record, Submission, Verdict
from majlis.store.database import Connection
from majlis.store.log import row_hash
from majlis.store.query import Query, Row, insert_new
from majlis.store.tables import comments, guidelines, policies, records, stories

_R = records.c
_ADD = Query(insert(records))
_BY_ID = Query(select(records).where(_R.id == bindparam("id")))
_OF_COMMENT = Query(select(records).where(_R.comment == bindparam("comment")).order_by(_R.at, _R.id))
_LAST_OF = Query(
    select(records)
    .where(_R.site == bindparam("site"), _R.actor == bindparam("actor"))
    .order_by(_R.at.desc(), _R.id.desc())
    .limit(1)
)
_M = records.alias("machine")
_DECIDED = Query(
    select(comments.c.id, _R.verdict, _M.c.decision, stories.c.section)
    .join(records, (_R.id == comments.c.decision) & (_R.actor != "machine") & (_R.actor != "author"))
    .join(_M, (_M.c.comment == comments.c.id) & _M.c.decision.is_not(None))
    .join(stories, stories.c.id == comments.c.story)
    .where(comments.c.site == bindparam("site"), comments.c.id > bindparam("after"))
    .order_by(comments.c.id, _M.c.at, _M.c.id)
    .limit(bindparam("limit"))
)
_TALLY = Query(
    select(comments.c.status, func.count().label("n"))
    .where(comments.c.site == bindparam("site"), comments.c.author_key == bindparam("author_key"))
    .group_by(comments.c.status)
)
_ADD_GUIDELINES = insert_new(guidelines, "version")
_ADD_POLICY = insert_new(policies, "version")
_GUIDELINES = Query(select(guidelines.c.source).where(guidelines.c.version == bindparam("version")))
_POLICY = Query(select(policies.c.source).where(policies.c.version == bindparam("version")))


def _text(value: Any) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()


def _row(record: Record) -> Row:
    return {
        "id": record.id,
        "site": record.site,
        "comment": record.comment,
        "at": record.at,
        "actor": record.actor,
        "verdict": record.verdict.value,
        "status": record.status,
        "clauses": _text(record.clauses),
        "findings": _text(record.findings),
        "note": record.note,
        "undoes": record.undoes,
        "decision": _text(record.decision),
        "submission": _text(record.submission),
        "evidence": _text(record.evidence),
    }


def _record(row: Row) -> Record:
    return Record(
        id=row["id"],
        site=row["site"],
        comment=row["comment"],
        at=row["at"],
        actor=row["actor"],
        verdict=Verdict(row["verdict"]),
        status=row["status"],
        clauses=msgspec.json.decode(row["clauses"], type=tuple[str, ...]),
        findings=msgspec.json.decode(row["findings"], type=tuple[Finding, ...]),
        note=row["note"],
        undoes=row["undoes"],
        decision=msgspec.json.decode(row["decision"], type=Decision) if row["decision"] else None,
        submission=msgspec.json.decode(row["submission"], type=Submission) if row["submission"] else None,
        evidence=msgspec.json.decode(row["evidence"], type=Evidence) if row["evidence"] else None,
    )


async def add_record(tx: Connection, record: Record) -> str:
    """Store a decision and return the hash under which the log knows it."""
    row = _row(record)
    await tx.run(_ADD, **row)
    return row_hash(row)


async def add_imported(tx: Connection, made: Sequence[Record]) -> list[str]:
    """Store decisions that were made elsewhere and return the hashes under which the log knows them."""
    rows = [_row(record) for record in made]
    await tx.many(_ADD, rows)
    return [row_hash(row) for row in rows]


async def get_record(tx: Connection, id: str) -> Record | None:
    """Return one decision."""
    row = await tx.one(_BY_ID, id=id)
    return _record(row) if row else None


async def of_comment(tx: Connection, comment: str) -> list[Record]:
    """Return every decision on a comment, oldest first."""
    return [_record(row) for row in await tx.all(_OF_COMMENT, comment=comment)]


async def last_of_actor(tx: Connection, *, site: str, actor: str) -> Record | None:
    """Return the last decision of one person of the desk."""
    row = await tx.one(_LAST_OF, site=site, actor=actor)
    return _record(row) if row else None


class Decided(NamedTuple):
    """A comment on which a person decided, with what the machine had said of it."""

    comment: str
    verdict: Verdict
    decision: Decision
    section: str


async def decided_by_people(tx: Connection, *, site: str, after: str, limit: int) -> list[Decided]:
    """Return comments that stand where a person put them, by id; one that the machine read twice comes twice."""
    rows = await tx.all(_DECIDED, site=site, after=after, limit=limit)
    return [
        Decided(
            row["id"],
            Verdict(row["verdict"]),
            msgspec.json.decode(row["decision"], type=Decision),
            row["section"],
        )
        for row in rows
    ]


async def author_tally(tx: Connection, *, site: str, author_key: str) -> dict[str, int]:
    """Return how many comments an author has, by status."""
    return {row["status"]: row["n"] for row in await tx.all(_TALLY, site=site, author_key=author_key)}


async def keep_guidelines(tx: Connection, *, version: str, language: str, source: str, now: int) -> None:
    """Keep the text of a version that decisions will name."""
    await tx.run(_ADD_GUIDELINES, version=version, language=language, source=source, first_used_at=now)


async def keep_policy(tx: Connection, *, version: str, source: str, now: int) -> None:
    """Keep the text of a policy that decisions will name."""
    await tx.run(_ADD_POLICY, version=version, source=source, first_used_at=now)


async def guidelines_source(tx: Connection, version: str) -> str | None:
    """Return the text of a version of the guidelines."""
    row = await tx.one(_GUIDELINES, version=version)
    return row["source"] if row else None


async def policy_source(tx: Connection, version: str) -> str | None:
    """Return the text of a version of the policy."""
    row = await tx.one(_POLICY, version=version)
    return row["source"] if row else None
