"""Archives that the tests write themselves, in the shape of each format, and short ways to import them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import msgspec
import pytest
from sqlalchemy import select

from majlis.domain.comment import Comment
from majlis.interchange.archive import Archive
from majlis.interchange.formats import reader
from majlis.interchange.taking import Report, take_in
from majlis.services.takeover import Source
from majlis.store import comments, log
from majlis.store.database import Connection, Database
from majlis.store.query import Query
from majlis.store.tables import comments as table
from tests.conftest import NOON

_ALL = Query(select(*comments.SHOWN).order_by(table.c.submitted_at, table.c.id))


class World(msgspec.Struct):
    """A database and a folder for archives."""

    database: Database
    folder: Path

    def file(self, name: str, content: bytes | str) -> Path:
        """Write an archive."""
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    async def take(self, format: str, path: Path, *, base: str = "") -> Report:
        """Import an archive into the site `main`."""
        source = Source(name=format, site="main", language="en", now=NOON, author_key=lambda who: who.encode().hex())
        return await take_in(self.database, Archive(path, base=base), reader(format), source)

    async def stored(self) -> list[Comment]:
        """Return every comment in the order of their dates."""

        async def work(tx: Connection) -> list[Comment]:
            return [comments.comment_of(row) for row in await tx.all(_ALL)]

        return await self.database.read(work)

    async def by_body(self) -> dict[str, Comment]:
        """Return every comment by its words."""
        return {comment.body: comment for comment in await self.stored()}

    async def verify(self) -> int:
        """Walk the log."""
        return await log.verify(self.database, "main")


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return World(database, tmp_path)


def disqus(posts: Sequence[str], *, link: str = "https://news.example/bridge", head: str = "") -> str:
    """Return a Disqus export of one thread."""
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n{head}<disqus xmlns="http://disqus.com" '
        'xmlns:dsq="http://disqus.com/disqus-internals">\n'
        '<category dsq:id="1"><forum>spring</forum><title>General</title><isDefault>true</isDefault></category>\n'
        f'<thread dsq:id="77"><id /><forum>spring</forum><link>{link}</link><title>The bridge &amp; the river</title>'
        "<createdAt>2019-01-02T08:00:00Z</createdAt><isClosed>true</isClosed><isDeleted>false</isDeleted></thread>\n"
        + "\n".join(posts)
        + "\n</disqus>\n"
    )


def post(
    id: str,
    message: str,
    *,
    parent: str = "",
    at: str = "2019-01-02T09:00:00Z",
    deleted: bool = False,
    spam: bool = False,
    name: str = "alice",
    thread: str = "77",
) -> str:
    """Return one post of a Disqus export."""
    above = f'<parent dsq:id="{parent}" />' if parent else ""
    return (
        f'<post dsq:id="{id}"><id /><message><![CDATA[{message}]]></message><createdAt>{at}</createdAt>'
        f"<isDeleted>{str(deleted).lower()}</isDeleted><isSpam>{str(spam).lower()}</isSpam>"
        f"<author><email>{escape(name)}@reader.example</email><name>{escape(name)}</name>"
        f'<isAnonymous>false</isAnonymous></author><thread dsq:id="{thread}" />{above}</post>'
    )
