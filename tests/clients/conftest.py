"""Real clients of other systems, unmodified, against a started server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from majlis.signals.gather import Signals
from tests.clients.transcript import told
from tests.served import Server, serving

HERE = Path(__file__).parent
NODE = Path(sys.executable).with_name("node")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, signals: Signals) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("clients"), signals) as made:
        yield made


@pytest.fixture(autouse=True)
def transcript(request: pytest.FixtureRequest, server: Server) -> Iterator[None]:
    """Compare what a test and the server say to each other with what they said before."""
    begun = len(server.heard)
    yield
    path = HERE / "transcripts" / f"{request.node.name.removeprefix('test_')}.json"
    now = json.dumps([told(one, server) for one in server.heard[begun:]], indent=2, ensure_ascii=False) + "\n"
    if request.config.getoption("--transcripts"):
        path.write_text(now, "utf-8")
    assert now == path.read_text("utf-8")


@pytest.fixture
def node(server: Server) -> Callable[[str], Any]:
    """Run one of the scripts beside this file with the server's address, and return the JSON that it prints."""

    def run(script: str) -> Any:
        assert (HERE / "node_modules").is_dir(), "run make clients"
        done = subprocess.run(
            [NODE, HERE / script, server.origin, server.key],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env=os.environ | {"NO_COLOR": "1"},
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run
