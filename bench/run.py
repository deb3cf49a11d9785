"""Measures the read and the write path of a real server over real sockets, and writes bench/results.md.

The load comes from this machine too, so read the figures against each other. It compares with nobody yet.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from majlis.app import newsroom_of
from majlis.config import Config
from majlis.domain.comment import Status
from majlis.domain.decision import Verdict
from majlis.domain.site import Role, Story
from majlis.services import keys, moderate, staff, stories
from majlis.services.submit import Draft, submit

ROUNDS = 5
SECONDS = 2.0
CONNECTIONS = 16
COMMENTS = 200
RESULTS = Path(__file__).parent / "results.md"
STORY = "http://news.example/bridge"


async def furnish(config: Config) -> str:
    """Fill a database with one story of 200 comments. Return an API key."""
    async with newsroom_of(config) as (newsroom, _):
        await stories.publish(
            newsroom,
            Story(id="bridge", site="main", url=STORY, title="The bridge", language="en", published_at=newsroom.now()),
        )
        alice = await staff.add_staff(
            newsroom.database, site="main", name="alice", role=Role.EDITOR, now=newsroom.now(), random=os.urandom(10)
        )
        for number in range(COMMENTS):
            body = f"Comment {number}: the council promised new buses in spring, and the stop by the mill is closed."
            draft = Draft(url=STORY, body=body, name=f"reader {number}", trusted=True)
            comment = (await submit(newsroom, draft)).comment
            if comment.status is not Status.APPROVED:
                ruling = moderate.Ruling(comment=comment.id, seen=comment.version, verdict=Verdict.APPROVE)
                await moderate.rule(newsroom, alice, ruling)
        return await keys.create_key(
            newsroom.database,
            site="main",
            name="bench",
            scope=keys.Scope.WRITE,
            rate="1000000/minute",
            now=newsroom.now(),
            random=os.urandom(42),
        )


async def _client(port: int, make: Callable[[], bytes], until: float, times: list[float], bad: list[bytes]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.perf_counter() < until:
        begun = time.perf_counter()
        writer.write(make())
        head = await reader.readuntil(b"\r\n\r\n")
        size = next((int(line[16:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length: ")), 0)
        if size:
            await reader.readexactly(size)
        times.append(time.perf_counter() - begun)
        if head[9:12] not in {b"200", b"201", b"304"}:
            bad.append(head[:60])
    writer.close()


async def load(port: int, make: Callable[[], bytes]) -> tuple[float, float, float]:
    """Return requests a second, and the median and 99th percentile of their time in ms."""
    times: list[float] = []
    bad: list[bytes] = []
    until = time.perf_counter() + SECONDS
    await asyncio.gather(*(_client(port, make, until, times, bad) for _ in range(CONNECTIONS)))
    if bad:
        raise SystemExit(f"{len(bad)} requests failed, such as {bad[0]!r}")
    times.sort()
    return len(times) / SECONDS, 1000 * statistics.median(times), 1000 * times[int(len(times) * 0.99)]


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """Return an HTTP/1.1 request."""
    lines = [f"{method} {path} HTTP/1.1", "host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    if body:
        lines += ["content-type: application/json", f"content-length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def cases(key: str, etag: str) -> dict[str, Callable[[], bytes]]:
    """Return what is measured: a maker of requests by name."""
    path = f"/api/v1/threads?story={quote(STORY, safe='')}"
    compressed = request("GET", path, {"accept-encoding": "br"})
    same = request("GET", path, {"accept-encoding": "br", "if-none-match": etag})

    def post() -> bytes:
        words = f"When does the stop by the mill open again? {secrets.token_hex(6)}"
        sent = {"story": {"url": STORY}, "author": {"name": secrets.token_hex(4)}, "body": words}
        return request("POST", "/api/v1/comments", {"authorization": f"Bearer {key}"}, json.dumps(sent).encode())

    return {
        f"thread of {COMMENTS} comments, br": lambda: compressed,
        "the same, 304": lambda: same,
        "comment posted, stored and judged": post,
    }


async def wait_for(port: int) -> str:
    """Wait until the server answers. Return the thread's ETag."""
    path = f"/api/v1/threads?story={quote(STORY, safe='')}"
    for _ in range(200):
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        writer.write(request("GET", path, {}))
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        writer.close()
        return next(line[6:] for line in head.split("\r\n") if line.lower().startswith("etag: "))
    raise SystemExit("the server did not start")


async def measure(config: Config, key: str) -> dict[str, list[tuple[float, float, float]]]:
    """Run every case in turn, several rounds, against a server of its own process."""
    environment = {
        "MAJLIS_DATABASE": config.database,
        "MAJLIS_SECRET": config.secret,
        "MAJLIS_PUBLIC_URL": config.public_url,
        "MAJLIS_PORT": str(config.port),
        "MAJLIS_LOG_LEVEL": "error",
    }
    server = subprocess.Popen([str(Path(sys.executable).with_name("majlis")), "serve"], env=os.environ | environment)
    try:
        made = cases(key, await wait_for(config.port))
        found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in made}
        for _ in range(ROUNDS):
            for name, make in made.items():
                if "304" in name:
                    make = cases(key, await wait_for(config.port))[name]
                found[name].append(await load(config.port, make))
        return found
    finally:
        server.terminate()
        server.wait(10)


def report(found: dict[str, list[tuple[float, float, float]]]) -> str:
    """Return the page of results."""
    lines = [
        "# Benchmarks",
        "",
        f"`make bench`, {time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores ({platform.machine()}), Python",
        f"{platform.python_version()}, SQLite with synchronous=FULL, one process, {CONNECTIONS} connections. The load",
        f"generator is Python and shares the cores, so these are lower bounds. Medians of {ROUNDS} rounds of",
        f"{SECONDS:.0f} s, the cases taking turns; in brackets the slowest and the fastest round.",
        "",
        "| case | requests/s | p50 ms | p99 ms |",
        "|---|---|---|---|",
    ]
    for name, rounds in found.items():
        rates = [rate for rate, _, _ in rounds]
        middle = [statistics.median(column) for column in zip(*rounds, strict=True)]
        spread = f"{middle[0]:,.0f} ({min(rates):,.0f} to {max(rates):,.0f})"
        lines.append(f"| {name} | {spread} | {middle[1]:.2f} | {middle[2]:.2f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure and write the results."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        config = Config(
            database=f"sqlite:///{folder}/majlis.db",
            secret=secrets.token_urlsafe(32),
            public_url=f"http://127.0.0.1:{port}",
            port=port,
        )
        key = asyncio.run(furnish(config))
        text = report(asyncio.run(measure(config, key)))
    RESULTS.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
