"""The job table: work written down in the transaction that makes it necessary, and taken by one node at a time.

A job is taken for a lease, and only who took it last may say how it ended; so a node that comes back late changes
nothing. A job may be done twice and is never lost. What a job
is about, when it is tried again and when it is given up is not decided here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import bindparam, case, delete, func, insert, select, update

from majlis.store.database import Connection
from majlis.store.query import Query, Row, Value, insert_new
from majlis.store.tables import jobs, stopped

_J = jobs.c
_S = stopped.c
_ALIVE, _DEAD = _J.dead_at.is_(None), _J.dead_at.is_not(None)
_KIND = (_J.site == bindparam("of_site"), _J.kind == bindparam("of_kind"))
_TARGET = (*_KIND, _J.target == bindparam("of_target"))
_MINE = (_J.id == bindparam("of_id"), _J.attempts == bindparam("taken"), _J.due_at == bindparam("leased"), _ALIVE)
_DUE = (*_TARGET, _ALIVE, _J.due_at <= bindparam("now"))

_ADD = Query(insert(jobs))
_ANY_DUE = Query(select(_J.id).where(*_DUE).limit(1))
_first = select(_J.id).where(*_DUE).order_by(_J.due_at).limit(bindparam("limit")).with_for_update(skip_locked=True)
_first_cte = _first.cte("first_due")
_TAKE = Query(
    update(jobs)
    .where(_J.id.in_(select(_first_cte.c.id)))
    .values(due_at=bindparam("until"), attempts=_J.attempts + 1)
    .returning(*jobs.columns)
)
_FINISH = Query(delete(jobs).where(*_MINE))
_PUT_BACK = Query(update(jobs).where(*_MINE).values(due_at=bindparam("due_at"), error=bindparam("error")))
_BURY = Query(update(jobs).where(*_MINE).values(dead_at=bindparam("dead_at"), error=bindparam("error")))
_BURY_ALL = Query(update(jobs).where(*_TARGET, _ALIVE).values(dead_at=bindparam("dead_at"), error=bindparam("error")))
_ALIVE_AGAIN: dict[str, Any] = {"dead_at": None, "attempts": 0, "due_at": bindparam("due_at")}
_REVIVE = Query(update(jobs).where(*_TARGET, _J.id == bindparam("of_id"), _DEAD).values(_ALIVE_AGAIN))
_REVIVE_ALL = Query(update(jobs).where(*_TARGET, _DEAD).values(_ALIVE_AGAIN))
_FORGET = Query(delete(jobs).where(*_KIND, _DEAD, _J.dead_at < bindparam("before")))
_GET = Query(select(jobs).where(*_KIND, _J.id == bindparam("of_id")))
_LIST_DEAD = Query(select(jobs).where(*_KIND, _DEAD).order_by(_J.dead_at.desc(), _J.id).limit(bindparam("limit")))
_COUNT = Query(
    select(_J.target, func.count(case((_ALIVE, 1))).label("waiting"), func.count(case((_DEAD, 1))).label("dead"))
    .where(*_KIND)
    .group_by(_J.target)
)
_STOP = insert_new(stopped, "site", "kind", "target")
_BEGIN_AGAIN = Query(
    delete(stopped).where(
        _S.site == bindparam("of_site"), _S.kind == bindparam("of_kind"), _S.target == bindparam("of_target")
    )
)
_STOPPED = Query(select(_S.target, _S.at).where(_S.site == bindparam("of_site"), _S.kind == bindparam("of_kind")))


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of work. `content` is JSON text that only its kind understands; `error` says how it failed last.

    Times are ms since 1970 UTC. `due_at` is when it may be taken, which for a taken job is the end of its lease.
    """

    id: str
    site: str
    kind: str
    target: str
    content: str
    created_at: int
    due_at: int
    attempts: int = 0
    error: str = ""
    dead_at: int | None = None


class Tally(msgspec.Struct, frozen=True):
    """How many jobs of a target wait, and how many were given up."""

    waiting: int = 0
    dead: int = 0


def _job(row: Row) -> Job:
    return Job(**row)


def _lease(job: Job) -> dict[str, Value]:
    return {"of_id": job.id, "taken": job.attempts, "leased": job.due_at}


