"""Readers who watch one thread live: how long after a change the last of them is told.

Run as a program it is the readers, in a process of their own: it says `ready` when all watch, and after the next
change the time at which the last was told (CLOCK_MONOTONIC, which all processes share).
"""

from __future__ import annotations

import http.client
import json
import resource
import selectors
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from bench.load import Request, encode
from bench.server import Server

ROOT = Path(__file__).parents[1]
EVENT = b"event: revision\n"
AT_ONCE = 200
"""Connections that are opened at the same moment; a full accept queue would only measure retries."""


@dataclass(frozen=True)
class Told:
    """Ms from sending a change to the last reader's being told, and the server's MiB for each thousand readers."""

    milliseconds: float
    rss: float


def measure(server: Server, story: str, readers: int, number: int) -> Told:
    """Have so many watch a story while somebody likes a comment of it. `number` names who does."""
    path = f"/api/v1/threads/events?story={quote(story, safe='')}"
    comment = _json(server.port, "GET", f"/api/v1/threads?story={quote(story, safe='')}")["comments"][0]["id"]
    before = server.rss()
    command = [sys.executable, "-m", "bench.live", str(server.port), path, str(readers)]
    watching = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True)
    try:
        assert watching.stdout is not None
        if watching.stdout.readline() != "ready\n":
            raise SystemExit("The readers could not connect.")
        used = server.rss() - before
        sent = time.monotonic()
        _json(server.port, "PUT", f"/api/v1/comments/{comment}/like", {"reader": f"reader {number}"})
        told = float(watching.stdout.readline())
    finally:
        watching.kill()
        watching.wait()
    return Told(1000 * (told - sent), used / readers * 1000)


def _json(port: int, method: str, path: str, body: dict[str, str] | None = None) -> dict:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, json.dumps(body) if body else None, {"content-type": "application/json"})
    answer = connection.getresponse()
    if answer.status >= 400:
        raise SystemExit(f"{method} {path} answered {answer.status}")
    return json.loads(answer.read())


def _watch(port: int, path: str, readers: int) -> None:
    """Watch by so many connections. It does as little as it can for each, since it takes its time from the server."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    request = encode(Request(path=path))
    selector = selectors.DefaultSelector()
    for first in range(0, readers, AT_ONCE):
        for _ in range(min(AT_ONCE, readers - first)):
            connection = socket.create_connection(("127.0.0.1", port))
            connection.sendall(request)
            selector.register(connection, selectors.EVENT_READ)
        _all_told(selector, min(AT_ONCE, readers - first))
    time.sleep(1)
    print("ready", flush=True)
    _all_told(selector, readers)
    print(time.monotonic(), flush=True)


def _all_told(selector: selectors.BaseSelector, readers: int) -> None:
    """Read until so many connections have told of a revision."""
    while readers:
        for key, _ in selector.select():
            assert isinstance(key.fileobj, socket.socket)
            readers -= EVENT in key.fileobj.recv(4096)


if __name__ == "__main__":
    _watch(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
