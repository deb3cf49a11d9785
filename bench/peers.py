"""Other comment systems under measurement, each set up the way its documentation says, its rate limits lifted.

Isso comes from PyPI into a virtual environment of its own. Remark42 is a program whose path is given.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from bench.load import Request, put_some
from bench.server import Server, free_port
from bench.target import BUSY, POSTERS, READ_20, READ_200, REMARK42, REMARK42_CACHED, WORDS, Target, posted

ISSO = ("isso==0.14.0", "gunicorn==27.0.1", "gevent", "packaging")
ENVIRONMENT = Path(__file__).parents[1] / ".venv-isso"
WORKERS = 2
TEXT = f"Comment {{n}}: {WORDS}"


def isso(folder: Path) -> Target:
    """Return Isso behind gunicorn with two workers, moderation off, filled."""
    gunicorn = _installed() / "gunicorn"
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    settings = folder / "isso.cfg"
    settings.write_text(
        f"[general]\ndbpath = {folder}/isso.db\nhost = {origin}/\nnotify = stdout\n[moderation]\nenabled = false\n"
        f"[server]\nlisten = {origin}\n[guard]\nenabled = false\n",
        "utf-8",
    )
    command = [str(gunicorn), "-b", f"127.0.0.1:{port}", "-w", str(WORKERS), "-k", "gevent", "--preload", "isso.run"]
    server = Server(command, {"ISSO_SETTINGS": str(settings)}, port, folder)
    server.wait("/info")

    def post(thread: str, connections: int) -> Request:
        body = {"text": TEXT, "author": "reader {n}", "email": "reader@news.example", "title": "The bridge"}
        return Request(
            path=f"/new?uri=%2F{thread}",
            method="POST",
            headers={"content-type": "application/json"},
            body=json.dumps(body),
            connections=connections,
        )

    _fill(port, post)
    cases = {READ_20: Request(path="/?uri=%2Fstory-20"), READ_200: Request(path="/?uri=%2Fstory-200")}
    return Target("Isso", server, cases | {posted(number): post(BUSY, number) for number in POSTERS})


def _installed() -> Path:
    """Return the programs of Isso's environment, made on the first run."""
    ready = ENVIRONMENT / "ready"
    if not ready.exists() or ready.read_text() != " ".join(ISSO):
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
        install = [str(ENVIRONMENT / "bin" / "python"), "-m", "pip", "install", "--quiet", *ISSO]
        subprocess.run(install, check=True)
        ready.write_text(" ".join(ISSO))
    return ENVIRONMENT / "bin"


def remark42(program: Path, folder: Path, *, cache: bool) -> Target:
    """Return Remark42, filled.

    Args:
        cache: whether its cache is made large enough for a thread of 200; by default it is not.
    """
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    home = folder / f"remark42-{port}"
    home.mkdir()
    options = {
        "url": origin,
        "secret": "a secret for the length of one run",
        "site": "remark",
        "address": "127.0.0.1",
        "port": str(port),
        "admin-passwd": "measured",
        "update-limit": "1000000",
        "edit-time": "1s",  # within it no more than 5,000 comments are taken: each waits until its images may be kept
        "store.bolt.path": f"{home}/db",
        "backup": f"{home}/backup",
        "avatar.fs.path": f"{home}/avatars",
        "image.fs.path": f"{home}/images",
        "image.fs.staging": f"{home}/staging",
    }
    options |= {"cache.max.value": "4000000"} if cache else {}
    command = [str(program.resolve()), "server", "--auth.anon", *(f"--{name}={one}" for name, one in options.items())]
    server = Server(command, {}, port, home)
    server.wait("/ping")
    admin = base64.b64encode(b"admin:measured").decode()

    def post(thread: str, connections: int) -> Request:
        body = {"text": TEXT, "locator": {"site": "remark", "url": f"{origin}/{thread}"}}
        return Request(
            path="/api/v1/comment?site=remark",
            method="POST",
            headers={"content-type": "application/json", "authorization": f"Basic {admin}"},
            body=json.dumps(body),
            connections=connections,
        )

    def read(thread: str) -> Request:
        path = f"/api/v1/find?site=remark&url={quote(f'{origin}/{thread}', safe='')}&sort=-time&format=tree"
        return Request(path=path, headers={"x-real-ip": "{ip}"})  # it takes ten reads a second from one address

    _fill(port, post)
    cases = {READ_20: read("story-20"), READ_200: read("story-200")}
    cases |= {posted(number): post(BUSY, number) for number in POSTERS}
    return Target(REMARK42_CACHED if cache else REMARK42, server, cases)


def _fill(port: int, post: Callable[[str, int], Request]) -> None:
    for size in (20, 200):
        put_some(port, post(f"story-{size}", 1), size)
