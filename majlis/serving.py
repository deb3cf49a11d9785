"""Answers requests at one port with an ASGI application, in this process or in several. It knows nothing of comments.

Processes are forked, so that a new one has every module loaded already. Nothing may have started a thread before.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import resource
import signal
import socket
import time
from collections.abc import Callable, Coroutine
from multiprocessing.process import BaseProcess

import uvloop
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server
from starlette.types import ASGIApp

from majlis import errors

CONNECTIONS = 16_384
"""The most connections of one process. More wait until one ends; readers who watch hold theirs for long."""

HEADER_MS = 10_000
"""How long the head of a request may take to come."""

REFUSED = 2
"""The exit code of work that cannot be done at all, as it is told; anything else that ends is begun again."""

PAUSE_SECONDS = 1.0
"""How long a place stays empty after its process died, so that one which always dies takes no whole core."""

FINISH_SECONDS = 20.0
"""How long a process that stops waits for requests that were begun."""

STOP_SECONDS = 30.0
"""How long processes may take to stop before they are killed."""

_SIGNALS = {signal.SIGINT, signal.SIGTERM, signal.SIGCHLD}


def run(serving: Coroutine[None, None, None]) -> None:
    """Run until it ends, on the loop that costs least for each request."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serving)


async def serve(application: ASGIApp, *, host: str, port: int, stopping: Callable[[], None]) -> None:
    """Answer requests in this process until it is told to stop, or its parent is gone that runs several of them.

    Args:
        stopping: ends answers that would go on for ever; called before the others are waited for.

    Raises:
        errors.ConfigInvalid: another program listens on the port.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        reserve(host, port).close()
    _allow_files()
    server = Server(
        application,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        websockets=False,
        log_enabled=False,
        backlog=1024,
        backpressure=CONNECTIONS,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_MS),
    )
    loop = asyncio.get_running_loop()
    serving = asyncio.create_task(server.serve())

    def stop() -> None:
        stopping()
        server.stop()  # type: ignore[no-untyped-call]
        loop.call_later(FINISH_SECONDS, serving.cancel)
        if parent is not None:
            loop.remove_reader(parent.sentinel)

    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, stop)
    if parent is not None:
        loop.add_reader(parent.sentinel, stop)
    await asyncio.wait({serving})
    if not serving.cancelled():
        serving.result()


def reserve(host: str, port: int) -> socket.socket:
    """Return a socket that holds a port and does not listen, so that only our own processes can share it.

    Raises:
        errors.ConfigInvalid: the port is taken; the server itself would share it and answer every other request.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
        held = socket.socket(family)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.bind((host, port))
    except OSError as error:
        raise errors.ConfigInvalid(
            f"Port {port} of {host} cannot be listened on: {error.strerror}.",
            hint="Stop the other program, or choose another port.",
            field="port",
        ) from error
    return held


def _allow_files() -> None:
    """Let this process hold as many files, and so connections, as the system allows it."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * CONNECTIONS if most == resource.RLIM_INFINITY else min(most, 2 * CONNECTIONS)
    if now != resource.RLIM_INFINITY and now < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def run_workers(work: Callable[[], None], count: int, *, died: Callable[[int, int], None]) -> int:
    """Run the work in so many processes until told to stop by SIGINT or SIGTERM.

    Args:
        work: ends on SIGTERM, and when its parent process is gone.
        died: told the process id and the exit code of one that ended by itself.

    Returns:
        0 after a stop; REFUSED where one of the first processes ended with this code.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    workers = {_begin(work) for _ in range(count)}
    first = set(workers)
    code = 0
    while workers:
        told = signal.sigwait(_SIGNALS)
        if told is not signal.SIGCHLD:
            break
        for worker in [worker for worker in workers if not worker.is_alive()]:
            assert worker.pid is not None
            assert worker.exitcode is not None
            workers.remove(worker)
            died(worker.pid, worker.exitcode)
            if worker in first and worker.exitcode == REFUSED:
                code = REFUSED
            else:
                workers.add(_begin(work, PAUSE_SECONDS))
        if code:
            break
    _stop(workers)
    return code


def _begin(work: Callable[[], None], pause: float = 0) -> BaseProcess:
    def run() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        time.sleep(pause)
        work()

    worker = multiprocessing.get_context("fork").Process(target=run, name="majlis-worker")
    worker.start()
    return worker


def _stop(workers: set[BaseProcess]) -> None:
    until = time.monotonic() + STOP_SECONDS
    for worker in workers:
        worker.terminate()
    for worker in workers:
        worker.join(max(0, until - time.monotonic()))
        if worker.is_alive():
            worker.kill()
            worker.join()
