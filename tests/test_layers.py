"""The layout is the architecture: imports run one way, pure rooms stay pure, files stay small."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import majlis

PACKAGE = Path(majlis.__file__).parent
MAY_IMPORT = {
    "errors": set(),
    "domain": {"errors"},
    "judge": {"domain", "errors"},
    "signals": {"domain", "errors"},
    "store": {"domain", "errors"},
    "services": {"store", "signals", "judge", "domain", "errors"},
    "interchange": {"services", "store", "signals", "judge", "domain", "errors"},
    "web": {"interchange", "services", "store", "signals", "judge", "domain", "errors"},
    "learn": {"signals", "judge", "domain", "errors"},
    "config": {"domain", "errors"},
    "serving": {"errors"},
    "app": {"config", "serving", "web", "interchange", "services", "store", "signals", "judge", "domain", "errors"},
    "cli": {"app", "config", "learn", "interchange", "services", "store", "signals", "judge", "domain", "errors"},
}
"""What each room may import beside itself."""

IMPURE = {"os", "time", "random", "logging", "asyncio", "pathlib", "socket", "sqlite3", "secrets", "threading"}
DRIVERS = {"apsw", "asyncpg", "sqlite3", "sqlalchemy", "alembic", "nats"}
CLIENTS = {"httpx", "requests", "urllib.request", "aiohttp", "http.client", "urllib3"}
MOST_LINES = 400
FILES = sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    """Return the room of a file: its folder, or its own name at the top."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """Yield the dotted name of everything that a file imports, wherever it does."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own(name: str) -> str | None:
    """Return the room that an import of our own names."""
    parts = name.split(".")
    return parts[1] if parts[0] == "majlis" and len(parts) > 1 else None


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_one_way(path: Path) -> None:
    here = room(path)
    if here == "__init__":
        return
    allowed = MAY_IMPORT[here] | {here, "__version__"}

    assert {name for found in imports(path) if (name := own(found))} <= allowed


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_each_outside_thing_has_its_room(path: Path) -> None:
    here = room(path)
    tops = {name.split(".")[0] for name in imports(path)}
    if here in {"domain", "judge"}:
        assert not tops & IMPURE
    if here != "store":
        assert not tops & DRIVERS
    if path.name not in {"remote.py", "deliver.py"}:
        assert not {client for client in CLIENTS for name in imports(path) if name.startswith(client)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_is_short_and_says_what_it_is_for(path: Path) -> None:
    text = path.read_text("utf-8")

    assert len(text.splitlines()) <= MOST_LINES
    if "migrations" not in path.parts or text:
        assert ast.get_docstring(ast.parse(text)), "no docstring"


def test_errors_are_defined_in_one_place() -> None:
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and path.name != "errors.py":
                bases = {ast.unparse(base).split(".")[-1] for base in node.bases}
                assert not bases & {"Exception", "MajlisError", "ValueError", "RuntimeError"}, f"{path}: {node.name}"


def test_transactions_open_in_services_only() -> None:
    for path in FILES:
        if room(path) in {"services", "store"}:
            continue
        writes = [
            node
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Attribute) and node.attr == "write" and ast.unparse(node.value).endswith("database")
        ]
        assert not writes, path
