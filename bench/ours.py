"""Majlis under measurement: its database filled through its own services, its server started as anybody starts it."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import sys
from pathlib import Path
from urllib.parse import quote

from bench.load import STORIES, Request, ask, encode
from bench.server import Server, free_port
from bench.target import BROTLI, BUSY, POSTERS, READ_20, READ_200, UNCHANGED, WORDS, Target, posted
from majlis.app import newsroom_of
from majlis.config import Config
from majlis.domain.comment import Status
from majlis.domain.decision import Verdict
from majlis.domain.site import Role, Staff, Story
from majlis.services import keys, moderate, staff, stories
from majlis.services.newsroom import Newsroom
from majlis.services.submit import Draft, submit

SIZES = (20, 200)


def url(story: str) -> str:
    """Return a story's address."""
    return f"http://news.example/{story}"


def thread(story: str) -> str:
    """Return the path of a story's thread."""
    return f"/api/v1/threads?story={quote(url(story), safe='')}"


async def _furnish(config: Config) -> str:
    """Fill the database with a story of each size and those to post to. Return a key that may post without end."""
    async with newsroom_of(config) as (newsroom, _):
        alice = await staff.add_staff(
            newsroom.database, site="main", name="alice", role=Role.EDITOR, now=newsroom.now(), random=os.urandom(10)
        )
        comments = {f"story-{size}": size for size in SIZES}
        busy = (BUSY.replace("{story}", str(number)) for number in range(STORIES))
        for id, size in (comments | dict.fromkeys(busy, 0)).items():
            now = newsroom.now()
            story = Story(id=id, site="main", url=url(id), title="The bridge", language="en", published_at=now)
            await stories.publish(newsroom, story)
            for number in range(size):
                await _publish(newsroom, alice, id, number)
        return await keys.create_key(
            newsroom.database,
            site="main",
            name="bench",
            scope=keys.Scope.WRITE,
            rate="1000000/second",
            now=newsroom.now(),
            random=os.urandom(42),
        )


async def _publish(newsroom: Newsroom, alice: Staff, story: str, number: int) -> None:
    draft = Draft(url=url(story), body=f"Comment {number}: {WORDS}", name=f"reader {number}", trusted=True)
    comment = (await submit(newsroom, draft)).comment
    if comment.status is not Status.APPROVED:
        ruling = moderate.Ruling(comment=comment.id, seen=comment.version, verdict=Verdict.APPROVE)
        await moderate.rule(newsroom, alice, ruling)


def start(name: str, folder: Path, database: str, **settings: str) -> Target:
    """Fill a new database, serve it in one process, and return what to ask of it.

    Args:
        settings: of Majlis, by name.
    """
    port = free_port()
    config = Config(
        database=database, secret=secrets.token_urlsafe(32), public_url=f"http://127.0.0.1:{port}", judging=False
    )
    key = asyncio.run(_furnish(config))
    given = {"database": database, "secret": config.secret, "public_url": config.public_url, "port": str(port)}
    environment = {f"MAJLIS_{name.upper()}": value for name, value in (given | settings).items()}
    command = [str(Path(sys.executable).with_name("majlis")), "serve"]
    server = Server(command, environment | {"MAJLIS_LOG_LEVEL": "error"}, port, folder)
    server.wait("/healthz")
    etag = asyncio.run(_etag(port))
    return Target(name, server, _cases(key, etag))


def _cases(key: str, etag: str) -> dict[str, Request]:
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    sent = {
        "story": {"url": url(BUSY)},
        "author": {"name": "reader {n}"},
        "body": f"Comment {{n}}: {WORDS}",
    }
    post = {
        posted(number): Request(
            path="/api/v1/comments", method="POST", headers=headers, body=json.dumps(sent), connections=number
        )
        for number in POSTERS
    }
    large = thread("story-200")
    return {
        READ_20: Request(path=thread("story-20")),
        READ_200: Request(path=large),
        BROTLI: Request(path=large, headers={"accept-encoding": "br"}),
        UNCHANGED: Request(path=large, headers={"accept-encoding": "br", "if-none-match": etag}),
        **post,
    }


async def _etag(port: int) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = Request(path=thread("story-200"), headers={"accept-encoding": "br"})
    _, head, _ = await ask(reader, writer, encode(request))
    writer.close()
    return next(line[6:] for line in head.decode().split("\r\n") if line.lower().startswith("etag: "))
