"""Our own OpenAPI document, held against the running server by schemathesis: no 5xx, nothing undescribed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import anyio
import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from majlis.app import build, newsroom_of
from majlis.services import keys, stories
from majlis.signals.gather import Signals, load
from majlis.web.openapi import document
from tests.conftest import NOON, a_story, config_for


class Server:
    """The application on uvicorn, in a thread of its own."""

    def __init__(self, folder: Path, signals: Signals) -> None:
        self.folder = folder
        self.signals = signals
        self.key = ""
        self.port = 0
        self.ready = threading.Event()
        self.stopped = threading.Event()

    def run(self) -> None:
        """Serve until told to stop."""
        anyio.run(self._serve)

    async def _serve(self) -> None:
        config = config_for(f"sqlite:///{self.folder / 'majlis.db'}")
        async with newsroom_of(config, signals=self.signals) as (newsroom, live):
            await stories.publish(newsroom, a_story())
            self.key = await keys.create_key(
                newsroom.database, site="main", name="cms", scope=keys.Scope.WRITE, now=NOON, random=bytes(range(42))
            )
            settings = uvicorn.Config(build(config, newsroom, live), port=0, log_level="error")
            server = uvicorn.Server(settings)
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(server.serve)
                while not server.started:
                    await anyio.sleep(0.01)
                self.port = server.servers[0].sockets[0].getsockname()[1]
                self.ready.set()
                await anyio.to_thread.run_sync(self.stopped.wait)
                server.should_exit = True


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("schema"), load())
    thread = threading.Thread(target=made.run, daemon=True)
    thread.start()
    assert made.ready.wait(30)
    with ExitStack() as stack:
        stack.callback(thread.join, 30)
        stack.callback(made.stopped.set)
        yield made


SCHEMA = schemathesis.openapi.from_dict(document())
OPERATIONS = [
    (path, method)
    for path, methods in document()["paths"].items()
    for method in methods
    if not path.endswith("/events")  # this answer never ends
]


@pytest.mark.parametrize(("path", "method"), OPERATIONS, ids=lambda value: value)
def test_the_server_does_what_its_document_says(server: Server, path: str, method: str) -> None:
    @given(case=SCHEMA[path][method].as_strategy())
    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    def holds(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(
            base_url=f"http://127.0.0.1:{server.port}",
            headers={"authorization": f"Bearer {server.key}"},
            checks=[
                not_a_server_error,
                status_code_conformance,
                content_type_conformance,
                response_schema_conformance,
            ],
        )

    holds()
