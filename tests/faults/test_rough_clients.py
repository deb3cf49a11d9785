"""Clients that are slow, half there, or that try to hide a second request in the first: all others are served on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from majlis.serving import HEADER_MS
from majlis.signals.gather import Signals
from majlis.web.http import BODY_SECONDS
from tests.faults.process import Served, served, words

pytestmark = pytest.mark.processes

HIDDEN = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"
SIZE = str(len(HIDDEN)).encode()
WHOLE = str(len(HIDDEN) + 5).encode()
HALF_OPEN = 300


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory, signals: Signals) -> AsyncIterator[Served]:
    folder = tmp_path_factory.mktemp("rough")
    async with served(f"sqlite:///{folder / 'majlis.db'}", folder, signals) as made:
        yield made


def post(headers: bytes, body: bytes) -> bytes:
    """Return a request whose framing is what these headers say."""
    head = b"POST /api/v1/comments HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    return head + headers + b"\r\n" + body


async def answers(server: Served, request: bytes) -> list[int]:
    """Send bytes on a connection of their own. Return the statuses of all answers that come."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.config.port)
    writer.write(request)
    received = b""
    while b"\r\n\r\n" not in received and (part := await reader.read(65_536)):
        received += part
    try:
        async with asyncio.timeout(1):  # a second answer would follow at once
            while part := await reader.read(65_536):
                received += part
    except (TimeoutError, ConnectionError):
        pass
    writer.close()
    return [int(line[9:12]) for line in received.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]


SHAPES = {
    "a length and chunks": post(
        b"content-length: " + WHOLE + b"\r\ntransfer-encoding: chunked\r\n", b"0\r\n\r\n" + HIDDEN
    ),
    "chunks and a length": post(
        b"transfer-encoding: chunked\r\ncontent-length: 5\r\n", b"23\r\n" + HIDDEN + b"\r\n0\r\n\r\n"
    ),
    "two lengths": post(b"content-length: 0\r\ncontent-length: " + SIZE + b"\r\n", HIDDEN),
    "two lengths in one line": post(b"content-length: 0, " + SIZE + b"\r\n", HIDDEN),
    "a length with a sign": post(b"content-length: +" + SIZE + b"\r\n", HIDDEN),
    "a space before the colon": post(b"content-length : " + SIZE + b"\r\n", HIDDEN),
    "a folded line": post(b"x-note: one\r\n two\r\ncontent-length: 2\r\n", b"{}"),
    "a folded encoding": post(
        b"transfer-encoding:\r\n chunked\r\ncontent-length: " + WHOLE + b"\r\n", b"0\r\n\r\n" + HIDDEN
    ),
    "an unknown encoding": post(
        b"transfer-encoding: xchunked\r\ncontent-length: " + WHOLE + b"\r\n", b"0\r\n\r\n" + HIDDEN
    ),
    "chunks that are not the last encoding": post(b"transfer-encoding: chunked, identity\r\n", b"0\r\n\r\n" + HIDDEN),
    "a chunk that ends in a bare line feed": post(b"transfer-encoding: chunked\r\n", b"2\n{}\n0\n\n" + HIDDEN),
    "a bare line feed between headers": post(b"x-note: one\ncontent-length: " + SIZE + b"\r\n", HIDDEN),
    "a null byte": post(b"x-note: a\0b\r\ncontent-length: " + SIZE + b"\r\n", HIDDEN),
}
"""RFC 9112, sections 2.2, 5.1, 5.2, 6.1, 6.3 and 11.2."""


@pytest.mark.parametrize("shape", SHAPES)
async def test_no_second_request_can_hide_in_a_first(server: Served, shape: str) -> None:
    assert await answers(server, SHAPES[shape]) == [400]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (b"x-long: " + b"y" * 10_000 + b"\r\n", 200),
        (b"x-long: " + b"y" * 1_000_000 + b"\r\n", 431),
        (b"".join(b"x-%d: y\r\n" % number for number in range(500)), 431),
    ],
    ids=["10,000 bytes", "a million bytes", "500 headers"],
)
async def test_headers_are_read_up_to_a_bound(server: Served, headers: bytes, status: int) -> None:
    assert await answers(server, b"GET /healthz HTTP/1.1\r\nhost: x\r\n" + headers + b"\r\n") == [status]


async def test_half_open_connections_keep_nobody_out_and_are_closed(server: Served) -> None:
    half = [await asyncio.open_connection("127.0.0.1", server.config.port) for _ in range(HALF_OPEN)]
    for _, writer in half:
        writer.write(b"GET /healthz HTTP/1.1\r\nhost: ")
    begun = time.monotonic()

    async with server.client() as client:
        assert (await server.post(client, words())).status_code == 201
        assert (await client.get("/healthz")).status_code == 200
    assert not any(reader.at_eof() for reader, _ in half) or time.monotonic() - begun > HEADER_MS / 1000

    async with asyncio.timeout(HEADER_MS / 1000 + 60):
        await asyncio.gather(*(reader.read() for reader, _ in half), return_exceptions=True)
    for _, writer in half:
        writer.close()


async def test_a_body_that_comes_byte_by_byte_is_given_up(server: Served) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.config.port)
    writer.write(post(b"content-length: 90000\r\n", b""))

    async def trickle() -> None:
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(1)

    slowly = asyncio.create_task(trickle())
    async with asyncio.timeout(BODY_SECONDS + 60):
        head = await reader.readuntil(b"\r\n\r\n")
    slowly.cancel()
    await asyncio.gather(slowly, return_exceptions=True)
    writer.close()

    assert head.startswith(b"HTTP/1.1 400 ")
