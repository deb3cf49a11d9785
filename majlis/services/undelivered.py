"""What an admin sees and does about messages to the newsroom's other systems: what waits, what was given up, again."""

from __future__ import annotations

import msgspec

from majlis import errors
from majlis.services.newsroom import Newsroom
from majlis.services.outbox import KIND, Note, read_note
from majlis.store import jobs
from majlis.store.database import Connection
from majlis.store.jobs import Job

SHOWN = 100
"""Messages that were given up, of one page."""


class Receiver(msgspec.Struct, frozen=True, kw_only=True):
    """An address with how much waits for it and was given up. `stopped_at` is since when it wants no more, in ms.

    `known` is false for one that the settings name no more.
    """

    url: str
    known: bool
    waiting: int = 0
    dead: int = 0
    stopped_at: int | None = None


class Dead(msgspec.Struct, frozen=True, kw_only=True):
    """A message that was given up. `known` is whether the settings still name its receiver."""

    job: Job
    note: Note
    known: bool


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """Every receiver, and the messages that were given up last."""

    receivers: list[Receiver]
    dead: list[Dead]


async def overview(newsroom: Newsroom) -> Overview:
    """Return how delivering goes."""
    return await newsroom.database.read(lambda tx: _overview(tx, newsroom))


async def _overview(tx: Connection, newsroom: Newsroom) -> Overview:
    known = [hook.url for hook in newsroom.hooks]
    tally = await jobs.tally(tx, site=newsroom.site, kind=KIND)
    away = await jobs.stopped_targets(tx, site=newsroom.site, kind=KIND)
    dead = await jobs.dead_jobs(tx, site=newsroom.site, kind=KIND, limit=SHOWN)
    return Overview(
        receivers=[
            Receiver(
                url=url,
                known=url in known,
                waiting=tally[url].waiting if url in tally else 0,
                dead=tally[url].dead if url in tally else 0,
                stopped_at=away.get(url),
            )
            for url in dict.fromkeys([*known, *tally])
        ],
        dead=[Dead(job=job, note=read_note(job), known=job.target in known) for job in dead],
    )


async def send_again(newsroom: Newsroom, id: str) -> None:
    """Have a message that was given up sent again, with all its attempts.

    Raises:
        errors.NotFound: it is not there any more, or its receiver is not in the settings.
    """

    async def work(tx: Connection) -> bool:
        job = await jobs.get_job(tx, site=newsroom.site, kind=KIND, id=id)
        if job is None or all(job.target != hook.url for hook in newsroom.hooks):
            return False
        await jobs.begin_again(tx, site=newsroom.site, kind=KIND, target=job.target)
        return await jobs.revive(tx, job, due_at=newsroom.now())

    if not await newsroom.database.write(work):
        raise errors.NotFound("There is no message with this id that could be sent again.")


async def begin_again(newsroom: Newsroom, url: str) -> None:
    """Have everything that was given up for one receiver sent again, and what comes from now on as well.

    Raises:
        errors.NotFound: the settings do not name it.
    """
    if all(url != hook.url for hook in newsroom.hooks):
        raise errors.NotFound("The settings name no such receiver.")

    async def work(tx: Connection) -> None:
        await jobs.begin_again(tx, site=newsroom.site, kind=KIND, target=url)
        await jobs.revive_all(tx, site=newsroom.site, kind=KIND, target=url, due_at=newsroom.now())

    await newsroom.database.write(work)