async def add_jobs(tx: Connection, new: Sequence[Job]) -> None:
    """Write jobs down, in the transaction of what makes them necessary."""
    await tx.many(_ADD, [msgspec.structs.asdict(job) for job in new])


async def any_due(tx: Connection, *, site: str, kind: str, target: str, now: int) -> bool:
    """Return whether a job could be taken."""
    return await tx.one(_ANY_DUE, of_site=site, of_kind=kind, of_target=target, now=now) is not None


async def take(tx: Connection, *, site: str, kind: str, target: str, now: int, until: int, limit: int) -> list[Job]:
    """Take the jobs that are due for longest until a moment. What another node is just taking is passed over."""
    rows = await tx.all(_TAKE, of_site=site, of_kind=kind, of_target=target, now=now, until=until, limit=limit)
    return [_job(row) for row in rows]


async def finish(tx: Connection, job: Job) -> bool:
    """Remove a job that was done. False where somebody else has taken it since."""
    return await tx.run(_FINISH, **_lease(job)) == 1


async def put_back(tx: Connection, job: Job, *, due_at: int, error: str) -> bool:
    """Have a job that failed tried again at a time. False where somebody else has taken it since."""
    return await tx.run(_PUT_BACK, **_lease(job), due_at=due_at, error=error) == 1


async def bury(tx: Connection, job: Job, *, dead_at: int, error: str) -> bool:
    """Give a job up. False where somebody else has taken it since."""
    return await tx.run(_BURY, **_lease(job), dead_at=dead_at, error=error) == 1


async def bury_all(tx: Connection, *, site: str, kind: str, target: str, dead_at: int, error: str) -> int:
    """Give every job of a target up. Return how many they were."""
    return await tx.run(_BURY_ALL, of_site=site, of_kind=kind, of_target=target, dead_at=dead_at, error=error)


async def revive(tx: Connection, job: Job, *, due_at: int) -> bool:
    """Have a job that was given up tried again, with all its attempts. False where it is not one any more."""
    of = {"of_site": job.site, "of_kind": job.kind, "of_target": job.target, "of_id": job.id}
    return await tx.run(_REVIVE, **of, due_at=due_at) == 1


async def revive_all(tx: Connection, *, site: str, kind: str, target: str, due_at: int) -> int:
    """Have every job of a target that was given up tried again. Return how many they were."""
    return await tx.run(_REVIVE_ALL, of_site=site, of_kind=kind, of_target=target, due_at=due_at)


async def forget(tx: Connection, *, site: str, kind: str, before: int) -> int:
    """Remove jobs that were given up before a moment. Return how many they were."""
    return await tx.run(_FORGET, of_site=site, of_kind=kind, before=before)


async def get_job(tx: Connection, *, site: str, kind: str, id: str) -> Job | None:
    """Return one job."""
    row = await tx.one(_GET, of_site=site, of_kind=kind, of_id=id)
    return _job(row) if row else None


async def dead_jobs(tx: Connection, *, site: str, kind: str, limit: int) -> list[Job]:
    """Return jobs that were given up, the last one first."""
    return [_job(row) for row in await tx.all(_LIST_DEAD, of_site=site, of_kind=kind, limit=limit)]


async def tally(tx: Connection, *, site: str, kind: str) -> dict[str, Tally]:
    """Return how much waits and was given up, by target. A target without jobs is not there."""
    rows = await tx.all(_COUNT, of_site=site, of_kind=kind)
    return {row["target"]: Tally(row["waiting"], row["dead"]) for row in rows}


async def stop(tx: Connection, *, site: str, kind: str, target: str, now: int) -> None:
    """Keep that a target asked for no more jobs."""
    await tx.run(_STOP, site=site, kind=kind, target=target, at=now)


async def begin_again(tx: Connection, *, site: str, kind: str, target: str) -> bool:
    """Have a stopped target get jobs again. False where it was not stopped."""
    return await tx.run(_BEGIN_AGAIN, of_site=site, of_kind=kind, of_target=target) == 1


async def stopped_targets(tx: Connection, *, site: str, kind: str) -> dict[str, int]:
    """Return the targets that asked for no more jobs, and since when."""
    return {row["target"]: row["at"] for row in await tx.all(_STOPPED, of_site=site, of_kind=kind)}
