"""The load: many requests of one kind over some connections for some seconds, by wrk or, where it is not there, Python.

wrk costs about 5 µs a request, Python about 60, so figures by Python are the generator's as much as the server's.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import random
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass, field

STORIES = 100
"""Stories that are posted to: in one alone, a system that reads its thread for each comment soon does nothing else."""

WRK = shutil.which("wrk")
GENERATOR = "wrk" if WRK else "Python (no wrk found: apt-get install wrk)"


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is sent. In path, header or body `{n}` becomes a number that is new each time, `{ip}` some address, and
    `{story}` one of `STORIES` numbers."""

    path: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    connections: int = 32

    @property
    def varies(self) -> bool:
        """Whether no two are the same."""
        texts = (self.path, self.body, *self.headers.values())
        return any(name in text for text in texts for name in ("{n}", "{ip}", "{story}"))


@dataclass(frozen=True, kw_only=True)
class Load:
    """What came of it. `count` is of requests, p50 and p99 are of their time in ms."""

    count: int
    seconds: float
    p50: float
    p99: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.count / self.seconds


def put(port: int, request: Request, seconds: float) -> Load:
    """Send as much as is answered. Raises SystemExit where an answer is an error."""
    return _wrk(port, request, seconds) if WRK else asyncio.run(_python(port, request, seconds))


def put_some(port: int, request: Request, count: int) -> None:
    """Send so many, one after the other. Raises SystemExit where an answer is an error."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for _ in range(count):
        headers = {name: _filled(value) for name, value in request.headers.items()}
        connection.request(request.method, _filled(request.path), _filled(request.body) or None, headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status >= 400:
            raise SystemExit(f"{request.path} of port {port} answered {answer.status}")
    connection.close()


_LUA = """
wrk.method = %(method)s
wrk.headers["Host"] = "127.0.0.1"
%(headers)s
%(request)s
function done(summary, latency, requests)
  local wrong = summary.errors
  io.write(string.format('\\n{"count":%%d,"us":%%d,"p50":%%d,"p99":%%d,"bad":%%d}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    wrong.status + wrong.connect + wrong.read + wrong.write + wrong.timeout))
end
"""
_VARIES = """
local n = %(seed)d
local function fill(text)
  n = n + 1
  local made = text:gsub("{n}", tostring(n)):gsub("{story}", tostring(n %% %(stories)d))
  return (made:gsub("{ip}", "11." .. n %% 250 .. "." .. math.floor(n / 250) %% 250 .. "." .. n %% 7))
end
local body, headers, path = %(body)s, wrk.headers, %(path)s
function request()
  local filled = {}
  for name, value in pairs(headers) do filled[name] = fill(value) end
  return wrk.format(nil, fill(path), filled, body and fill(body))
end
"""


def _quoted(text: str) -> str:
    """Return a text as Lua reads it, which is as JSON has it where all is ASCII."""
    assert text.isascii()
    return json.dumps(text)


def _wrk(port: int, request: Request, seconds: float) -> Load:
    values = {
        "seed": random.randrange(1 << 45),
        "stories": STORIES,
        "body": _quoted(request.body) if request.body else "nil",
        "path": _quoted(request.path),
    }
    script = _LUA % {
        "method": _quoted(request.method),
        "headers": "\n".join(f"wrk.headers[{_quoted(k)}] = {_quoted(v)}" for k, v in request.headers.items()),
        "request": _VARIES % values if request.varies else "",
    }
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        address = f"http://127.0.0.1:{port}{request.path if not request.varies else '/'}"
        options = ["-t1", f"-c{request.connections}", f"-d{seconds}s", "--timeout", "20s", "-s", file.name]
        command = [str(WRK), *options, address]
        told = subprocess.run(command, capture_output=True, text=True, check=True, start_new_session=True).stdout
    found = json.loads(told.strip().rsplit("\n", 1)[-1])
    if found["bad"]:
        raise SystemExit(f"{found['bad']} of {found['count']} requests for {request.path} failed")
    return Load(count=found["count"], seconds=found["us"] / 1e6, p50=found["p50"] / 1000, p99=found["p99"] / 1000)


def _filled(text: str) -> str:
    number = random.randrange(1 << 45)
    text = text.replace("{n}", str(number)).replace("{story}", str(number % STORIES))
    return text.replace("{ip}", f"11.{number % 250}.{number // 250 % 250}.{number % 7}")


def encode(request: Request) -> bytes:
    """Return the bytes of an HTTP/1.1 request."""
    body = _filled(request.body).encode()
    lines = [f"{request.method} {_filled(request.path)} HTTP/1.1", "host: 127.0.0.1"]
    lines += [f"{name}: {_filled(value)}" for name, value in request.headers.items()]
    lines += [f"content-length: {len(body)}"] if body else []
    return "\r\n".join([*lines, "", ""]).encode() + body


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> tuple[int, bytes, bytes]:
    """Send one request and return status, head and body of its answer."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    size = next((int(line[16:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length: ")), 0)
    return int(head[9:12]), head, await reader.readexactly(size) if size else b""


async def _python(port: int, request: Request, seconds: float) -> Load:
    times: list[float] = []
    fixed = None if request.varies else encode(request)
    begun = time.perf_counter()

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < begun + seconds:
            sent = time.perf_counter()
            status, head, _ = await ask(reader, writer, fixed or encode(request))
            times.append(time.perf_counter() - sent)
            if status >= 400:
                raise SystemExit(f"A request failed: {head[:60]!r}")
        writer.close()

    await asyncio.gather(*(client() for _ in range(request.connections)))
    times.sort()
    whole = time.perf_counter() - begun
    middle, late = times[len(times) // 2], times[int(len(times) * 0.99)]
    return Load(count=len(times), seconds=whole, p50=1000 * middle, p99=1000 * late)


def own_seconds() -> float:
    """Return the processor time that the load took here until now, wrk's own included."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system
