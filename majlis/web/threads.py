"""The read path: thread bytes, cached compressed by story, order, page and revision, made before any framework code.

It stands behind web.ready, which asks for one encoding by its bare name and answers 304 and HEAD itself.
"""

from __future__ import annotations

import asyncio
import gzip
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import parse_qs

import brotli
import msgspec
from starlette.types import ASGIApp, Receive, Scope, Send

from majlis import errors
from majlis.domain.comment import Comment
from majlis.domain.site import Story
from majlis.services.newsroom import Newsroom
from majlis.services.stories import look_up
from majlis.services.thread import MOST, read_sort, thread_page
from majlis.web import types
from majlis.web.http import problem
from majlis.web.present import comment_out, story_out

PATH = "/api/v1/threads"
CACHE_BYTES = 64 * 1024 * 1024
BROTLI_QUALITY = 5
GZIP_LEVEL = 6

Key = tuple[str, str, int, str, int]


@dataclass(frozen=True)
class Page:
    """One page of a thread, ready to send."""

    plain: bytes
    brotli: bytes
    gzip: bytes
    etag: bytes

    @property
    def size(self) -> int:
        """Bytes that the page takes in the cache."""
        return len(self.plain) + len(self.brotli) + len(self.gzip)


class Cache:
    """Pages by key, the least recently used dropped first, bounded by bytes; one maker at a time for each key."""

    def __init__(self, most: int = CACHE_BYTES) -> None:
        self._pages: OrderedDict[Key, Page] = OrderedDict()
        self._making: dict[Key, asyncio.Task[Page]] = {}
        self._most = most
        self.bytes = 0

    async def get(self, key: Key, make: Callable[[], Awaitable[Page]]) -> Page:
        """Return the page of a key, made once however many ask for it at the same moment."""
        page = self._pages.get(key)
        if page is not None:
            self._pages.move_to_end(key)
            return page
        making = self._making.get(key)
        if making is None:
            making = asyncio.ensure_future(self._make(key, make))
            self._making[key] = making
            making.add_done_callback(lambda _: self._making.pop(key, None))
        return await asyncio.shield(making)

    async def _make(self, key: Key, make: Callable[[], Awaitable[Page]]) -> Page:
        page = await make()
        self._pages[key] = page
        self.bytes += page.size
        while self.bytes > self._most and len(self._pages) > 1:
            _, dropped = self._pages.popitem(last=False)
            self.bytes -= dropped.size
        return page


class Threads:
    """Answers `GET /api/v1/threads` and hands everything else on."""

    def __init__(self, app: ASGIApp, *, newsroom: Newsroom) -> None:
        self._app = app
        self._newsroom = newsroom
        self._cache = Cache()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH:
            await self._app(scope, receive, send)
            return
        if scope["method"] != "GET":
            refusal = problem(errors.MethodNotAllowed("This address does not take this method."))
            refusal.headers["allow"] = "GET, HEAD"
            await refusal(scope, receive, send)
            return
        try:
            page = await self._page(scope["query_string"])
        except errors.MajlisError as error:
            await problem(error)(scope, receive, send)
            return
        await _answer(scope, send, page)

    async def _page(self, query: bytes) -> Page:
        try:
            asked = parse_qs(query.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=50)
        except ValueError as error:
            raise errors.Unreadable("The query is not valid UTF-8.") from error
        url = asked.get("story", [""])[-1]
        if not url:
            raise errors.InvalidInput("The parameter story is missing.", field="story")
        sort = read_sort(asked.get("sort", ["newest"])[-1])
        limit = _limit(asked.get("limit", [str(MOST)])[-1])
        after = asked.get("after", [""])[-1]
        story = await look_up(self._newsroom, url)
        key = (story.id, sort.value, limit, after, story.revision)

        async def make() -> Page:
            found = await thread_page(self._newsroom, story=story.id, sort=sort, limit=limit, after=after or None)
            return _made(story, found.comments, found.next)

        return await self._cache.get(key, make)


def _limit(value: str) -> int:
    if not value.isascii() or not value.isdigit() or len(value) > 9:
        raise errors.InvalidInput("The value of limit is not a whole number.", field="limit")
    return int(value)


def _made(story: Story, comments: list[Comment], after: str | None) -> Page:
    thread = types.ThreadOut(
        story=story_out(story), comments=[comment_out(comment) for comment in comments], next=after
    )
    plain = msgspec.json.encode(thread)
    return Page(
        plain=plain,
        brotli=brotli.compress(plain, quality=BROTLI_QUALITY),
        gzip=gzip.compress(plain, GZIP_LEVEL, mtime=0),
        etag=f'W/"{sha256(plain).hexdigest()[:24]}"'.encode(),
    )


async def _answer(scope: Scope, send: Send, page: Page) -> None:
    accepted = dict(scope["headers"]).get(b"accept-encoding", b"")
    body = {b"br": page.brotli, b"gzip": page.gzip}.get(accepted, page.plain)
    headers = [
        (b"etag", page.etag),
        (b"cache-control", b"no-cache"),
        (b"vary", b"accept-encoding"),
        (b"access-control-allow-origin", b"*"),
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    if body is not page.plain:
        headers.append((b"content-encoding", accepted))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
