"""A server under measurement: started, asked whether it answers, and what its whole process tree took so far."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
PATIENCE_SECONDS = 120


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A program that listens on a port of this machine, with all processes that it starts."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], port: int, folder: Path) -> None:
        self.port = port
        self._log = (folder / f"{port}.log").open("wb")
        # A session of its own, so that the system shares its time between programs and not between their parents.
        self._process = subprocess.Popen(
            command,
            env={**os.environ, **environment},
            stdout=self._log,
            stderr=subprocess.STDOUT,
            cwd=folder,
            start_new_session=True,
        )

    def wait(self, path: str) -> None:
        """Wait until it answers a path, with any status."""
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5).close()
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise SystemExit(f"A server did not start: {Path(self._log.name).read_text('utf-8', 'replace')[-2000:]}")

    def cpu_seconds(self) -> float:
        """Return the processor time of the tree until now."""
        return sum(cpu_seconds(pid) for pid in tree(self._process.pid))

    def rss(self) -> float:
        """Return the resident memory of the tree in MiB; pages that processes share count once for each."""
        return sum(_field(pid, "statm")[1] for pid in tree(self._process.pid)) * PAGE / 2**20

    def files(self) -> int:
        """Return how many files and connections the tree holds open."""
        return sum(_files(pid) for pid in tree(self._process.pid))

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(5)
        self._log.close()


def tree(pid: int) -> Iterator[int]:
    """Yield a process and all below it."""
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for child in children:
        yield from tree(int(child))


def cpu_seconds(pid: int) -> float:
    """Return the processor time of one process, its own and the system's for it."""
    fields = _field(pid, "stat")
    return (fields[11] + fields[12]) / TICK if fields else 0.0


def _field(pid: int, name: str) -> list[int]:
    """Return the numbers of a file in /proc, those of `stat` from the state's place on."""
    try:
        text = Path(f"/proc/{pid}/{name}").read_text()
    except OSError:
        return [0, 0] if name == "statm" else []
    return [int(word) if word.lstrip("-").isdigit() else 0 for word in text.rpartition(")")[2].split()]


def _files(pid: int) -> int:
    try:
        return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return 0


def machine_seconds() -> tuple[float, float]:
    """Return the busy and the whole processor time of the machine until now."""
    ticks = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / TICK, sum(ticks) / TICK
